import { utcText } from '@tidemark/shared/contract';
import { UserError } from '@tidemark/shared/errors';
import { DAY_MS } from '@tidemark/shared/forecasting';
import {
  EPOCH_UNITS,
  type EpochUnit,
  idStatement,
  isPlainFormat,
  keyStatement,
  type PaymentTables,
  type Proposal,
  REPEAT_DAYS,
  unreadableStatement,
} from '@tidemark/shared/warehouse';
import { type AccountRow, sideOf } from './account.ts';
import { ambiguousAmounts } from './formats.ts';
import { CLOCK_TOLERANCE_MS, type LogRange } from './log-range.ts';
import { addDecimals } from './money.ts';
import type { HistorySource } from './source.ts';

/** One finding: what was looked at, how it stands, and what to do about it. */
export interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly says: string;
  /** Whether a fetch refuses the history for it. */
  readonly stops?: boolean;
  /** Configuration that `doctor --fix` writes. */
  readonly proposals?: readonly Proposal[];
}

/** @throws UserError `unfit-history` for the first finding that a fetch must not pass over. */
export function refuseStopping(findings: readonly Finding[]): void {
  const stopping = findings.find(({ stops }) => stops);
  if (stopping) throw new UserError('unfit-history', stopping.says);
}

/** What a log's times say of it: what cannot be read stops a fetch, what cannot be is left out of it. */
export async function checkTimes(source: HistorySource, range: LogRange, signal: AbortSignal): Promise<Finding[]> {
  const check = 'times';
  const { column, type } = source.config.transactions.time;
  const findings: Finding[] = [];
  if (range.unreadable > 0) {
    const says = await unreadableCell(source, 'time', range.unreadable, signal);
    findings.push({ check, state: 'fail', stops: true, says });
  }
  const unit = otherUnit(source, range);
  if (unit) return [...findings, unit];
  if (range.after) {
    const { transactions, lastMs } = range.after;
    const says = `${rows(transactions)} after now, the last at ${day(lastMs)}; a fetch leaves ${them(transactions)} out; correct ${column}, or transactions.time.zone where all are a few hours ahead`;
    findings.push({ check, state: 'fail', says });
  }
  if (range.before) {
    const { transactions, firstMs } = range.before;
    const begin = range.span ? day(range.span.firstMs) : 'none';
    const says = `${rows(transactions)} years before the rest, the first at ${day(firstMs)}, the rest from ${begin}; a fetch leaves ${them(transactions)} out; correct ${column}, or fetch with --from`;
    findings.push({ check, state: 'fail', says });
  }
  if (range.withoutTime > 0) {
    const at = await source.locate(column, null);
    findings.push({
      check,
      state: 'warn',
      says: `${rows(range.withoutTime)} without a time${found(at)}; a fetch leaves ${them(range.withoutTime)} out`,
    });
  }
  if (findings.length === 0)
    findings.push({ check, state: 'ok', says: `every transaction has a time in ${column}, read as ${type}` });
  return findings;
}

const EPOCHS = Object.keys(EPOCH_UNITS) as EpochUnit[];
const EPOCH_WORDS: Record<EpochUnit, string> = {
  'epoch-s': 'seconds',
  'epoch-ms': 'milliseconds',
  'epoch-us': 'microseconds',
  'epoch-ns': 'nanoseconds',
};

function isEpoch(type: string): type is EpochUnit {
  return Object.hasOwn(EPOCH_UNITS, type);
}

/** No log of payments ends before this. */
const EARLIEST_END_MS = Date.UTC(2000, 0, 1);

/** Seconds read as milliseconds put a log into January 1970, milliseconds read as seconds millennia ahead. */
function otherUnit(source: HistorySource, { span, after }: LogRange): Finding | null {
  const { column, type } = source.config.transactions.time;
  const lastMs = span?.lastMs ?? after?.lastMs;
  if (lastMs === undefined || !isEpoch(type)) return null;
  const readAs = (unit: EpochUnit) => lastMs * (EPOCH_UNITS[type] / EPOCH_UNITS[unit]);
  const canBe = (ms: number) => ms >= EARLIEST_END_MS && ms <= Date.now() + CLOCK_TOLERANCE_MS;
  const other = canBe(lastMs) ? undefined : EPOCHS.find((unit) => canBe(readAs(unit)));
  if (other === undefined) return null;
  const otherMs = readAs(other);
  return {
    check: 'times',
    state: 'fail',
    stops: true,
    says: `read as ${type}, ${column} ends in the year ${yearOf(lastMs)}; read as ${other}, in ${yearOf(otherMs)}; set transactions.time.type to ${other}`,
    proposals: [{ key: 'transactions.time.type', value: other }],
  };
}

