import { UserError } from '@tidemark/shared/errors';
import { bucketAt, bucketStart, DAY_MS } from '@tidemark/shared/forecasting';
import {
  bucketStatement,
  type CountedTables,
  clientStatement,
  keyStatement,
  monthWindows,
  type Window,
} from '@tidemark/shared/warehouse';
import { type Duck, literal } from '@tidemark/shared/warehouse/duckdb';
import { stepMsOf } from '../config.ts';
import {
  type AccountRow,
  accountByMonth,
  accountOf,
  addSetAside,
  type MonthAccount,
  outsideAccount,
  repeatsOf,
  type SetAside,
  subtractSums,
} from './account.ts';
import {
  checkAccount,
  checkAnyCounts,
  checkClientNames,
  checkCurrencies,
  checkFinerAmounts,
  checkRepeats,
  checkSaleSigns,
  checkTimes,
  checkWholeAmounts,
  type Finding,
  refuseStopping,
} from './checks.ts';
import { refuseUnfit, unfitColumns, unlikeKeys } from './columns.ts';
import { resolveTables } from './dimensions.ts';
import { logRange } from './log-range.ts';
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
import { inOrder, type OwnerChange, type Owners, ownerChange, ownersOf, readOwners, writeOwners } from './owners.ts';
import { runsOf } from './runs.ts';
import type { FetchedWindow, HistorySource, PendingWindow } from './source.ts';

/** What happens while a history is fetched, in order. */
export type FetchEvent =
  | { readonly event: 'warning'; readonly check: string; readonly says: string }
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
  /** The client of each merchant, by which pending windows are fetched. */
  readonly owners: Owners;
  /** What is to be said of it, in words for people. */
  readonly remarks: readonly string[];
  /** Of pending windows, by month: what of the source has to be in their buckets, and what is set aside. */
  readonly accounts: ReadonlyMap<string, MonthAccount>;
  /** What a person should know and a fetch does not stop at. */
  readonly warnings: readonly Finding[];
}

/**
 * Looks a source over as `doctor` does, and compares what is asked with what the work folder holds. A finished window is
 * left alone unless its statement changed, its file is not the one the manifest names, it lay within the late days
 * when it was fetched, or its merchants have other clients since.
 * @throws UserError for a column or a cell that cannot be read, for what `checkAccount` and `checkClientNames` stop at,
 * and `empty-history` when the source has no transaction in the range.
 */
