import { type Health, type PushedActuals, type PushedSeries, utcText } from '@tidemark/shared/contract';
import { encodeModel } from '@tidemark/shared/contract/model-file';
import { UserError } from '@tidemark/shared/errors';
import { type Artifact, bucketStart, createGrid, type Series, type SeriesCounts } from '@tidemark/shared/forecasting';
import Table from 'cli-table3';
import { Command, Option } from 'commander';
import { checkAlike, OTHER_BUCKETS, readModelAndSeries } from '../artifact/model-and-series.ts';
import { membersOf } from '../history/groups.ts';
import { readPreparedCounts } from '../history/prepared-counts.ts';
import { workConfig } from '../history/work-config.ts';
import { showProgress } from '../progress.ts';
import { decidePromotion } from '../retrain/promotion.ts';
import { addressAt, answerOf, readAnswer, serviceAt } from '../retrain/service.ts';
import { servedSeries } from '../training/served-series.ts';
import { configOption, jsonOption, wholeNumber, workOption } from './options.ts';

interface PublishOptions {
  readonly work: string;
  readonly config?: string;
  readonly api: string;
  readonly key?: string;
  readonly backfillDays?: number;
  readonly force?: boolean;
  readonly json?: boolean;
}

interface CycleReport {
  readonly series: number;
  readonly bands: number;
  readonly verdicts: number;
  readonly milliseconds: number;
  /** Chunks that a queue scores after the answer. */
  readonly queued: number;
}

/** Buckets in one request: about half a megabyte. */
const BUCKETS_A_REQUEST = 40_000;

/** `trainer publish`: the model and the actuals to a running API, which then scores what it was not given before. */
export function publishCommand(): Command {
  return new Command('publish')
    .description('Send the model and the actuals to a running API and let it score them.')
    .addOption(workOption())
    .addOption(configOption())
    .option('--api <url>', 'address of the API', 'http://127.0.0.1:8787')
    .addOption(new Option('--key <key>', 'API key of scope admin').env('TIDEMARK_API_KEY'))
    .option(
      '--backfill-days <days>',
      'days before the newest bucket to issue bands for (default: what the API is set to)',
      wholeNumber(0, 730),
    )
    .option('--force', 'publish even a model worse than the one in service')
    .addOption(jsonOption())
    .action(publish);
}

async function publish(options: PublishOptions): Promise<void> {
  const { artifact, all: prepared } = await readModelAndSeries(options.work);
  const all = servedSeries(artifact, prepared);
  const counts = await readPreparedCounts(options.work, all);
  const members = membersOf(all, (await workConfig(options.work, options.config)).groups.named);
  const stop = new AbortController();
  const send = sender(options, stop.signal);
  if (options.force !== true) await checkNoWorse(artifact, all, options);
  if ((await versionInService(send)) !== artifact.metadata.modelVersion) await sendModel(send, artifact);
  const interrupt = () => stop.abort();
  process.once('SIGINT', interrupt);
  try {
    await sendActuals(send, all, options, (series) =>
      pushOf(series, counts.get(series.id), members.get(series.id), options.backfillDays),
    );
    tell(options, artifact, all, await scored(send));
  } catch (error) {
    throw onceLive(error, artifact.metadata.modelVersion);
  } finally {
    process.off('SIGINT', interrupt);
  }
}

/** The version that the service has; a model of the same version, trained again on the same history, is refused there. */
async function versionInService(send: Send): Promise<string | null> {
  return ((await send('GET', '/v1/health', 'application/json')) as Health).model_version;
}

async function sendModel(send: Send, artifact: Artifact): Promise<void> {
  try {
    await send('PUT', '/v1/model', 'text/plain', encodeModel(artifact));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    // A proxy's own answer does not say what the service did.
    const isRefused =
      error.code === 'api-refused' && !PROXY_TIMEOUTS.includes((error.cause as { status?: number }).status);
    const stands = isRefused
      ? 'Not published: the model in service stays; once that is mended'
      : `Whether the model "${artifact.metadata.modelVersion}" is live is not known; once the API answers`;
    throw new UserError(
      error.code,
      `${error.message}\n${stands}, run \`trainer publish\`: it need not be trained again`,
      {
        cause: error,
      },
    );
  }
}