/** What stops a fetch in the transactions themselves: amounts that are none, and words that are nearly accepted. */
export async function checkAccount(
  source: HistorySource,
  account: readonly AccountRow[],
  signal: AbortSignal,
): Promise<Finding[]> {
  const findings = await checkWords(source, account);
  const unreadable = sum(account, (row) => row.unreadable);
  if (unreadable > 0) {
    findings.push({
      check: 'amounts',
      state: 'fail',
      stops: true,
      says: await unreadableCell(source, 'amount', unreadable, signal),
    });
  }
  const { amount, amountFormat, amountUnit, decimals } = source.config.transactions;
  const all = sum(account, (row) => row.transactions - row.withoutAmount - row.unreadable);
  const finer = sum(account, (row) => row.finer);
  if (amountUnit === 'minor' && decimals > 0 && finer > all / 2) {
    const says = `${finer} of ${all} amounts in ${amount} are no whole numbers, so they are not in the smallest unit as transactions.amountUnit says; set it to major`;
    const proposals = [{ key: 'transactions.amountUnit', value: 'major' }];
    findings.push({ check: 'amounts', state: 'fail', stops: true, says, proposals });
  }
  const thousandths = sum(account, (row) => row.thousandths);
  // A format that is set has been decided on.
  if (
    amountFormat &&
    isPlainFormat(amountFormat) &&
    amountFormat === source.assumed?.amountFormat &&
    decimals !== 3 &&
    all > 0 &&
    thousandths >= 0.95 * all
  ) {
    const says = `${thousandths} of ${all} amounts in ${amount} have exactly three digits after the dot, such as 1.234; ${ambiguousAmounts(`column ${amount}`)}`;
    findings.push({ check: 'amounts', state: 'fail', stops: true, says });
  }
  return findings;
}

/** Statuses and types that equal a configured one but for case, blanks or accents: neither counted nor left out by luck. */
async function checkWords(source: HistorySource, account: readonly AccountRow[]): Promise<Finding[]> {
  const { status, type } = source.config.transactions;
  const findings: Finding[] = [];
  const words: {
    key: string;
    column: string;
    of: 'status' | 'kind';
    accepted: readonly string[];
    lists: Readonly<Record<string, readonly string[]>>;
  }[] = [];
  if (status)
    words.push({
      key: 'transactions.status',
      column: status.column,
      of: 'status',
      accepted: status.accepted,
      lists: { accepted: status.accepted },
    });
  if (type)
    words.push({
      key: 'transactions.type',
      column: type.column,
      of: 'kind',
      accepted: [...type.sales, ...type.refunds],
      lists: { sales: type.sales, refunds: type.refunds },
    });
  for (const { key, column, of, accepted, lists } of words) {
    const seen = [...new Set(account.map((row) => row[of]))].filter((value) => value !== null);
    for (const value of seen.filter((one) => !accepted.includes(one))) {
      const [alike] = Object.entries(lists).flatMap(([name, values]) =>
        values.filter((one) => unaccented(one) === unaccented(value)).map((twin) => ({ name, values, twin })),
      );
      if (!alike) continue;
      const { name, values, twin } = alike;
      const count = sum(account, (row) => (row[of] === value ? row.transactions : 0));
      const how = plain(twin) === plain(value) ? 'case or blanks' : 'accents';
      const at = await source.locate(column, value);
      const says = `${rows(count)} with ${column} ${JSON.stringify(value)}, which differs from ${JSON.stringify(twin)} by ${how} only${found(at)}; correct ${them(count)}, or add it to ${key}.${name}`;
      findings.push({
        check: 'statuses and types',
        state: 'fail',
        stops: true,
        says,
        proposals: [{ key: `${key}.${name}`, value: [...values, value] }],
      });
    }
  }
  return findings;
}

/** A column whose name says that it is the id of a transaction. */
const LIKELY_ID =
  /^(txn|trx|tx|transaction|transaccion|transacción|payment|pago|operation|operacion|operación)[_ -]?id$|^id[_ -]?(txn|trx|tx|transaction|transaccion|payment|pago|operation|operacion)$/i;

