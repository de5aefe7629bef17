import { UserError } from '@tidemark/shared/errors';
import {
  type BucketRange,
  bucketAt,
  bucketStart,
  feedGaps,
  HOUR_MS,
  layOutBuckets,
  qualityOf,
  type Series,
  type SeriesQuality,
} from '@tidemark/shared/forecasting';
import type { Measure } from '@tidemark/shared/vocabulary';
import { type Duck, literal, openDuck } from '@tidemark/shared/warehouse/duckdb';
import { type Config, stepMsOf } from '../config.ts';
import { whyColdStart, whyUnfit } from '../training/fitness.ts';
import { type CountsReport, countsOf, countsReport } from './counts.ts';
import { checkGroupNames } from './groups.ts';
import { bucketFile, type Manifest, readManifest } from './manifest.ts';
import type { CountedSeries } from './prepared.ts';
import { type HistoryTotals, totalsOf } from './totals.ts';

/** A series' quality, with what only the history knows of it. */
export interface SeriesReport extends SeriesQuality {
  /** Whether `train` can do something with it. */
  readonly modelable: boolean;
  /** Why not, or why not by parameters of its own, in words; `null` where neither is so. */
  readonly reason: string | null;
  /** Transactions of merchants that the merchant table lists more than once. */
  readonly duplicated: number;
  /** Transactions that came after their bucket had been fetched as complete, as a share of all. */
  readonly lateShare: number;
}

/** What `prepare` found out about a history; `series/quality.json` holds it. */
export interface QualityReport {
  readonly stepMs: number;
  readonly timeZone: string;
  readonly measure: Measure;
  /** First and last transaction. */
  readonly from: string;
  readonly watermark: string;
  readonly totals: HistoryTotals;
  /** When the feed was down, `[from, to)`. */
  readonly feedGaps: readonly { readonly from: string; readonly to: string }[];
  /** Share of the gross volume that has no client. */
  readonly unmatchedShare: number;
  /** What alarms have to go by beside money, and what they cannot see. */
  readonly counted: CountsReport;
  readonly series: readonly SeriesReport[];
}

/** The hole-free series of a history, and what is to be known of them. */
export interface PreparedHistory {
  readonly all: readonly CountedSeries[];
  readonly report: QualityReport;
}

/**
 * Makes hole-free series of the fetched buckets: each client and each named group. Everything from the bucket of the
 * newest transaction on is open: nobody knows yet what else falls into it.
 * @throws UserError `no-history` where nothing has been fetched, `incomplete-history` where a fetch did not end, `unknown-client` for a group of clients that are not there.
 */
export async function prepareHistory(workFolder: string, config: Config): Promise<PreparedHistory> {
  const manifest = await readManifest(workFolder);
  if (manifest === null || Object.keys(manifest.windows).length === 0) {
    throw new UserError('no-history', `no fetched history in ${workFolder}; run \`trainer fetch\` first`);
  }
  if (!manifest.complete) {
    throw new UserError(
      'incomplete-history',
      `the last fetch into ${workFolder} did not end; run \`trainer fetch\` again`,
    );
  }
  const stepMs = stepMsOf(config);
  if (manifest.stepMs !== stepMs) {
    throw new UserError(
      'other-step',
      `the history in ${workFolder} has ${manifest.stepMs / HOUR_MS}-hour buckets, the configuration says ${config.stepHours}; run \`trainer fetch\` again`,
    );
  }
  const duck = await openDuck();
  try {
    await openBuckets(duck, workFolder, manifest, config);
    const clients = (
      await duck.rows<{ client: string }>(
        'SELECT DISTINCT client FROM buckets WHERE client IS NOT NULL ORDER BY client',
      )
    ).map((row) => row.client);
    const range = rangeOf(manifest, stepMs);
    const openFrom = bucketAt(Date.parse(manifest.watermark), stepMs);
    const gaps = await findGaps(duck, range, openFrom, config);
    const all: CountedSeries[] = [];
    const groups = seriesMembers(clients, config);
    for (const [id, members] of groups) {
      const sparse = await sparseOf(duck, members, config.measure);
      const { values, states, transactions } = layOutBuckets(sparse, range, gaps, openFrom);
      const series: Series = { id, measure: config.measure, stepMs, firstBucket: range.first, values, states };
      all.push({ series, transactions, counts: await countsOf(duck, members, range, states) });
    }
    return { all, report: await reportOf(duck, manifest, config, { gaps, all, groups }) };
  } finally {
    duck.close();
  }
}

async function openBuckets(duck: Duck, workFolder: string, manifest: Manifest, config: Config): Promise<void> {
  const files = Object.keys(manifest.windows).map((month) => literal(bucketFile(workFolder, month)));
  await duck.run(`CREATE TABLE buckets AS
    SELECT *, (epoch_ms(bucket_start) / ${stepMsOf(config)})::BIGINT AS bucket FROM read_parquet([${files.join(', ')}])`);
  // Each series asks for its clients: without it, of thousands, each would read the buckets of all.
  await duck.run('CREATE INDEX bucket_of_client ON buckets (client)');
}