/** An error that came when the model was live already: whoever reads it has to know, and what to do. */
function onceLive(error: unknown, version: string): unknown {
  if (!(error instanceof UserError)) return error;
  return new UserError(
    error.code,
    `${error.message}\nThe model "${version}" is live already, but not all actuals were sent and scored: run \`trainer publish\` again, which sends them whole, or go back with POST /v1/model/rollback`,
    { cause: error },
  );
}

async function sendActuals(
  send: Send,
  all: readonly Series[],
  { json }: Pick<PublishOptions, 'json'>,
  asPushed: (series: Series) => PushedSeries,
): Promise<void> {
  const progress = json ? null : showProgress('actuals', all.length);
  let sent = 0;
  try {
    for (const batch of batchesOf(all)) {
      const body: PushedActuals = { step_minutes: (batch[0]?.stepMs ?? 0) / 60_000, series: batch.map(asPushed) };
      await send('PUT', '/v1/actuals', 'application/json', JSON.stringify(body));
      sent += batch.length;
      progress?.update(sent, batch.at(-1)?.id ?? '');
    }
  } finally {
    progress?.stop();
  }
}

/** Has the service score what it was sent; `report` is `null` where the answer did not come. */
async function scored(send: Send): Promise<{ readonly report: CycleReport | null; readonly seconds: number }> {
  const started = performance.now();
  const report = await refreshed(send);
  if (report && report.queued > 0) await cycleDone(send);
  return { report, seconds: Math.round(performance.now() - started) / 1_000 };
}

/** Says what was published, and how much was scored of it. */
function tell(
  options: PublishOptions,
  artifact: Artifact,
  all: readonly Series[],
  { report, seconds }: Awaited<ReturnType<typeof scored>>,
): void {
  if (options.json) {
    const { modelVersion } = artifact.metadata;
    const { series, bands, verdicts } = report ?? { series: null, bands: null, verdicts: null };
    process.stdout.write(
      `${JSON.stringify({ stage: 'publish', modelVersion, series: all.length, scored: series, origins: bands, verdicts, seconds })}\n`,
    );
    return;
  }
  const table = new Table({ style: { head: [], border: [] }, colAligns: ['left', 'right'] });
  const rows = !report
    ? []
    : report.queued > 0
      ? [['chunks scored by the queue', report.queued]]
      : [
          ['origins with new bands', report.bands.toLocaleString('en-US')],
          ['buckets judged', report.verdicts.toLocaleString('en-US')],
        ];
  table.push(
    ['model', artifact.metadata.modelVersion],
    ['series', all.length],
    ['buckets', all.reduce((sum, { values }) => sum + values.length, 0).toLocaleString('en-US')],
    ...rows,
    ['scoring', `${seconds} s`],
  );
  process.stdout.write(`${table.toString()}\nServed by ${options.api}\n`);
}

/**
 * @throws UserError `worse-model` unless the model does as well as the one in service on the newest history, `other-step` or
 * `measure-conflict` where the two forecast other buckets.
 */
async function checkNoWorse(artifact: Artifact, all: readonly Series[], { api, key }: PublishOptions): Promise<void> {
  const inService = await serviceAt(api, key).model();
  if (inService === null || inService.metadata.modelVersion === artifact.metadata.modelVersion) return;
  checkAlike(
    { name: 'the model in service', ...inService.metadata },
    { name: 'the model to publish', ...artifact.metadata },
    OTHER_BUCKETS,
  );
  const { promoted, reason } = await decidePromotion(artifact, inService, all);
  if (promoted) return;
  throw new UserError(
    'worse-model',
    `not published: ${reason}; the model in service stays. Train on more history, or publish it all the same with --force`,
  );
}

type Send = (method: string, path: string, type: string, body?: string) => Promise<unknown>;

/** Longest to wait for a cycle; it goes on by itself afterwards. */
const QUEUE_PATIENCE_MS = 1_800_000;

/** What a proxy answers in the place of a service that takes longer than the proxy waits; the second by Cloudflare. */
const PROXY_TIMEOUTS: readonly unknown[] = [504, 524];

/**
 * Has all that was sent scored, and says how much that was; `null` where the answer did not come. A long backfill takes
 * longer than a connection without an answer is kept open, here or by a proxy: the cycle goes on in the service, and is
 * waited for there.
 */