/** Whether transactions come again by the configured id, or by a column whose name says that it is one. */
export async function checkRepeats(source: HistorySource, signal: AbortSignal): Promise<Finding> {
  const check = 'repeated transactions';
  const { transactions } = source.config;
  if (transactions.id === null)
    return { check, state: 'ok', says: 'transactions.id is null: every row is a transaction of its own' };
  const columns = [...(await source.columns(transactions.table)).keys()];
  const id = transactions.id ?? columns.find((name) => LIKELY_ID.test(name));
  if (id === undefined)
    return {
      check,
      state: 'ok',
      says: 'no column looks like the id of a transaction; set transactions.id where there is one',
    };
  const { rows: answer } = await source.ask(idStatement(source.config, id), signal);
  const [repeated = 0, differing = 0] = (answer[0] ?? []).map(Number);
  if (repeated === 0) return { check, state: 'ok', says: `every ${id} comes once` };
  const says = `${rows(repeated)} with the ${id} and type of another${differing > 0 ? `, ${differing} of them with another time or amount` : ''}`;
  if (transactions.id !== undefined) {
    const rule = `within ${REPEAT_DAYS} days the first by time counts`;
    return { check, state: differing > 0 ? 'warn' : 'ok', says: `${says}; ${rule}` };
  }
  if (differing === repeated)
    return {
      check,
      state: 'warn',
      says: `${says}; each counts, so ${id} seems to begin anew now and then; set transactions.id to null if so`,
    };
  const remedy = `set transactions.id to ${id} if the same ${id} is the same transaction, or to null if each counts`;
  const proposals = differing === 0 ? [{ key: 'transactions.id', value: id }] : [];
  return { check, state: 'fail', stops: true, says: `${says}; ${remedy}`, proposals };
}

/** A column whose name says that it is the currency of a transaction. */
const LIKELY_CURRENCY =
  /^((txn|trx|tx|transaction|transaccion|payment|pago)_)?((cod|codigo|iso)_)?(currency|ccy|moneda|divisa|moeda)(_(code|iso))?$/i;

/** Whether a column says that amounts are of several currencies, which are added up as they stand. */
export async function checkCurrencies(source: HistorySource, signal: AbortSignal): Promise<Finding> {
  const check = 'currencies';
  const { table, amount } = source.config.transactions;
  const column = [...(await source.columns(table)).keys()].find((name) => LIKELY_CURRENCY.test(name));
  if (column === undefined) return { check, state: 'ok', says: 'no column looks like a currency' };
  const { rows: answer } = await source.ask(keyStatement(table, column), signal);
  const names = answer.map(([name]) => JSON.stringify(name)).join(', ');
  if (answer.length <= 1) return { check, state: 'ok', says: `${column} is ${names || 'empty'} throughout` };
  const says = `${column} holds ${names}: unless ${amount} is converted already, amounts of unlike currencies are added up; keep one currency to a table`;
  return { check, state: 'warn', says };
}

/** Accepted sales below zero: what they are worth, and what becomes of them. */
export function checkSaleSigns(account: readonly AccountRow[], { transactions }: PaymentTables): Finding {
  const check = 'sign of sales';
  const { status, negativeSales } = transactions;
  const isAccepted = (row: AccountRow) => status === null || status.accepted.includes(row.status ?? '');
  const sales = account.filter((row) => isAccepted(row) && sideOf(row.kind, transactions) === 'sale');
  const all = sum(sales, (row) => row.transactions);
  const negative = sum(sales, (row) => row.negative);
  if (negative === 0) return { check, state: 'ok', says: 'no sale is below zero' };
  const worth = addDecimals(sales.map((row) => row.below));
  const says = `${negative} of ${all} sales are below zero, ${worth} together`;
  if (negativeSales === 'refund') return { check, state: 'ok', says: `${says}; they count as refunds` };
  if (negativeSales === 'absolute') return { check, state: 'ok', says: `${says}; they count as their absolute amount` };
  if (negativeSales === 'subtract')
    return { check, state: 'ok', says: `${says}; they make the gross smaller, as configured` };
  const remedy = `${says}, and make the gross smaller; set transactions.negativeSales to subtract, refund or absolute`;
  return { check, state: negative > 0.01 * all ? 'fail' : 'warn', says: remedy };
}

/** Fewest amounts of which it means something that all of them are whole. */
const MANY_AMOUNTS = 50;

