import { UserError } from '@tidemark/shared/errors';
import { bucketAt, bucketStart, DAY_MS } from '@tidemark/shared/forecasting';
import {
  bucketStatement,
  type CountedTables,
  instantOf,
  monthWindows,
  rangeStatement,
  type Window,
} from '@tidemark/shared/warehouse';
import { type Config, stepMsOf } from '../config.ts';
import { type Duck, literal } from '../duckdb.ts';
import { resolveTables } from './dimensions.ts';
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
  /** What pending windows replace, by month: whatever they have more than this came late. */
  readonly replaced: Readonly<Record<string, Entry>>;
  /** What the statements are made from. */
  readonly tables: CountedTables;
  /** What is to be said of it, in words for people. */
  readonly remarks: readonly string[];
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
  const { tables, remarks } = await resolveTables(config, source);
  const fresh = freshManifest(source, config, tables, range.lastMs);
  const found = await readManifest(workFolder);
  const kept = found && found.tables === fresh.tables && found.source.kind === fresh.source.kind ? found.windows : {};
  const edges = Object.values(kept).flatMap((entry) => [Date.parse(entry.from), Date.parse(entry.to)]);
  const fromMs = Math.min(asked.fromMs ?? bucketStart(bucketAt(range.firstMs, stepMs), stepMs), ...edges);
  const toMs = Math.max(asked.toMs ?? bucketStart(bucketAt(range.lastMs, stepMs) + 1, stepMs), ...edges);
  const windows = monthWindows(fromMs, toMs);
  const finished: Record<string, Entry> = {};
  const replaced: Record<string, Entry> = {};
  const pending: PendingWindow[] = [];
  const settledBefore = range.lastMs - config.lateDays * DAY_MS;
  for (const window of windows) {
    const entry = kept[window.month];
    const settled = entry && window.toMs <= Date.parse(entry.watermark) - config.lateDays * DAY_MS;
    const intact = entry && (await fileSha256(bucketFile(workFolder, window.month))) === entry.sha256;
    if (intact && settled && entry.statement === statementHash(tables, window)) {
      finished[window.month] = entry;
      continue;
    }
    if (intact) replaced[window.month] = entry;
    pending.push({ ...window, freshness: window.toMs <= settledBefore ? '' : fresh.watermark });
  }
  return { manifest: { ...fresh, windows: finished }, windows, pending, replaced, tables, remarks };
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
  const manifest: Manifest = { ...plan.manifest, windows: { ...plan.manifest.windows, ...plan.replaced } };
  await openHistoryFolder(workFolder);
  await writeManifest(workFolder, manifest);
  tell({
    event: 'planned',
    windows: plan.windows.length,
    pending: plan.pending.length,
    from: iso(plan.windows[0]?.fromMs ?? 0),
    to: iso(plan.windows.at(-1)?.toMs ?? 0),
  });
  for await (const fetched of source.fetch(plan.tables, plan.pending, signal)) {
    const { month } = fetched.window;
    const entry = await storeWindow(fetched, config, plan.tables, workFolder, manifest.watermark, plan.replaced[month]);
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
  manifest.complete = true;
  await writeManifest(workFolder, manifest);
  return manifest;
}

function freshManifest(source: HistorySource, config: Config, tables: CountedTables, lastMs: number): Manifest {
  const { transactions, merchants, clients, stepHours } = config;
  return {
    format: 1,
    source: { kind: source.kind, place: source.place },
    stepMs: stepMsOf(config),
    decimals: transactions.decimals,
    dimensions: (tables.dimensions ?? []).map(({ name }) => name),
    tables: sha256Of([transactions, merchants, clients, stepHours]),
    watermark: iso(lastMs),
    complete: false,
    windows: {},
  };
}

function statementHash(tables: CountedTables, window: Window): string {
  return sha256Of(bucketStatement(tables, window.fromMs, window.toMs));
}