async function refreshed(send: Send): Promise<CycleReport | null> {
  try {
    return (await send('POST', '/v1/refresh', 'application/json', '{}')) as CycleReport;
  } catch (error) {
    const failed = (error as Error).cause as { status?: number; cause?: { code?: string } } | undefined;
    const isCutOff = failed?.cause?.code === 'UND_ERR_HEADERS_TIMEOUT' || PROXY_TIMEOUTS.includes(failed?.status);
    if (!isCutOff) throw error;
    await cycleDone(send);
    return null;
  }
}

/** Waits until the service's last cycle has finished. */
async function cycleDone(send: Send): Promise<void> {
  const until = performance.now() + QUEUE_PATIENCE_MS;
  while (performance.now() < until) {
    const { last_cycle } = (await send('GET', '/v1/health', 'application/json')) as Health;
    if (!last_cycle || last_cycle.finished_at !== null) return;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

/** Sends a request and reads the JSON answer. */
function sender({ api, key }: PublishOptions, signal: AbortSignal): Send {
  return async (method, path, type, body) => {
    const address = addressAt(api, path);
    const headers = { 'content-type': type, ...(key ? { authorization: `Bearer ${key}` } : {}) };
    const request = { method, headers, signal, ...(body === undefined ? {} : { body }) };
    const { ok, status, text } = await answerOf(address, request);
    if (!ok) {
      throw new UserError('api-refused', `${method} ${address}: ${detailOf(text, status)}`, { cause: { status } });
    }
    return readAnswer(address, text, JSON.parse);
  };
}

/** The sentence of a problem document; the status where the answer is something else. */
function detailOf(text: string, status: number): string {
  try {
    const { detail } = JSON.parse(text) as { detail?: unknown };
    if (typeof detail === 'string') return detail;
  } catch {
    // Not a problem document: some other server stands there.
  }
  return `answered ${status}`;
}

function* batchesOf(all: readonly Series[]): Generator<Series[]> {
  let batch: Series[] = [];
  let buckets = 0;
  for (const series of all) {
    if (batch.length > 0 && buckets + series.values.length > BUCKETS_A_REQUEST) {
      yield batch;
      batch = [];
      buckets = 0;
    }
    batch.push(series);
    buckets += series.values.length;
  }
  if (batch.length > 0) yield batch;
}

/** A series as the API takes it; of the open buckets at its end only the first is sent, as open. */
function pushOf(
  series: Series,
  counts: SeriesCounts | undefined,
  members: readonly string[] | undefined,
  backfillDays: number | undefined,
): PushedSeries {
  const { firstBucket, stepMs, states } = series;
  const firstOpen = states.indexOf('open');
  const complete = firstOpen < 0 ? states.length : firstOpen;
  const values = Array.from(series.values.subarray(0, complete + (firstOpen < 0 ? 0 : 1)), (value) =>
    Number.isNaN(value) ? null : value,
  );
  const scoreFrom =
    backfillDays === undefined
      ? null
      : Math.max(firstBucket, firstBucket + complete - 1 - backfillDays * createGrid(stepMs).perDay);
  return {
    series: series.id,
    measure: series.measure,
    start: utcText(bucketStart(firstBucket, stepMs)),
    values,
    ...(firstOpen < 0 ? {} : { open: true }),
    ...(members === undefined ? {} : { members: [...members] }),
    ...(counts === undefined ? {} : countsToPush(counts, values.length)),
    ...(scoreFrom === null ? {} : { score_from: utcText(bucketStart(scoreFrom, stepMs)) }),
  };
}

function countsToPush(counts: SeriesCounts, length: number): Pick<PushedSeries, 'counts' | 'parts'> {
  const list = (all: Float64Array) =>
    Array.from(all.subarray(0, length), (value) => (Number.isNaN(value) ? null : value));
  const { attempts, approved, sales, logSum, logSquares, refunds, parts } = counts;
  return {
    counts: {
      attempts: list(attempts),
      approved: list(approved),
      sales: list(sales),
      log_sum: list(logSum).map(rounded),
      log_squares: list(logSquares).map(rounded),
      refunds: list(refunds).map(rounded),
    },
    parts: parts.map((part) => ({
      dimension: part.dimension,
      value: part.value,
      attempts: list(part.attempts),
      approved: list(part.approved),
    })),
  };
}

/** Sums without what adding floats leaves behind. */
function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1e4) / 1e4;
}