/** Amounts that are all whole numbers: of a currency without decimals, by chance, or cents, a hundred times too much. */
export function checkWholeAmounts(account: readonly AccountRow[], { transactions }: PaymentTables): Finding | null {
  const { amount, amountUnit, decimals } = transactions;
  if (amountUnit !== undefined || decimals === 0) return null;
  const found = (says: string): Finding => ({ check: 'unit of amounts', state: 'warn', says });
  const cents = (12_345 / 10 ** decimals).toFixed(decimals);
  const days = amountsByDay(account);
  const all = amountsIn(days);
  if (all.amounts < MANY_AMOUNTS) return null;
  if (all.whole === all.amounts)
    return found(
      `each of ${all.amounts} amounts in ${amount} is a whole number; set transactions.amountUnit to minor if 12345 stands for ${cents}, to major if not`,
    );
  const stretch = wholeStretch(days);
  const { amounts, whole } = amountsIn(stretch);
  const others = all.amounts - amounts;
  if (amounts < MANY_AMOUNTS || all.whole - whole > WHOLE_SHARE * others) return null;
  const [first, last] = [stretch[0], stretch.at(-1)].map((one) => utcText((one?.day ?? 0) * DAY_MS).slice(0, 10));
  return found(
    `each of ${amounts} amounts in ${amount} from ${first} to ${last} is a whole number, but only ${all.whole - whole} of the ${others} others; write them alike if 12345 stands for ${cents} in those days, or set transactions.amountUnit to major`,
  );
}

/** Amounts with more decimals than are kept: each is rounded by itself. Of amounts in the smallest unit, they may be in another. */
export function checkFinerAmounts(account: readonly AccountRow[], { transactions }: PaymentTables): Finding | null {
  const finer = sum(account, (row) => row.finer);
  if (finer === 0) return null;
  const { amountUnit, decimals } = transactions;
  const all = sum(account, (row) => row.transactions);
  const says =
    amountUnit === 'minor'
      ? `${finer} of ${all} amounts are no whole numbers and are rounded one by one; check transactions.amountUnit`
      : `${finer} of ${all} amounts have more than ${decimals} decimals and are rounded one by one; raise transactions.decimals`;
  return { check: 'amounts', state: 'warn', says };
}

/** So many of the others at most are whole where a stretch of days with nothing else stands out. */
const WHOLE_SHARE = 0.5;

interface DayAmounts {
  readonly day: number | null;
  readonly amounts: number;
  readonly whole: number;
}

