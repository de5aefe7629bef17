import { UserError } from '@tidemark/shared/errors';
import { bucketAt, bucketStart, DAY_MS, WITHOUT_AMOUNT_SHARE } from '@tidemark/shared/forecasting';
import {
  BUCKET_COLUMNS,
  bucketStatement,
  type CountedTables,
  clientStatement,
  EPOCH_UNITS,
  merchantStatement,
  type Proposal,
  shapesOf,
  shapesStatement,
} from '@tidemark/shared/warehouse';
import type { Athena } from '@tidemark/shared/warehouse/athena';
import { checkCalendarPlace } from '../calendar/list-special-days.ts';
import { type Config, stepMsOf } from '../config.ts';
import { percent } from '../numbers.ts';
import { type AccountRow, accountOf, sideOf } from './account.ts';
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
  sum,
} from './checks.ts';
import { type UnfitColumn, unfitColumns, unlikeKeys } from './columns.ts';
import { resolveTables } from './dimensions.ts';
import { amountFormatOf, timeFormatOf } from './formats.ts';
import { checkGroupNames } from './groups.ts';
import { logRange } from './log-range.ts';
import type { HistorySource } from './source.ts';
import { utcDaysNote } from './utc-days.ts';

type Verdict = Omit<Finding, 'check'>;
const ok = (says: string): Verdict => ({ state: 'ok', says });
const warn = (says: string): Verdict => ({ state: 'warn', says });
const fail = (says: string): Verdict => ({ state: 'fail', says });

/**
 * Looks a source over before anything is fetched from it: each finding is one line with its remedy. Reads the whole
 * log once and the merchant table; at Athena one day and one month besides, to see whether the table prunes. What
 * `stops` here stops a fetch, which asks the same functions.
 */
export async function* examine(
  source: HistorySource & { readonly athena?: Athena },
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  const { config } = source;
  yield* await calendarFindings(config);
  if (source.athena) {
    const identity = await finding('credentials and region', () => checkIdentity(source.athena as Athena));
    yield identity;
    if (identity.state === 'fail') return;
    const workgroup = await finding('workgroup', () => checkWorkgroup(source.athena as Athena));
    yield workgroup;
    if (workgroup.state === 'fail') return;
  }
  if (source.kind === 'duckdb') yield { check: 'files', ...checkFiles(source) };
  const unfit: UnfitColumn[] = [];
  const absent = new Set<string>();
  for (const [role, table] of [
    ['transaction table', config.transactions.table],
    ['merchant table', config.merchants.table],
  ] as const) {
    const columns = await finding(role, async () => {
      const found = unfitColumns(table, config, await source.columns(table));
      const unlike = found.length === 0 && role === 'merchant table' ? await keysOf(source) : null;
      unfit.push(...found, ...(unlike ? [unlike] : []));
      return checkColumns(unlike ? [unlike] : found, table);
    });
    yield columns;
    if (columns.state === 'fail' && !unfit.some(({ key }) => key.startsWith(role.slice(0, 5)))) absent.add(table);
  }
  const fits = (...keys: string[]) => !unfit.some(({ key }) => keys.some((prefix) => key.startsWith(prefix)));
  if (!absent.has(config.merchants.table) && fits('merchants.')) {
    yield await finding('merchant key', () => checkMerchants(source, config, signal));
    yield await finding('clients', () => checkClients(source, config, signal));
    const { rows } = await source.ask(clientStatement(config), signal);
    yield* checkClientNames(
      source,
      rows.map(([client]) => client as string),
    );
  }
  if (absent.has(config.transactions.table)) return;
  yield* await formatFindings(source, unfit, signal);
  if (!fits('transactions.time')) return;
  const range = await logRange(source, undefined, signal);
  yield await finding('time column', () => checkTimeColumn(source, config));
  for (const found of await checkTimes(source, range, signal)) yield found;
  if (range.unreadable > 0)
    yield* await formatFindings(source, [{ code: 'wrong-column-type', key: 'transactions.time', message: '' }], signal);
  const { span } = range;
  if (span === null) {
    if (range.unreadable === 0 && range.after === null)
      yield { check: 'newest complete bucket', ...fail('the transaction table is empty') };
    return;
  }
  const stepMs = stepMsOf(config);
  const days = utcDaysNote(config, span.lastMs);
  if (days !== null) yield { check: 'buckets', ...warn(days) };
  yield { check: 'newest complete bucket', ...newestBucket(span.lastMs, stepMs) };
  if (
    !fits(
      'transactions.amount',
      'transactions.status',
      'transactions.type',
      'transactions.partition',
      'transactions.id',
    )
  )
    return;
  const fromMs = bucketStart(bucketAt(span.firstMs, stepMs), stepMs);
  const toMs = bucketStart(bucketAt(span.lastMs, stepMs) + 1, stepMs);
  const account = await accountOf(source, { fromMs, toMs }, signal);
  const stopping = await checkAccount(source, account, signal);
  yield* stopping;
  if (stopping.some(({ check, proposals }) => check === 'amounts' && !proposals)) {
    yield* await formatFindings(
      source,
      [{ code: 'wrong-column-type', key: 'transactions.amount', message: '' }],
      signal,
    );
  }
  yield* profiled(account, config, stopping);
  yield await checkRepeats(source, signal);
  yield await checkCurrencies(source, signal);
  if (!fits('transactions.merchant') || !fits('merchants.') || stopping.length > 0) return;
  const monthFromMs = Math.max(fromMs, Math.floor((toMs - 30 * DAY_MS) / stepMs) * stepMs);
  const { tables, remarks } = await resolveTables(config, source);
  const month = await source.ask(
    bucketStatement(tables, source.kind === 'athena' ? monthFromMs : fromMs, toMs),
    signal,
  );
  yield { check: 'volume without a client', ...withoutClient(month.rows) };
  yield { check: 'declined attempts', ...declinedAttempts(month.rows) };
  yield { check: 'dimensions', ...dimensionsFound(month.rows, tables, remarks) };
  yield await finding('pruning of the time predicate', async () => {
    if (source.kind === 'duckdb') return ok('nothing is billed for files on disk');
    const day = await source.ask(bucketStatement(tables, toMs - DAY_MS, toMs), signal);
    return pruning(day.scannedBytes, month.scannedBytes);
  });
}