export async function planFetch(
  source: HistorySource,
  workFolder: string,
  asked: Asked,
  signal: AbortSignal,
): Promise<Plan> {
  const { config } = source;
  await refuseTables(source, signal);
  const stepMs = stepMsOf(config);
  const range = await logRange(source, asked.fromMs, signal);
  const warnings = await checkTimes(source, range, signal);
  refuseStopping(warnings);
  const { span } = range;
  const [afterNow] = range.after ? warnings : [];
  if (span === null && afterNow) throw new UserError('unfit-history', `nothing is left to fetch: ${afterNow.says}`);
  if (span === null || (asked.toMs !== undefined && span.firstMs >= asked.toMs)) {
    throw new UserError(
      'empty-history',
      `no transaction in ${config.transactions.table} of ${source.place} in the range asked for`,
    );
  }
  const { tables, remarks } = await resolveTables(config, source);
  const fresh = freshManifest(source, tables, span.lastMs);
  const found = await readManifest(workFolder);
  const isSame = found?.tables === fresh.tables && found.source.kind === fresh.source.kind;
  if (isSame) refuseShrunk(source, found, span.lastMs);
  const kept = isSame ? found.windows : {};
  const edges = Object.values(kept).flatMap((entry) => [Date.parse(entry.from), Date.parse(entry.to)]);
  const firstMs = bucketStart(bucketAt(span.firstMs, stepMs), stepMs);
  const fromMs = Math.min(asked.fromMs ?? firstMs, ...edges);
  const toMs = Math.max(asked.toMs ?? bucketStart(bucketAt(span.lastMs, stepMs) + 1, stepMs), ...edges);
  const windows = monthWindows(fromMs, toMs);
  const owners = await ownersOf(source, signal);
  const owned = sha256Of(inOrder(owners));
  const change = ownerChange(isSame ? await readOwners(workFolder) : null, owners);
  warnings.push(...movedFindings(change));
  const finished: Record<string, Entry> = {};
  const replaced: Record<string, Entry> = {};
  const pending: PendingWindow[] = [];
  const settledBefore = span.lastMs - config.lateDays * DAY_MS;
  for (const window of windows) {
    const entry = kept[window.month];
    const settled = entry && window.toMs <= Date.parse(entry.watermark) - config.lateDays * DAY_MS;
    const intact = entry && (await fileSha256(bucketFile(workFolder, window.month))) === entry.sha256;
    const freshness = window.toMs <= settledBefore ? '' : fresh.watermark;
    // What the source no longer holds from its first day on cannot be had again.
    const isThere = asked.fromMs !== undefined || firstMs <= window.fromMs;
    if (intact && isThere && isOutdated(entry, change)) {
      pending.push({ ...window, freshness: sha256Of([freshness, owned]) });
      continue;
    }
    if (intact && settled && entry.statement === statementHash(tables, window)) {
      finished[window.month] = entry;
      continue;
    }
    if (intact) replaced[window.month] = entry;
    pending.push({ ...window, freshness });
  }
  const { accounts, rows } = await accountsOf(source, pending, signal);
  const nothing = Object.keys(finished).length === 0 ? checkAnyCounts(rows, config) : null;
  if (nothing) warnings.push(nothing);
  if (config.transactions.type) warnings.push(checkSaleSigns(rows, config));
  const whole = checkWholeAmounts(rows, config);
  if (whole) warnings.push(whole);
  const finer = checkFinerAmounts(rows, config);
  if (finer) warnings.push(finer);
  // At Athena these are scans of their own, which doctor makes.
  if (source.kind === 'duckdb' && pending.length > 0)
    warnings.push(await checkRepeats(source, signal), await checkCurrencies(source, signal));
  refuseStopping(warnings);
  const hasOutside = range.before || range.after || range.withoutTime > 0;
  const setAside = hasOutside ? await outsideOf(source, { fromMs, toMs }, asked, signal) : {};
  return {
    manifest: { ...fresh, setAside, windows: finished },
    windows,
    pending,
    replaced,
    tables,
    owners,
    remarks,
    accounts,
    warnings: warnings.filter(({ state }) => state !== 'ok'),
  };
}

/** @throws UserError `unfit-history` where the source ends before what was fetched of it: that would be lost. */
function refuseShrunk({ place, config }: HistorySource, { watermark }: Manifest, lastMs: number): void {
  if (lastMs >= Date.parse(watermark)) return;
  throw new UserError(
    'unfit-history',
    `the newest transaction in ${config.transactions.table} of ${place} is of ${iso(lastMs)}, but the last fetch saw one of ${watermark}; bring back what is missing, or fetch into a folder of its own with --work`,
  );
}

/**
 * Whether a month holds transactions under another client than they have now, or so many under none that new merchants may
 * be theirs. With fewer a new merchant, of which there is one every day, would have years fetched again.
 */
function isOutdated({ unmatched, total }: Entry, { moved, fresh }: OwnerChange): boolean {
  return moved.length > 0 || (fresh > 0 && unmatched.transactions > UNMATCHED_SHARE * total.transactions);
}

function movedFindings({ moved }: OwnerChange): Finding[] {
  const [first] = moved;
  if (!first) return [];
  const which = `merchant ${JSON.stringify(first.merchant)} is of client ${JSON.stringify(first.now)} now, of ${JSON.stringify(first.before)} before`;
  const others = moved.length === 1 ? '' : `, and ${moved.length - 1} more have moved`;
  return [{ check: 'merchants', state: 'warn', says: `${which}${others}: all months are fetched again` }];
}

async function refuseTables(source: HistorySource, signal: AbortSignal): Promise<void> {
  const { config } = source;
  const transactions = await source.columns(config.transactions.table);
  refuseUnfit(unfitColumns(config.transactions.table, config, transactions));
  const merchants = await source.columns(config.merchants.table);
  refuseUnfit(unfitColumns(config.merchants.table, config, merchants));
  const unlike = unlikeKeys(config, { transactions, merchants });
  refuseUnfit(unlike ? [unlike] : []);
  const { rows } = await source.ask(clientStatement(config), signal);
  refuseStopping(
    checkClientNames(
      source,
      rows.map(([client]) => client as string),
    ),
  );
}