/** Amounts that can be read and how many of them are whole numbers, by day, those without a time last. */
function amountsByDay(account: readonly AccountRow[]): DayAmounts[] {
  const days = new Map<number | null, { amounts: number; whole: number }>();
  for (const row of account) {
    const of = days.get(row.day) ?? { amounts: 0, whole: 0 };
    of.amounts += row.transactions - row.withoutAmount - row.unreadable;
    of.whole += row.whole;
    days.set(row.day, of);
  }
  const order = ({ day }: DayAmounts) => day ?? Number.POSITIVE_INFINITY;
  return [...days].map(([day, of]) => ({ day, ...of })).sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

function amountsIn(days: readonly DayAmounts[]): { readonly amounts: number; readonly whole: number } {
  const total = (of: (one: DayAmounts) => number) => days.reduce((before, one) => before + of(one), 0);
  return { amounts: total(({ amounts }) => amounts), whole: total(({ whole }) => whole) };
}

/** Of days in a row whose amounts are all whole numbers those with the most amounts. */
function wholeStretch(days: readonly DayAmounts[]): readonly DayAmounts[] {
  let most = { from: 0, to: 0, amounts: 0 };
  let run = { from: 0, amounts: 0 };
  for (const [at, { amounts, whole }] of days.entries()) {
    run = whole === amounts ? { from: run.from, amounts: run.amounts + amounts } : { from: at + 1, amounts: 0 };
    if (run.amounts > most.amounts) most = { ...run, to: at + 1 };
  }
  return days.slice(most.from, most.to);
}

/** Names of clients that are one to a person, and to Power BI, but not to SQL. */
export function checkClientNames(source: HistorySource, names: readonly string[]): Finding[] {
  const alike = new Map<string, string[]>();
  for (const name of names) alike.set(plain(name), [...(alike.get(plain(name)) ?? []), name]);
  const pairs = [...alike.values()].filter((group) => group.length > 1);
  if (pairs.length === 0) return [];
  const shown = pairs.slice(0, 3).map((group) => group.map((name) => JSON.stringify(name)).join(' and '));
  const { table, client } = source.config.merchants;
  const says = `clients in ${client} of table ${table} are equal but for case, blanks or Unicode form: ${shown.join('; ')}${pairs.length > 3 ? ` and ${pairs.length - 3} more` : ''}; Power BI holds them for one; give each client one spelling`;
  return [{ check: 'client names', state: 'fail', stops: true, says }];
}

/** A word without what a person does not see: case, blanks and the form of its Unicode. */
export function plain(word: string): string {
  return word
    .normalize('NFKC')
    .replace(/[\p{Cf}]/gu, '')
    .trim()
    .replace(/\s+/g, ' ')
    .toLowerCase()
    .normalize('NFC');
}

function unaccented(word: string): string {
  return plain(word).normalize('NFD').replace(/\p{M}/gu, '');
}

/** What stops where none of the configured statuses or types occurs, so that nothing would be counted; `null` else. */
export function checkAnyCounts(account: readonly AccountRow[], { transactions }: PaymentTables): Finding | null {
  const { status, type } = transactions;
  const wanted = [
    ...(status ? [{ column: status.column, of: 'status' as const, configured: status.accepted }] : []),
    ...(type ? [{ column: type.column, of: 'kind' as const, configured: [...type.sales, ...type.refunds] }] : []),
  ];
  for (const { column, of, configured } of wanted) {
    const present = new Set(account.map((row) => row[of] ?? 'NULL'));
    if (present.size === 0 || configured.some((value) => present.has(value))) continue;
    const says = `none of ${configured.join(', ')} occurs in ${column}; it holds ${[...present].slice(0, 10).join(', ')}; set transactions.${of === 'kind' ? 'type' : 'status'}`;
    return { check: 'statuses and types', state: 'fail', stops: true, says };
  }
  return type ? checkAnySale(account, type) : null;
}

/** What stops where no configured sale occurs, but a type that is neither sale nor refund: it is most likely the sales'. */
function checkAnySale(
  account: readonly AccountRow[],
  { column, sales, refunds }: NonNullable<PaymentTables['transactions']['type']>,
): Finding | null {
  const present = [...new Set(account.map(({ kind }) => kind ?? 'NULL'))];
  const others = present.filter((kind) => !sales.includes(kind) && !refunds.includes(kind));
  if (others.length === 0 || sales.some((kind) => present.includes(kind))) return null;
  const says = `no sale: none of ${sales.join(', ')} occurs in ${column}; it holds ${present.slice(0, 10).join(', ')}; set transactions.type.sales`;
  return { check: 'statuses and types', state: 'fail', stops: true, says };
}

async function unreadableCell(
  source: HistorySource,
  what: 'time' | 'amount',
  count: number,
  signal: AbortSignal,
): Promise<string> {
  const { time, amount } = source.config.transactions;
  const column = what === 'time' ? time.column : amount;
  const { rows: answer } = await source.ask(unreadableStatement(what, source.config), signal);
  const value = answer[0]?.[0] ?? '';
  const at = await source.locate(column, value);
  const more = count > 1 ? ` (and ${count - 1} more)` : '';
  const accepted = what === 'time' ? acceptedTimes(source.config) : acceptedAmounts(source.config);
  return `${at ?? `table ${source.config.transactions.table}`}: ${column} is ${JSON.stringify(value.slice(0, 80))}${more}; accepted ${accepted}; correct it, or set transactions.${what === 'time' ? 'time' : 'amountFormat'} (trainer doctor looks for a format)`;
}

function acceptedAmounts({ transactions }: PaymentTables): string {
  const { amountFormat, decimals } = transactions;
  if (!amountFormat) return `are numbers of up to ${18 - decimals} digits before the decimals`;
  const { decimal, thousands, currency } = amountFormat;
  return `are numbers such as ${currency}1${thousands}234${decimal}56, or nothing`;
}

function acceptedTimes({ transactions: { time } }: PaymentTables): string {
  if (time.type === 'text') return `are times such as ${time.format}`;
  if (isEpoch(time.type))
    return `are ${EPOCH_WORDS[time.type]} since 1970 such as ${1_767_226_140 * EPOCH_UNITS[time.type]}`;
  if (time.type === 'date') return 'are dates such as 2026-01-31';
  return time.type === 'timestamptz'
    ? 'are times with an offset such as 2026-01-31T13:45:00+02:00'
    : 'are times without an offset such as 2026-01-31 13:45:00';
}

/** Sum over account rows. */
export function sum<Row>(all: readonly Row[], of: (row: Row) => number): number {
  return all.reduce((total, row) => total + of(row), 0);
}

/** `1 transaction` or `5 transactions`. */
export function rows(count: number): string {
  return `${count} transaction${count === 1 ? '' : 's'}`;
}

function them(count: number): string {
  return count === 1 ? 'it' : 'them';
}

function found(at: string | null): string {
  return at === null ? '' : ` (${at})`;
}

/** No calendar of a machine reaches as far as nanoseconds that are read as seconds. */
function yearOf(ms: number): number {
  return Math.floor(1970 + ms / (365.2425 * DAY_MS));
}

function day(ms: number): string {
  if (yearOf(ms) > 9_999) return `a time in the year ${yearOf(ms)}`;
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}