/** Whether there is a list of holidays for the configured place; nothing where none is used. */
async function calendarFindings({ calendar }: Config): Promise<Finding[]> {
  const { country, region, use } = calendar;
  if (use === 'never' || (country ?? region) === undefined) return [];
  const place = [country, region].filter(Boolean).join('-').toUpperCase();
  const found = await finding('calendar', async () => {
    checkCalendarPlace(calendar);
    return ok(`public holidays of ${place}`);
  });
  return [found];
}

function checkFiles({ unread = [] }: HistorySource): Verdict {
  if (unread.length === 0) return ok('every file is read');
  const shown = unread.slice(0, 5).join(', ');
  return ok(`no data, not read: ${shown}${unread.length > 5 ? ` and ${unread.length - 5} more` : ''}`);
}

/** What the cells of a time or amount column look like that does not hold what is configured, and what would read them. */
async function formatFindings(
  source: HistorySource,
  unfit: readonly UnfitColumn[],
  signal: AbortSignal,
): Promise<Finding[]> {
  const { transactions } = source.config;
  const findings: Finding[] = [];
  const wanted = [
    { key: 'transactions.time', check: 'format of times', column: transactions.time.column, formatOf: timeFormatOf },
    { key: 'transactions.amount', check: 'format of amounts', column: transactions.amount, formatOf: amountFormatOf },
  ];
  for (const { key, check, column, formatOf } of wanted) {
    if (!unfit.some((one) => one.key === key && one.code === 'wrong-column-type')) continue;
    const { rows } = await source.ask(shapesStatement(transactions.table, column), signal);
    const { says, proposals } = formatOf(shapesOf(rows));
    // The format is right already: some cells are wrong.
    if (proposals.length > 0 && proposals.every((one) => isSet(one, source.config))) continue;
    findings.push({
      check,
      ...fail(`${column} holds ${says}${await unlikeFiles(source, column, formatOf)}`),
      proposals,
    });
  }
  return findings;
}

function isSet({ key, value }: Proposal, config: Config): boolean {
  const set = key.split('.').reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], config);
  return JSON.stringify(set) === JSON.stringify(value);
}