async function storeWindow(
  { window, duck, query, scannedBytes }: FetchedWindow,
  config: Config,
  tables: CountedTables,
  workFolder: string,
  watermark: string,
  before: Entry | undefined,
): Promise<Entry> {
  const file = bucketFile(workFolder, window.month);
  const exact = `DECIMAL(38, ${config.transactions.decimals})`;
  const microseconds = stepMsOf(config) * 1000;
  await duck.run(`CREATE OR REPLACE TEMP TABLE stored AS
    WITH fetched AS (${query})
    SELECT client, make_timestamp(bucket::BIGINT * ${microseconds}) AS bucket_start, gross::${exact} AS gross,
      refunds::${exact} AS refunds, net::${exact} AS net, transactions::BIGINT AS transactions, duplicated::BIGINT AS duplicated,
      attempts::BIGINT AS attempts, approved::BIGINT AS approved, sales::BIGINT AS sales, log_sum::DECIMAL(38, 4) AS log_sum,
      log_squares::DECIMAL(38, 4) AS log_squares, coalesce(parts, []) AS parts
    FROM (SELECT * FROM fetched WHERE dimension::INTEGER = 0) LEFT JOIN (
      SELECT client AS of_client, bucket AS of_bucket,
        list({dimension: ${nameOf(tables)}, value: value, attempts: attempts::INTEGER, approved: approved::INTEGER}
          ORDER BY dimension::INTEGER, value NULLS LAST) AS parts
      FROM fetched WHERE dimension::INTEGER > 0 AND attempts::BIGINT > 0 GROUP BY client, bucket
    ) ON client IS NOT DISTINCT FROM of_client AND bucket = of_bucket`);
  const late = before ? await countLate(duck, file, before, stepMsOf(config)) : {};
  await duck.writeParquet('SELECT * EXCLUDE duplicated FROM stored ORDER BY client NULLS LAST, bucket_start', file);
  return {
    from: iso(window.fromMs),
    to: iso(window.toMs),
    statement: statementHash(tables, window),
    ...(await countStored(duck)),
    duplicated: await perClient(duck, 'SELECT client, sum(duplicated) AS count FROM stored GROUP BY client'),
    late,
    sha256: (await fileSha256(file)) as string,
    watermark,
    scannedBytes,
  };
}

/** What the window has more than before in buckets that were complete then, on top of what was late already. */
async function countLate(duck: Duck, file: string, before: Entry, stepMs: number): Promise<Record<string, number>> {
  const completeUntil = Math.floor(Date.parse(before.watermark) / stepMs) * stepMs;
  const more = await perClient(
    duck,
    `SELECT client, sum(greatest(stored.transactions - coalesce(old.transactions, 0), 0)) AS count
     FROM stored LEFT JOIN read_parquet(${literal(file)}) AS old USING (client, bucket_start)
     WHERE epoch_ms(bucket_start) + ${stepMs} <= ${completeUntil} GROUP BY client`,
  );
  const clients = new Set([...Object.keys(before.late), ...Object.keys(more)]);
  return Object.fromEntries(
    [...clients].sort().map((client) => [client, (before.late[client] ?? 0) + (more[client] ?? 0)]),
  );
}

/** Counts per client that are not 0, by name. */
async function perClient(duck: Duck, query: string): Promise<Record<string, number>> {
  const rows = await duck.rows<{ client: string; count: number }>(
    `SELECT client, count::DOUBLE AS count FROM (${query}) WHERE client IS NOT NULL AND count > 0 ORDER BY client`,
  );
  return Object.fromEntries(rows.map(({ client, count }) => [client, count]));
}

type Counted = Pick<Entry, 'rows' | 'total' | 'unmatched'>;

async function countStored(duck: Duck): Promise<Counted> {
  const sums = (filter: string) =>
    `{gross: coalesce(sum(gross) ${filter}, 0)::VARCHAR, refunds: coalesce(sum(refunds) ${filter}, 0)::VARCHAR,
      net: coalesce(sum(net) ${filter}, 0)::VARCHAR, transactions: coalesce(sum(transactions) ${filter}, 0)::DOUBLE}`;
  const [counted] = await duck.rows<Counted>(
    `SELECT count(*)::DOUBLE AS rows, ${sums('')} AS total, ${sums('FILTER (WHERE client IS NULL)')} AS unmatched FROM stored`,
  );
  return counted as Counted;
}

/** SQL for the name of a row's dimension. */
function nameOf({ dimensions = [] }: CountedTables): string {
  const cases = dimensions.map(({ name }, index) => `WHEN ${index + 1} THEN ${literal(name)}`);
  return cases.length === 0 ? "''" : `CASE dimension::INTEGER ${cases.join(' ')} END`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}