/** Whole buckets from the first window to the one that holds the newest transaction. */
function rangeOf(manifest: Manifest, stepMs: number): BucketRange {
  const starts = Object.values(manifest.windows).map((entry) => Date.parse(entry.from));
  const ends = Object.values(manifest.windows).map((entry) => Date.parse(entry.to));
  const newest = bucketAt(Date.parse(manifest.watermark), stepMs) + 1;
  return { first: bucketAt(Math.min(...starts), stepMs), end: Math.min(bucketAt(Math.max(...ends), stepMs), newest) };
}

async function findGaps(duck: Duck, range: BucketRange, openFrom: number, config: Config): Promise<BucketRange[]> {
  const stepMs = stepMsOf(config);
  const known = { first: range.first, end: Math.min(range.end, openFrom) };
  const feed = await duck.rows<{ bucket: number; value: number; transactions: number }>(
    'SELECT bucket::DOUBLE AS bucket, 0.0::DOUBLE AS value, sum(greatest(transactions + without_amount, attempts))::DOUBLE AS transactions FROM buckets GROUP BY bucket',
  );
  const counts = layOutBuckets(feed, known, [], Number.POSITIVE_INFINITY).transactions;
  const configured = config.feedGaps.map((gap) => ({
    first: bucketAt(Date.parse(gap.from), stepMs),
    end: Math.ceil(Date.parse(gap.to) / stepMs),
  }));
  return [...configured, ...feedGaps(counts, known.first, stepMs)].sort((a, b) => a.first - b.first);
}

/** Series by name with the clients they add up; a group may not take a client's name. */
function seriesMembers(clients: readonly string[], config: Config): Map<string, readonly string[]> {
  checkGroupNames(clients, config.groups);
  const members = new Map<string, readonly string[]>();
  for (const [group, wanted] of Object.entries(config.groups.named)) {
    const unknown = wanted === 'all' ? [] : wanted.filter((client) => !clients.includes(client));
    if (unknown.length > 0) {
      throw new UserError('unknown-client', `group ${group} names a client that is not in the history: ${unknown[0]}`);
    }
    members.set(group, wanted === 'all' ? clients : wanted);
  }
  if (config.groups.eachClient) for (const client of clients) members.set(client, [client]);
  return members;
}

/** Sums of the members per bucket: added up as decimals, so that a cent stays a cent, and only then made numbers. */
async function sparseOf(duck: Duck, members: readonly string[], measure: Measure) {
  return duck.rows<{ bucket: number; value: number; transactions: number; withoutAmount: number }>(
    `SELECT bucket::DOUBLE AS bucket, sum(${measure})::DOUBLE AS value, sum(transactions)::DOUBLE AS transactions,
       sum(without_amount)::DOUBLE AS "withoutAmount"
     FROM buckets WHERE client IN (${members.map(literal).join(', ')}) GROUP BY bucket ORDER BY bucket`,
  );
}

/** What the history was laid out as. */
interface LaidOut {
  readonly gaps: readonly BucketRange[];
  readonly all: readonly CountedSeries[];
  /** Clients by the series that adds them up. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
}

async function reportOf(
  duck: Duck,
  manifest: Manifest,
  config: Config,
  { gaps, all, groups }: LaidOut,
): Promise<QualityReport> {
  const stepMs = stepMsOf(config);
  const [first] = await duck.rows<{ ms: number }>('SELECT epoch_ms(min(bucket_start))::DOUBLE AS ms FROM buckets');
  const [share] = await duck.rows<{ share: number | null }>(
    'SELECT (sum(gross) FILTER (WHERE client IS NULL) / nullif(sum(gross), 0))::DOUBLE AS share FROM buckets',
  );
  const iso = (bucket: number) => new Date(bucketStart(bucket, stepMs)).toISOString();
  return {
    stepMs,
    timeZone: config.timeZone,
    measure: config.measure,
    from: new Date(first?.ms ?? 0).toISOString(),
    watermark: manifest.watermark,
    totals: totalsOf(manifest),
    feedGaps: gaps.map((gap) => ({ from: iso(gap.first), to: iso(gap.end) })),
    unmatchedShare: share?.share ?? 0,
    counted: await countsReport(duck, manifest.dimensions),
    series: all.map(({ series, transactions }) => {
      const quality = qualityOf(series, transactions);
      const members = groups.get(series.id) ?? [];
      const late = countOf(manifest, members, 'late');
      const why = whyUnfit(series);
      const lateShare = quality.transactions === 0 ? 0 : late / quality.transactions;
      const judged = { modelable: why === null, reason: why ?? whyColdStart(series) };
      return { ...quality, ...judged, duplicated: countOf(manifest, members, 'duplicated'), lateShare };
    }),
  };
}

function countOf(manifest: Manifest, clients: readonly string[], what: 'late' | 'duplicated'): number {
  const counts = Object.values(manifest.windows).map((entry) => entry[what]);
  return clients.reduce((sum, client) => sum + counts.reduce((of, count) => of + (count[client] ?? 0), 0), 0);
}