/** Names two files of a table that one format would not read, or where only one file tells which number is the day. */
async function unlikeFiles(source: HistorySource, column: string, formatOf: typeof timeFormatOf): Promise<string> {
  const files = (await source.shapesByFile?.(column)) ?? [];
  if (files.length < 2) return '';
  const formats = files.map(({ file, shapes }) => ({ file, format: JSON.stringify(formatOf(shapes).proposals) }));
  const known = formats.filter(({ format }) => format !== '[]');
  const [first] = known;
  const other = known.find(({ format }) => format !== first?.format);
  if (first && other) return `; ${first.file} and ${other.file} are not written alike`;
  const open = formats.filter(({ format }) => format === '[]');
  return first && open.length > 0 ? `; ${open[0]?.file} alone could be read both ways, ${first.file} cannot` : '';
}

/** A check whose user errors are findings, not failures of the command. */
async function finding(check: string, look: () => Promise<Verdict>): Promise<Finding> {
  try {
    return { check, ...(await look()) };
  } catch (error) {
    if (error instanceof UserError) return { check, ...fail(error.message) };
    throw error;
  }
}

async function checkIdentity(athena: Athena): Promise<Verdict> {
  const { region, expires } = await athena.identity();
  const until = expires ? `, valid until ${expires.toISOString()}` : '';
  return ok(`credentials found for ${region}${until}`);
}

async function checkWorkgroup(athena: Athena): Promise<Verdict> {
  const { workgroup: name, output } = athena.settings;
  const facts = await athena.workgroup();
  if (!facts.enabled) return fail(`workgroup ${name} is disabled; enable it or set ATHENA_WORKGROUP to another`);
  if (facts.managed) return ok(`${name}, ${facts.engine}; Athena keeps the results`);
  if (facts.enforced || facts.output) {
    const ignored = facts.enforced && output ? `; it overrides ATHENA_OUTPUT_LOCATION` : '';
    return ok(
      `${name}, ${facts.engine}; results go to ${facts.enforced ? facts.output : (output ?? facts.output)}${ignored}`,
    );
  }
  if (!output) return fail(`workgroup ${name} has no result location; set ATHENA_OUTPUT_LOCATION=s3://bucket/path/`);
  return ok(`${name}, ${facts.engine}; results go to ${output}`);
}

function checkColumns(unfit: readonly UnfitColumn[], table: string): Verdict {
  if (unfit.length > 0) return { ...fail(unfit.map(({ message }) => message).join('; ')), stops: true };
  return ok(`${table} has the columns and types it should`);
}

async function keysOf(source: HistorySource): Promise<UnfitColumn | null> {
  const { transactions, merchants } = source.config;
  const columns = await Promise.all([transactions.table, merchants.table].map((table) => source.columns(table)));
  const [ofTransactions = new Map(), ofMerchants = new Map()] = columns;
  return unlikeKeys(source.config, { transactions: ofTransactions, merchants: ofMerchants });
}

async function checkTimeColumn(source: HistorySource, config: Config): Promise<Verdict> {
  const { time, table } = config.transactions;
  const type = (await source.columns(table)).get(time.column)?.type ?? time.type;
  if (time.type === 'date') {
    return warn(
      `${time.column} is a DATE: a whole day falls into the bucket of its midnight; use a timestamp column, or stepHours 24`,
    );
  }
  const isEpoch = Object.hasOwn(EPOCH_UNITS, time.type);
  const readAs = isEpoch ? `read as ${time.type}, which is UTC` : `read as ${time.zone} wall time`;
  return ok(`${time.column} is ${type}, ${time.type === 'timestamptz' ? 'with its own zone' : readAs}`);
}

async function checkMerchants(source: HistorySource, config: Config, signal: AbortSignal): Promise<Verdict> {
  const { rows } = await source.ask(merchantStatement(config), signal);
  const [merchants = 0, repeated = 0, ambiguous = 0, nameless = 0] = (rows[0] ?? []).map(Number);
  if (ambiguous > 0) {
    return fail(
      `${ambiguous} of ${merchants} merchants name more than one client; their volume goes to the first by name; mend table ${config.merchants.table}`,
    );
  }
  if (repeated > 0)
    return warn(`${repeated} of ${merchants} merchants are listed more than once; they are counted once`);
  if (nameless > 0)
    return warn(`${nameless} of ${merchants} merchants have no client; their volume is reported as unmatched`);
  return ok(`${merchants} merchants, each listed once`);
}

