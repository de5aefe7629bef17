import { isPlainFormat } from './amount-text.ts';
import { kindOf, repeatedTransactions } from './distinct.ts';
import { amountOf, readTransactions, unreadable, writtenAmount } from './reading.ts';
import { Parameters, quoted, quotedTable, type Statement, textOf } from './statement.ts';
import type { PaymentTables } from './tables.ts';
import { epochSeconds, isZoned, partitionRange, timeRange, wallSeconds } from './time-column.ts';

/** Columns of `daysStatement`'s result, in order. */
export const DAY_COLUMNS = ['day', 'transactions', 'first_s', 'last_s', 'unreadable'] as const;

/**
 * On which days of the column's own clock there are how many transactions: `day` since the epoch, `first_s` and
 * `last_s` in seconds of that clock (see `instantOf`). Rows without a time are the row whose `day` is NULL, of which
 * `unreadable` have something in the cell. With `fromMs` earlier rows are left out and their partitions pruned.
 */
export function daysStatement(stored: PaymentTables, fromMs?: number): Statement {
  const { from, tables } = readTransactions(stored);
  const { time, partition } = tables.transactions;
  const parameters = new Parameters();
  const column = `t.${quoted(time.column)}`;
  const seconds = wallSeconds(time, column);
  const where: string[] = [];
  if (fromMs !== undefined) {
    where.push(`(${column} IS NULL OR (${timeRange(time, column, { fromMs, toMs: FAR_MS }, parameters)}))`);
    if (partition) where.push(partitionRange(partition, { fromMs, toMs: FAR_MS }, parameters));
  }
  const bad =
    from === quotedTable(stored.transactions.table)
      ? 'false'
      : unreadable('time', stored.transactions, tables.transactions);
  const sql = `SELECT
  CAST(floor(${seconds} / 86400) AS bigint) AS day,
  count(*) AS transactions,
  CAST(floor(min(${seconds})) AS bigint) AS first_s,
  CAST(floor(max(${seconds})) AS bigint) AS last_s,
  count_if(${bad}) AS unreadable
FROM ${from} AS t${where.length > 0 ? `\nWHERE ${where.join('\n  AND ')}` : ''}
GROUP BY 1
ORDER BY 1`;
  return { sql, parameters: parameters.values };
}

const FAR_MS = Date.UTC(2200, 0, 1);

/** Columns of `accountStatement`'s result, in order. */
export const ACCOUNT_COLUMNS = [
  'day',
  'kind',
  'status',
  'transactions',
  'total',
  'magnitude',
  'below',
  'negative',
  'without_amount',
  'unreadable',
  'finer',
  'whole',
  'thousandths',
  'midnight',
] as const;

/**
 * All transactions in `[fromMs, toMs)`, or outside it, whatever becomes of them: per UTC day, stored type and status.
 * `total` is the sum of the amounts, `magnitude` of their absolute values, `below` of the negative ones, all DECIMAL;
 * `negative`, `without_amount` (NULL), `unreadable` (something that is no amount), `finer` (more decimals than the
 * currency), `whole` (no decimals), `thousandths` (one dot followed by exactly three digits, where the format of the text is assumed) and
 * `midnight` (at 00:00:00 sharp) count rows.
 */