/** Account of consecutive pending windows together, so that a file is read once. */
async function accountsOf(
  source: HistorySource,
  pending: readonly PendingWindow[],
  signal: AbortSignal,
): Promise<{ accounts: Map<string, MonthAccount>; rows: AccountRow[] }> {
  const accounts = new Map<string, MonthAccount>();
  const all: AccountRow[] = [];
  for (const run of runsOf(pending)) {
    const range = { fromMs: run[0]?.fromMs ?? 0, toMs: run.at(-1)?.toMs ?? 0 };
    const rows = await accountOf(source, range, signal);
    refuseStopping(await checkAccount(source, rows, signal));
    all.push(...rows);
    const repeats = await repeatsOf(source, range, signal);
    for (const [month, account] of accountByMonth(rows, repeats, source.config)) accounts.set(month, account);
  }
  return { accounts, rows: all };
}

/** What lies in no window though nothing narrower was asked for. */
async function outsideOf(
  source: HistorySource,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  asked: Asked,
  signal: AbortSignal,
): Promise<SetAside> {
  const rows = await accountOf(source, { fromMs, toMs }, signal, 'outside');
  const found = outsideAccount(rows, fromMs, source.config);
  return addSetAside(
    [
      { 'without-time': found['without-time'] },
      asked.fromMs === undefined ? { 'before-range': found['before-range'] } : {},
      asked.toMs === undefined ? { 'after-now': found['after-now'] } : {},
    ].map((one) => Object.fromEntries(Object.entries(one).filter(([, sums]) => sums !== undefined))),
  );
}

/** How much of the history has no client; all of it stops, with a key of each table to compare. */
async function checkUnmatched(source: HistorySource, manifest: Manifest, signal: AbortSignal): Promise<Finding> {
  const { transactionsUnmatched: unmatched, transactions: all } = countsOf(manifest);
  const check = 'merchants';
  if (all === 0 || unmatched <= UNMATCHED_SHARE * all)
    return { check, state: 'ok', says: 'nearly every one has a client' };
  const { transactions, merchants } = source.config;
  const says = `${unmatched} of ${all} transactions have no client: complete table ${merchants.table}`;
  if (unmatched < all) return { check, state: 'warn', says };
  const keys = await Promise.all(
    [keyStatement(transactions.table, transactions.merchant), keyStatement(merchants.table, merchants.key)].map(
      async (statement) => (await source.ask(statement, signal)).rows.map(([key]) => JSON.stringify(key)).join(', '),
    ),
  );
  return {
    check,
    state: 'fail',
    stops: true,
    says: `no transaction finds its merchant: ${transactions.merchant} of ${transactions.table} holds ${keys[0] || 'nothing'}, ${merchants.key} of ${merchants.table} ${keys[1] || 'nothing'}; write both alike, or set transactions.merchant and merchants.key`,
  };
}

/** Without a client, from this share of all transactions on, is worth a warning. */
const UNMATCHED_SHARE = 0.01;

function countsOf({ windows }: Manifest) {
  const entries = Object.values(windows);
  const sum = (of: (entry: Entry) => number) => entries.reduce((total, entry) => total + of(entry), 0);
  return {
    transactions: sum(({ total }) => total.transactions),
    transactionsUnmatched: sum(({ unmatched }) => unmatched.transactions),
  };
}