async function checkClients(source: HistorySource, config: Config, signal: AbortSignal): Promise<Verdict> {
  const { rows } = await source.ask(clientStatement(config), signal);
  const known = new Set(rows.map(([client]) => client));
  const named = [
    ...(config.clients === 'all' ? [] : config.clients),
    ...Object.values(config.groups.named).flatMap((group) => (group === 'all' ? [] : group)),
  ];
  const unknown = [...new Set(named)].filter((client) => !known.has(client));
  if (unknown.length > 0)
    return fail(`the configuration names clients that table ${config.merchants.table} does not: ${unknown.join(', ')}`);
  checkGroupNames(
    config.clients === 'all' ? [...known].filter((client) => typeof client === 'string') : config.clients,
    config.groups,
  );
  return ok(`${known.size} clients${config.clients === 'all' ? '' : `, ${config.clients.length} of them asked for`}`);
}

function newestBucket(lastMs: number, stepMs: number): Verdict {
  const open = bucketAt(lastMs, stepMs);
  const text = (ms: number) => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
  return ok(
    `${text(bucketStart(open - 1, stepMs))} to ${text(bucketStart(open, stepMs))} UTC; newest transaction ${text(lastMs)}`,
  );
}

function* profiled(account: readonly AccountRow[], config: Config, stopping: readonly Finding[]): Generator<Finding> {
  const { type, refundsStored, decimals } = config.transactions;
  const all = sum(account, (row) => row.transactions);
  if (!stopping.some(({ check }) => check === 'statuses and types')) {
    yield { check: 'statuses and types', ...statusesAndTypes(account, config) };
  }
  const isRefund = (row: AccountRow) => sideOf(row.kind, config.transactions) === 'refund';
  const refunds = sum(account, (row) => (isRefund(row) ? row.transactions : 0));
  const negative = sum(account, (row) => (isRefund(row) ? row.negative : 0));
  yield { check: 'sign of refunds', ...signOfRefunds(refunds, negative, refundsStored, type !== null) };
  if (type) yield checkSaleSigns(account, config);
  if (stopping.some(({ check }) => check === 'amounts')) return;
  const whole = checkWholeAmounts(account, config);
  if (whole) yield whole;
  const finer = checkFinerAmounts(account, config);
  const withoutAmount = sum(account, (row) => row.withoutAmount);
  if (withoutAmount > 0) {
    yield {
      check: 'amounts',
      ...warn(
        `${withoutAmount} of ${all} transactions have no amount; they are set aside, and buckets with more than ${100 * WITHOUT_AMOUNT_SHARE} % of them are missing`,
      ),
    };
  }
  if (finer) yield finer;
  if (!finer && withoutAmount === 0) yield { check: 'amounts', ...ok(`every amount has at most ${decimals} decimals`) };
  const midnight = sum(account, (row) => row.midnight);
  if (config.transactions.time.type !== 'date' && all > 100 && midnight > all / 2) {
    yield {
      check: 'time of day',
      ...warn(
        `${percent(midnight / all)} of the transactions are at midnight sharp: the column may hold days; use one with times, or stepHours 24`,
      ),
    };
  }
}

function statusesAndTypes(seen: readonly AccountRow[], config: Config): Verdict {
  const nothing = checkAnyCounts(seen, config);
  if (nothing) return nothing;
  const { type, status } = config.transactions;
  const present = (of: 'kind' | 'status') => [...new Set(seen.map((row) => row[of] ?? 'NULL'))];
  const known = type ? [...type.sales, ...type.refunds] : [];
  const other = type ? present('kind').filter((kind) => !known.includes(kind)) : [];
  if (other.length > 0) return warn(`types that are neither sale nor refund are left out: ${other.join(', ')}`);
  const words = [
    ...(status ? [`${status.column}: ${present('status').join(', ')}`] : []),
    ...(type ? [`${type.column}: ${present('kind').join(', ')}`] : []),
  ];
  return ok(words.join('; ') || 'every row counts');
}