export function accountStatement(
  stored: PaymentTables,
  fromMs: number,
  toMs: number,
  side: 'inside' | 'outside' = 'inside',
): Statement {
  const { from, tables } = readTransactions(stored);
  const { transactions } = tables;
  const { time, partition, type, status, decimals } = transactions;
  const parameters = new Parameters();
  const column = `t.${quoted(time.column)}`;
  const seconds = epochSeconds(time, column, { fromMs, toMs });
  const amount = amountOf(transactions, 'TRY_CAST');
  const text = (name: string | undefined) => (name === undefined ? "''" : textOf(`t.${quoted(name)}`));
  const exact = (sql: string) => `coalesce(sum(${sql}), CAST(0 AS decimal(38, ${decimals})))`;
  const where: string[] = [];
  if (side === 'inside') {
    where.push(timeRange(time, column, { fromMs, toMs }, parameters));
    if (partition) where.push(partitionRange(partition, { fromMs, toMs }, parameters));
    if (isZoned(time))
      where.push(`${seconds} >= ${parameters.one(fromMs / 1000)} AND ${seconds} < ${parameters.one(toMs / 1000)}`);
  } else {
    where.push(
      `(${column} IS NULL OR ${seconds} < ${parameters.one(fromMs / 1000)} OR ${seconds} >= ${parameters.one(toMs / 1000)})`,
    );
  }
  const bad = unreadable('amount', stored.transactions, transactions);
  const { amountFormat } = stored.transactions;
  const cell = `t.${quoted(stored.transactions.amount)}`;
  const finer = isFiner(stored.transactions, transactions);
  const thousandths =
    amountFormat && isPlainFormat(amountFormat)
      ? `regexp_like(${cell}, '^[^0-9]*[0-9]{1,3}[.][0-9]{3}[^0-9]*$')`
      : 'false';
  const sql = `SELECT
  CAST(floor((${seconds}) / 86400) AS bigint) AS day,
  ${type ? text(type.column) : `CASE WHEN ${amount} < 0 THEN 'refund' ELSE 'sale' END`} AS kind,
  ${text(status?.column)} AS status,
  count(*) AS transactions,
  ${exact(amount)} AS total,
  ${exact(`abs(${amount})`)} AS magnitude,
  ${exact(`CASE WHEN ${amount} < 0 THEN ${amount} END`)} AS below,
  count_if(${amount} < 0) AS negative,
  count_if(${amount} IS NULL AND NOT ${bad}) AS without_amount,
  count_if(${bad}) AS unreadable,
  count_if(${finer}) AS finer,
  count_if(mod(${amount}, 1) = 0) AS whole,
  count_if(${thousandths}) AS thousandths,
  count_if(mod(CAST(floor(${wallSeconds(time, column)}) AS bigint), 86400) = 0) AS midnight
FROM ${from} AS t
WHERE ${where.join('\n  AND ')}
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3`;
  return { sql, parameters: parameters.values };
}

/** SQL predicate over a row `t` of `readTransactions`: its amount has more decimals than are kept of it. */
function isFiner(stored: PaymentTables['transactions'], read: PaymentTables['transactions']): string {
  const isMinor = stored.amountUnit === 'minor';
  const written = `TRY_CAST(${isMinor ? writtenAmount(stored) : `t.${quoted(read.amount)}`} AS double)`;
  const kept = isMinor ? `round(${written})` : `CAST(${amountOf(read, 'TRY_CAST')} AS double)`;
  // What arithmetic leaves behind of a floating-point number, 54.599999999999994, is no decimal.
  return `abs(${kept} - ${written}) > 0.000000001 * greatest(1, abs(${written}))`;
}

/** Columns of `repeatsStatement`'s result, in order. */
export const REPEAT_COLUMNS = ['day', 'kind', 'transactions', 'total', 'magnitude', 'below', 'without_amount'] as const;

/** What `bucketStatement` leaves out of `[fromMs, toMs)` because it repeats another transaction's id, per UTC day and type. */
export function repeatsStatement(tables: PaymentTables, fromMs: number, toMs: number): Statement {
  const parameters = new Parameters();
  const repeated = repeatedTransactions(tables, fromMs, toMs, parameters);
  const seconds = epochSeconds(repeated.time, `t.${quoted(repeated.time.column)}`, { fromMs, toMs });
  const amount = amountOf(repeated);
  const exact = (sql: string) => `coalesce(sum(${sql}), CAST(0 AS decimal(38, ${repeated.decimals})))`;
  const where = [...repeated.where];
  if (isZoned(repeated.time))
    where.push(`${seconds} >= ${parameters.one(fromMs / 1000)} AND ${seconds} < ${parameters.one(toMs / 1000)}`);
  const sql = `SELECT
  CAST(floor((${seconds}) / 86400) AS bigint) AS day,
  ${kindOf(repeated)} AS kind,
  count(*) AS transactions,
  ${exact(amount)} AS total,
  ${exact(`abs(${amount})`)} AS magnitude,
  ${exact(`CASE WHEN ${amount} < 0 THEN ${amount} END`)} AS below,
  count(*) - count(${amount}) AS without_amount
FROM ${repeated.from} AS t
WHERE ${where.join('\n  AND ')}
GROUP BY 1, 2
ORDER BY 1, 2`;
  return { sql, parameters: parameters.values };
}

/** One cell that `transactions` cannot read, as text in `value`; no row where every cell is read or blank. */
export function unreadableStatement(what: 'time' | 'amount', stored: PaymentTables): Statement {
  const { from, tables } = readTransactions(stored);
  const column = what === 'time' ? stored.transactions.time.column : stored.transactions.amount;
  const sql = `SELECT CAST(t.${quoted(column)} AS varchar) AS value FROM ${from} AS t
WHERE ${unreadable(what, stored.transactions, tables.transactions)}
LIMIT 1`;
  return { sql, parameters: [] };
}

/**
 * What the cells of a column look like: `shape` is a cell with each digit as 9, `cells` how many there are of it,
 * `least`, `most` and `other` three of them, `first` and `second` the greatest first and second number in any of them.
 */
