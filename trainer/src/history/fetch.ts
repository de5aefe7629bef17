import { bucketAt, bucketStart, UserError } from '@tidemark/shared';
import { bucketStatement, instantOf, monthWindows, rangeStatement, type Window } from '@tidemark/shared/athena';
import { type Config, stepMsOf } from '../config.ts';
import type { Duck } from '../duckdb.ts';
import {
  bucketFile,
  dropUnnamed,
  type Entry,
  fileSha256,
  type Manifest,
  openHistoryFolder,
  readManifest,
  sha256Of,
  writeManifest,
} from './manifest.ts';
import type { FetchedWindow, HistorySource, PendingWindow } from './source.ts';

const DAY_MS = 86_400_000;

/** What happens while a history is fetched, in order. */
export type FetchEvent =
  | {
      readonly event: 'planned';
      readonly windows: number;
      readonly pending: number;
      readonly from: string;
      readonly to: string;
    }
  | {
      readonly event: 'window';
      readonly month: string;
      readonly rows: number;
      readonly scannedBytes: number;
      readonly billedBytes: number;
    };

/** What of a log is asked for: all of it unless cut, in epoch ms, on a bucket's edge. */
export interface Asked {
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

/** The windows that cover a history, and those of them that have to be fetched. */
export interface Plan {
  readonly manifest: Manifest;
  readonly windows: readonly Window[];
  readonly pending: readonly PendingWindow[];
}

/**
 * Compares what is asked with what the work folder holds. A finished window is left alone unless its statement changed,
 * its file is not the one the manifest names, or it lay within the late days when it was fetched.
 * @throws UserError `empty-history` when the source has no transaction in the range.
 */
export async function planFetch(
  source: HistorySource,
  config: Config,
  workFolder: string,
  asked: Asked,
  signal: AbortSignal,
): Promise<Plan> {
  const stepMs = stepMsOf(config);
  const range = await logRange(source, config, asked.fromMs, signal);
  if (range === null || (asked.toMs !== undefined && range.firstMs >= asked.toMs)) {
    throw new UserError(
      'empty-history',
      `no transaction in ${config.transactions.table} of ${source.place} in the range asked for`,
    );
  }
  const fresh = freshManifest(source, config, range.lastMs);
  const found = await readManifest(workFolder);
  const kept = found && found.tables === fresh.tables && found.source.kind === fresh.source.kind ? found.windows : {};
  const edges = Object.values(kept).flatMap((entry) => [Date.parse(entry.from), Date.parse(entry.to)]);
  const fromMs = Math.min(asked.fromMs ?? bucketStart(bucketAt(range.firstMs, stepMs), stepMs), ...edges);
  const toMs = Math.max(asked.toMs ?? bucketStart(bucketAt(range.lastMs, stepMs) + 1, stepMs), ...edges);
  const windows = monthWindows(fromMs, toMs);
  const finished: Record<string, Entry> = {};
  const pending: PendingWindow[] = [];
  const settledBefore = range.lastMs - config.lateDays * DAY_MS;
  for (const window of windows) {
    const entry = kept[window.month];
    const settled = entry && window.toMs <= Date.parse(entry.watermark) - config.lateDays * DAY_MS;
    const same = settled && entry.statement === statementHash(config, window);
    if (same && (await fileSha256(bucketFile(workFolder, window.month))) === entry.sha256)
      finished[window.month] = entry;
    else pending.push({ ...window, freshness: window.toMs <= settledBefore ? '' : fresh.watermark });
  }
  return { manifest: { ...fresh, windows: finished }, windows, pending };
}

/** When a log begins and ends, or what of it follows `fromMs`; `null` when there is nothing. Both in epoch ms. */
export async function logRange(
  source: HistorySource,
  config: Config,
  fromMs: number | undefined,
  signal: AbortSignal,
): Promise<{ firstMs: number; lastMs: number } | null> {
  const { rows } = await source.ask(rangeStatement(config, fromMs), signal);
  const [first, last] = rows[0] ?? [];
  if (first == null || last == null) return null;
  const { time } = config.transactions;
  return { firstMs: instantOf(time, Number(first)), lastMs: instantOf(time, Number(last)) };
}

/** Fetches what is pending. Whatever instant it is stopped at, the next run goes on from the last finished window. */
export async function runFetch(
  source: HistorySource,
  config: Config,
  workFolder: string,
  plan: Plan,
  signal: AbortSignal,
  tell: (event: FetchEvent) => void,
): Promise<Manifest> {
  const manifest: Manifest = { ...plan.manifest, windows: { ...plan.manifest.windows } };
  await openHistoryFolder(workFolder);
  await writeManifest(workFolder, manifest);
  tell({
    event: 'planned',
    windows: plan.windows.length,
    pending: plan.pending.length,
    from: iso(plan.windows[0]?.fromMs ?? 0),
    to: iso(plan.windows.at(-1)?.toMs ?? 0),
  });
  for await (const fetched of source.fetch(plan.pending, signal)) {
    const { month } = fetched.window;
    const entry = await storeWindow(fetched, config, workFolder, manifest.watermark);
    manifest.windows[month] = entry;
    await writeManifest(workFolder, manifest);
    tell({
      event: 'window',
      month,
      rows: entry.rows,
      scannedBytes: fetched.scannedBytes,
      billedBytes: fetched.billedBytes,
    });
  }
  await dropUnnamed(workFolder, manifest);
  return manifest;
}

function freshManifest(source: HistorySource, config: Config, lastMs: number): Manifest {
  const { transactions, merchants, clients, stepHours } = config;
  return {
    format: 1,
    source: { kind: source.kind, place: source.place },
    stepMs: stepMsOf(config),
    decimals: transactions.decimals,
    tables: sha256Of([transactions, merchants, clients, stepHours]),
    watermark: iso(lastMs),
    windows: {},
  };
}

function statementHash(config: Config, window: Window): string {
  return sha256Of(bucketStatement(config, window.fromMs, window.toMs));
}

async function storeWindow(
  { window, duck, query, scannedBytes }: FetchedWindow,
  config: Config,
  workFolder: string,
  watermark: string,
): Promise<Entry> {
  const file = bucketFile(workFolder, window.month);
  const exact = `DECIMAL(38, ${config.transactions.decimals})`;
  const microseconds = stepMsOf(config) * 1000;
  await duck.run(`CREATE OR REPLACE TEMP TABLE stored AS
    SELECT client, make_timestamp(bucket::BIGINT * ${microseconds}) AS bucket_start, gross::${exact} AS gross,
      refunds::${exact} AS refunds, net::${exact} AS net, transactions::BIGINT AS transactions, duplicated::BIGINT AS duplicated
    FROM (${query})`);
  await duck.writeParquet('SELECT * EXCLUDE duplicated FROM stored ORDER BY client NULLS LAST, bucket_start', file);
  return {
    from: iso(window.fromMs),
    to: iso(window.toMs),
    statement: statementHash(config, window),
    ...(await countStored(duck)),
    sha256: (await fileSha256(file)) as string,
    watermark,
    scannedBytes,
  };
}

type Counted = Pick<Entry, 'rows' | 'total' | 'unmatched' | 'duplicated'>;

async function countStored(duck: Duck): Promise<Counted> {
  const sums = (filter: string) =>
    `{gross: coalesce(sum(gross) ${filter}, 0)::VARCHAR, refunds: coalesce(sum(refunds) ${filter}, 0)::VARCHAR,
      net: coalesce(sum(net) ${filter}, 0)::VARCHAR, transactions: coalesce(sum(transactions) ${filter}, 0)::DOUBLE}`;
  const [counted] = await duck.rows<Counted>(
    `SELECT count(*)::DOUBLE AS rows, ${sums('')} AS total, ${sums('FILTER (WHERE client IS NULL)')} AS unmatched,
       coalesce(sum(duplicated), 0)::DOUBLE AS duplicated FROM stored`,
  );
  return counted as Counted;
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}