function signOfRefunds(refunds: number, negative: number, stored: 'signed' | 'unsigned', typed: boolean): Verdict {
  if (!typed)
    return negative > 0
      ? ok(`${negative} negative amounts are the refunds`)
      : warn('no negative amount: no refunds, or they need transactions.type');
  if (refunds === 0) return warn('no refund; check the refund types');
  const share = negative / refunds;
  const says = `${percent(share)} of ${refunds} refunds are negative`;
  const fits = stored === 'signed' ? share > 0.99 : share < 0.01;
  if (fits) return ok(`${says}, ${stored} as configured; refunds subtract either way`);
  return warn(
    `${says}, the configuration says ${stored}; they subtract either way, but set transactions.refundsStored right or mend the table`,
  );
}

function withoutClient(rows: readonly (string | null)[][]): Verdict {
  const at = (name: (typeof BUCKET_COLUMNS)[number]) => BUCKET_COLUMNS.indexOf(name);
  const gross = (kept: (row: (string | null)[]) => boolean) =>
    rows.reduce((sum, row) => sum + (isWhole(row) && kept(row) ? Number(row[at('gross')]) : 0), 0);
  const share = gross((row) => row[at('client')] === null) / (gross(() => true) || 1);
  if (share === 1)
    return { ...fail('no transaction finds its merchant; write the keys of both tables alike'), stops: true };
  if (share > 0.01) return warn(`${percent(share)} of the gross volume has no client; complete the merchant table`);
  return ok(`${percent(share)} of the gross volume`);
}

/** Whether a row is about all of a client's bucket, not about one value of a dimension. */
function isWhole(row: readonly (string | null)[]): boolean {
  return Number(row[BUCKET_COLUMNS.indexOf('dimension')]) === 0;
}

function declinedAttempts(rows: readonly (string | null)[][]): Verdict {
  const sum = (name: (typeof BUCKET_COLUMNS)[number]) =>
    rows.reduce((total, row) => total + (isWhole(row) ? Number(row[BUCKET_COLUMNS.indexOf(name)]) : 0), 0);
  const attempts = sum('attempts');
  const declined = attempts - sum('approved');
  if (declined === 0)
    return warn(
      'no declined attempt in the last month: outages, tickets and shares can be watched, approval rates cannot; keep declined rows in the table',
    );
  return ok(`${percent(declined / attempts)} of the last month's attempts were declined`);
}

/** Values that one client may have in a dimension before it is no longer one. */
const MANY_VALUES = 40;

function dimensionsFound(
  rows: readonly (string | null)[][],
  { dimensions = [] }: CountedTables,
  remarks: readonly string[],
): Verdict {
  const at = (name: (typeof BUCKET_COLUMNS)[number]) => BUCKET_COLUMNS.indexOf(name);
  const found = dimensions.map(({ name, column }, index) => {
    const values = new Set<string>();
    let rest = 0;
    let attempts = 0;
    for (const row of rows) {
      if (Number(row[at('dimension')]) !== index + 1) continue;
      const value = row[at('value')] ?? null;
      attempts += Number(row[at('attempts')]);
      if (value === null) rest += Number(row[at('attempts')]);
      else values.add(value);
    }
    return { name, column, values: values.size, rest: attempts === 0 ? 0 : rest / attempts };
  });
  const wide = found.filter(({ values, rest }) => values >= MANY_VALUES && rest > 0.2);
  const says = found.map(({ name, column, values }) => `${name} (${column}): ${values} values`).join('; ');
  if (remarks.length > 0) return warn([...remarks, says].filter((one) => one !== '').join('; '));
  if (wide.length > 0)
    return warn(
      `${says}; ${wide.map(({ name }) => name).join(', ')} has too many values to tell troubles apart; name a coarser column in dimensions`,
    );
  return ok(says || 'none; name columns such as channel or issuer in dimensions');
}

function pruning(dayBytes: number, monthBytes: number): Verdict {
  const mb = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  const says = `one day scans ${mb(dayBytes)}, one month ${mb(monthBytes)}`;
  if (monthBytes > 0 && dayBytes > monthBytes / 2) {
    return warn(
      `${says}: every window reads far more than its time; partition the table by day and name the column in transactions.partition`,
    );
  }
  return ok(says);
}