export function shapesStatement(table: string, column: string, by?: string): Statement {
  const cell = `trim(CAST(t.${quoted(column)} AS varchar))`;
  const number = (pattern: string, group: number) =>
    `max(TRY_CAST(regexp_extract(${cell}, '${pattern}', ${group}) AS bigint))`;
  const sql = `SELECT ${by === undefined ? '' : `t.${quoted(by)} AS part, `}translate(${cell}, '0123456789', '9999999999') AS shape, count(*) AS cells, min(${cell}) AS least,
  max(${cell}) AS most, reverse(min(reverse(${cell}))) AS other, ${number('^([0-9]+)[^0-9]', 1)} AS first, ${number('^[0-9]+[^0-9]+([0-9]+)', 1)} AS second
FROM ${quotedTable(table)} AS t
WHERE ${cell} <> ''
GROUP BY ${by === undefined ? '1 ORDER BY 2 DESC, 1 LIMIT 200' : '1, 2 ORDER BY 1, 3 DESC, 2'}`;
  return { sql, parameters: [] };
}

/** `repeated` rows share an id and a type with an earlier one, of which `differing` have another time or amount; all whose status is accepted. */
export function idStatement(stored: PaymentTables, id: string): Statement {
  const { from, tables } = readTransactions(stored);
  const { transactions } = tables;
  const parameters = new Parameters();
  const { status } = transactions;
  const named = textOf(`t.${quoted(id)}`);
  const time = `t.${quoted(transactions.time.column)}`;
  const amount = amountOf(transactions, 'TRY_CAST');
  const where = [`t.${quoted(id)} IS NOT NULL`];
  if (status) where.push(`${textOf(`t.${quoted(status.column)}`)} IN (${parameters.list(status.accepted)})`);
  const sql = `SELECT sum(copies - 1) AS repeated, sum(CASE WHEN variants > 1 THEN copies - 1 ELSE 0 END) AS differing
FROM (
  SELECT count(*) AS copies,
    CASE WHEN min(${time}) < max(${time}) OR min(${amount}) < max(${amount}) THEN 2 ELSE 1 END AS variants
  FROM ${from} AS t
  WHERE ${where.join(' AND ')}
  GROUP BY ${named}, ${transactions.type ? textOf(`t.${quoted(transactions.type.column)}`) : `CASE WHEN ${amountOf(transactions, 'TRY_CAST')} < 0 THEN 'refund' ELSE 'sale' END`}
) AS listed
WHERE copies > 1`;
  return { sql, parameters: parameters.values };
}

/**
 * What the merchant table looks like: `merchants`, how many are `repeated`, how many of those name more than one client
 * (`ambiguous`), and how many have none (`nameless`).
 */
export function merchantStatement({ merchants }: PaymentTables): Statement {
  const sql = `SELECT count(*) AS merchants, count_if(copies > 1) AS repeated, count_if(clients > 1) AS ambiguous,
  count_if(clients = 0) AS nameless
FROM (
  SELECT ${quoted(merchants.key)} AS merchant, count(*) AS copies, count(DISTINCT ${textOf(quoted(merchants.client))}) AS clients
  FROM ${quotedTable(merchants.table)} GROUP BY 1
) AS listed`;
  return { sql, parameters: [] };
}

/** Three values of a table's key, to be shown. */
export function keyStatement(table: string, key: string): Statement {
  const text = textOf(quoted(key));
  const sql = `SELECT ${text} AS name FROM ${quotedTable(table)} WHERE ${quoted(key)} IS NOT NULL GROUP BY 1 ORDER BY 1 LIMIT 3`;
  return { sql, parameters: [] };
}

/** `merchant` and `client` of each merchant that has one, one row each; of several the first by name, as in the buckets. */
export function ownerStatement({ merchants }: PaymentTables): Statement {
  const client = textOf(quoted(merchants.client));
  const sql = `SELECT ${textOf(quoted(merchants.key))} AS merchant, min(${client}) AS client FROM ${quotedTable(merchants.table)}
WHERE ${quoted(merchants.key)} IS NOT NULL AND ${quoted(merchants.client)} IS NOT NULL GROUP BY 1`;
  return { sql, parameters: [] };
}

/** Names of all clients, one row each, in order. */
export function clientStatement({ merchants }: PaymentTables): Statement {
  const client = textOf(quoted(merchants.client));
  const sql = `SELECT DISTINCT ${client} AS client FROM ${quotedTable(merchants.table)}
WHERE ${quoted(merchants.client)} IS NOT NULL ORDER BY 1`;
  return { sql, parameters: [] };
}