/** Fetches what is pending. Whatever instant it is stopped at, the next run goes on from the last finished window. */
export async function runFetch(
  source: HistorySource,
  workFolder: string,
  plan: Plan,
  { signal, tell }: { readonly signal: AbortSignal; readonly tell: (event: FetchEvent) => void },
): Promise<Manifest> {
  const manifest: Manifest = { ...plan.manifest, windows: { ...plan.manifest.windows, ...plan.replaced } };
  await openHistoryFolder(workFolder);
  // First, so that a run that is killed in between finds the months of former owners gone.
  await writeManifest(workFolder, manifest);
  await writeOwners(workFolder, plan.owners);
  for (const { check, says } of plan.warnings) tell({ event: 'warning', check, says });
  tell({
    event: 'planned',
    windows: plan.windows.length,
    pending: plan.pending.length,
    from: iso(plan.windows[0]?.fromMs ?? 0),
    to: iso(plan.windows.at(-1)?.toMs ?? 0),
  });
  for await (const fetched of source.fetch(plan.tables, plan.pending, signal)) {
    const { month } = fetched.window;
    const entry = await storeWindow(fetched, {
      source,
      tables: plan.tables,
      workFolder,
      watermark: manifest.watermark,
      before: plan.replaced[month],
      account: plan.accounts.get(month) ?? NOTHING,
    });
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
  const unmatched = await checkUnmatched(source, manifest, signal);
  refuseStopping([unmatched]);
  if (unmatched.state === 'warn') tell({ event: 'warning', check: unmatched.check, says: unmatched.says });
  await dropUnnamed(workFolder, manifest);
  manifest.complete = true;
  await writeManifest(workFolder, manifest);
  return manifest;
}

function freshManifest(source: HistorySource, tables: CountedTables, lastMs: number): Manifest {
  const { config } = source;
  const { transactions, merchants, clients, stepHours } = config;
  return {
    format: 2,
    source: { kind: source.kind, place: source.place },
    stepMs: stepMsOf(config),
    decimals: transactions.decimals,
    dimensions: (tables.dimensions ?? []).map(({ name }) => name),
    tables: sha256Of([transactions, merchants, clients, stepHours]),
    watermark: iso(lastMs),
    setAside: {},
    complete: false,
    windows: {},
  };
}

function statementHash(tables: CountedTables, window: Window): string {
  return sha256Of(bucketStatement(tables, window.fromMs, window.toMs));
}

interface Storing {
  readonly source: HistorySource;
  readonly tables: CountedTables;
  readonly workFolder: string;
  readonly watermark: string;
  readonly before: Entry | undefined;
  readonly account: MonthAccount;
}

async function storeWindow(
  { window, duck, query, scannedBytes }: FetchedWindow,
  { source, tables, workFolder, watermark, before, account }: Storing,
): Promise<Entry> {
  const { config } = source;
  const file = bucketFile(workFolder, window.month);
  const exact = `DECIMAL(38, ${config.transactions.decimals})`;
  const microseconds = stepMsOf(config) * 1000;
  await duck.run(`CREATE OR REPLACE TEMP TABLE stored AS
    WITH fetched AS (${query})
    SELECT client, make_timestamp(bucket::BIGINT * ${microseconds}) AS bucket_start, gross::${exact} AS gross,
      refunds::${exact} AS refunds, net::${exact} AS net, transactions::BIGINT AS transactions,
      without_amount::BIGINT AS without_amount, duplicated::BIGINT AS duplicated,
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
  const counted = await countStored(duck);
  return {
    from: iso(window.fromMs),
    to: iso(window.toMs),
    statement: statementHash(tables, window),
    ...counted,
    setAside: withOtherClients(account, counted, window, source),
    duplicated: await perClient(duck, 'SELECT client, sum(duplicated) AS count FROM stored GROUP BY client'),
    late,
    sha256: (await fileSha256(file)) as string,
    watermark,
    scannedBytes,
  };
}

const NOTHING: MonthAccount = {
  counted: { transactions: 0, gross: '0', refunds: '0', other: '0' },
  setAside: {},
};

/**
 * What a window sets aside. The account of the source and the sums of the buckets have to agree, to the cent, but for
 * clients that were not asked for.
 * @throws UserError `changed-source` where they do not, of a window that has settled: the source changed in between.
 */
function withOtherClients(
  { counted, setAside }: MonthAccount,
  { total }: Counted,
  window: PendingWindow,
  { config, kind }: HistorySource,
): Entry['setAside'] {
  const rest = subtractSums(counted, { ...total, other: '0' });
  const isNothing = rest.transactions === 0 && Number(rest.gross) === 0 && Number(rest.refunds) === 0;
  if (isNothing) return setAside;
  if (config.clients !== 'all') return { ...setAside, 'other-client': rest };
  // At Athena late data may have come between the two statements; the next fetch asks again.
  if (kind === 'athena' && window.freshness !== '') return setAside;
  throw new UserError(
    'changed-source',
    `${window.month}: the source has ${counted.transactions} transactions and ${counted.gross} gross to be counted, the buckets ${total.transactions} and ${total.gross}; it changed while it was read: run the same command again`,
  );
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
