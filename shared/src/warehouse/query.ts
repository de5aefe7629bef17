import { bucketAt } from '../forecasting/time/bucket.ts';
import { HOUR_MS } from '../forecasting/time/duration.ts';
import { distinctTransactions, kindOf } from './distinct.ts';
import { amountOf, readTransactions } from './reading.ts';
import { Parameters, quoted, quotedTable, type Statement, textOf } from './statement.ts';
import type { CountedTables, Dimension, PaymentTables } from './tables.ts';
import { epochSeconds, isZoned, partitionRange, type TimeRange, timeRange, wallSeconds } from './time-column.ts';

/**
 * Columns of `bucketStatement`'s result, in order. Sums of money and of logarithms are DECIMAL, and exact text in
 * Athena's answers; `client` is NULL for transactions of merchants without a client.
 *
 * A row with `dimension` 0 is about all of a client's bucket; one with `dimension` k is about those of its transactions
 * whose k-th dimension has the value `value`, NULL for the rest of many and for rows without one.
 * `transactions` counts approved sales and refunds, `duplicated` those of them whose merchant is listed more than once;
 * `attempts` counts sales whatever their status, `approved` those that were approved, `sales` the approved ones of more
 * than 0, over which `log_sum` and `log_squares` are Σ ln(amount) and Σ ln(amount)². `without_amount` counts approved
 * sales and refunds whose amount is NULL, which are not among `transactions`.
 */
export const BUCKET_COLUMNS = [
  'client',
  'bucket',
  'dimension',
  'value',
  'gross',
  'refunds',
  'net',
  'transactions',
  'duplicated',
  'attempts',
  'approved',
  'sales',
  'log_sum',
  'log_squares',
  'without_amount',
] as const;

/** Stands between the two values of a pair of dimensions: the unit separator; a value that has one is among the others. */
export const PAIR_MARK = '\u001f';
const PAIR_MARK_SQL = `chr(${PAIR_MARK.charCodeAt(0)})`;

/** Values of a dimension that are kept per client and statement, those seen most; the rest are added up. */
const MOST_VALUES = 40;
/** Decimals of a logarithm: exact sums do not depend on the order in which an engine adds them. */
const LOG_DECIMALS = 4;

/**
 * Sums and counts per client and bucket over `[fromMs, toMs)`, both on a bucket's edge: one scan, aggregated where the
 * rows are. Refunds count positive whatever their stored sign, and net = gross − refunds. Transactions without a client
 * stay in, under NULL, even where only some clients are asked for. With `transactions.id`, one that was delivered again
 * counts once (see `distinctTransactions`).
 */
export function bucketStatement(tables: CountedTables, fromMs: number, toMs: number): Statement {
  const parameters = new Parameters();
  const perBucket = bucketSums(tables, { fromMs, toMs }, parameters);
  const sql = (tables.dimensions ?? []).length === 0 ? perBucket : mostSeenValues(perBucket);
  return { sql: `${sql}\nORDER BY client, bucket, dimension, value`, parameters: parameters.values };
}

/**
 * SQL of `BUCKET_COLUMNS` with all values of the dimensions, in no order.
 * @param windows within the range of which alone rows are read; unless given, the whole range.
 */
export function bucketSums(
  tables: CountedTables,
  { fromMs, toMs }: TimeRange,
  parameters: Parameters,
  windows: readonly TimeRange[] = [],
): string {
  const { transactions } = tables;
  const { type, status, decimals } = transactions;
  const stepMs = tables.stepHours * HOUR_MS;
  const zero = `CAST(0 AS decimal(38, ${decimals}))`;
  const noLog = `CAST(0 AS decimal(38, ${LOG_DECIMALS}))`;
  const summed = summedRows(tables, { fromMs, toMs }, parameters, windows);
  const kinds = type ?? { sales: ['sale'], refunds: ['refund'] };
  const isSale = () => `kind IN (${parameters.list(kinds.sales)})`;
  const isApproved = () => (status ? ` AND status IN (${parameters.list(status.accepted)})` : '');
  const sides = [`(side = 1 AND ${isSale()}${isApproved()})`];
  if (kinds.refunds.length > 0) {
    sides.push(`(side = -1 AND kind IN (${parameters.list(kinds.refunds)})${isApproved()})`);
  }
  if (status) {
    const isDeclined = `(status IS NULL OR status NOT IN (${parameters.list(status.accepted)}))`;
    sides.push(`(side = 0 AND ${isDeclined} AND ${isSale()})`);
  }
  const range = isZoned(readTransactions(tables).tables.transactions.time)
    ? ` AND bucket >= ${parameters.one(bucketAt(fromMs, stepMs))} AND bucket < ${parameters.one(bucketAt(toMs, stepMs))}`
    : '';
  const sale = saleSums(transactions);
  return `SELECT
  client,
  bucket,
  dimension,
  value,
  sum(CASE WHEN side = 1 THEN ${sale.gross} ELSE ${zero} END) AS gross,
  sum(CASE side WHEN -1 THEN magnitude WHEN 1 THEN ${sale.refunds ?? zero} ELSE ${zero} END) AS refunds,
  sum(CASE side WHEN 1 THEN ${sale.net} WHEN -1 THEN -magnitude ELSE ${zero} END) AS net,
  sum(CASE WHEN side <> 0 THEN transactions - without_amount ELSE 0 END) AS transactions,
  sum(CASE WHEN side <> 0 THEN duplicated ELSE 0 END) AS duplicated,
  sum(CASE WHEN side >= 0 THEN transactions ELSE 0 END) AS attempts,
  sum(CASE WHEN side = 1 THEN transactions ELSE 0 END) AS approved,
  sum(CASE WHEN side = 1 THEN sales ELSE 0 END) AS sales,
  sum(CASE WHEN side = 1 THEN log_sum ELSE ${noLog} END) AS log_sum,
  sum(CASE WHEN side = 1 THEN log_squares ELSE ${noLog} END) AS log_squares,
  sum(CASE WHEN side <> 0 THEN without_amount ELSE 0 END) AS without_amount
FROM (
${summed}
) AS summed
CROSS JOIN (VALUES (1), (-1), (0)) AS sides (side)
WHERE (${sides.join(' OR ')})${range}
GROUP BY client, bucket, dimension, value`;
}

/** What a sale adds to gross, refunds and net: a negative one as `transactions.negativeSales` says. */
function saleSums({ negativeSales, type }: PaymentTables['transactions']) {
  if (negativeSales === 'absolute' && type) return { gross: 'magnitude', net: 'magnitude' };
  if (negativeSales === 'refund' && type) return { gross: 'total - below', refunds: '-below', net: 'total' };
  return { gross: 'total', net: 'total' };
}

/** Rows of the range by client, bucket, dimension, value, kind and status: the only part that reads the tables. */
function summedRows(
  tables: CountedTables,
  { fromMs, toMs }: TimeRange,
  parameters: Parameters,
  windows: readonly TimeRange[],
): string {
  const { merchants } = tables;
  const dimensions = tables.dimensions ?? [];
  const rows = distinctTransactions(tables, fromMs, toMs, parameters);
  const time = `t.${quoted(rows.time.column)}`;
  const zero = `CAST(0 AS decimal(38, ${rows.decimals}))`;
  const log = `CAST(coalesce(CASE WHEN amount > 0 THEN ln(CAST(amount AS double)) END, 0) AS decimal(18, ${LOG_DECIMALS}))`;
  const status = rows.status ? textOf(`t.${quoted(rows.status.column)}`) : "''";
  const names = dimensions.map((_, index) => `part_${index + 1}`);
  const values = dimensions.map(({ column, table }, index) =>
    table === 'merchants' ? `m.${names[index]}` : `${textOf(`t.${quoted(column)}`)} AS ${names[index]}`,
  );
  const where = [...rows.where];
  if (tables.clients !== 'all') {
    where.push(`(m.client IN (${parameters.list(tables.clients)}) OR m.client IS NULL)`);
  }
  if (windows.length > 0) where.push(withinOneOf(windows, rows, parameters));
  const whole = ['client', 'bucket', 'kind', 'status'];
  const perPayment = `SELECT
      client, bucket, kind, status${names.map((name) => `, ${name}`).join('')},
      coalesce(sum(amount), ${zero}) AS total,
      coalesce(sum(abs(amount)), ${zero}) AS magnitude,
      coalesce(sum(CASE WHEN amount < 0 THEN amount END), ${zero}) AS below,
      count(*) AS transactions,
      count(*) - count(amount) AS without_amount,
      count_if(copies > 1 AND amount IS NOT NULL) AS duplicated,
      count_if(amount IS NOT NULL AND amount > 0) AS sales,
      sum(log_amount) AS log_sum,
      sum(CAST(log_amount * log_amount AS decimal(18, ${LOG_DECIMALS}))) AS log_squares
    FROM (
      SELECT *, ${log} AS log_amount
      FROM (
        SELECT
          m.client AS client,
          CAST(floor((${epochSeconds(rows.time, time, { fromMs, toMs })}) / ${tables.stepHours * 3_600}) AS bigint) AS bucket,
          ${kindOf(rows)} AS kind,
          ${status} AS status,
          ${amountOf(rows)} AS amount,
          m.copies AS copies${values.map((value) => `,\n          ${value}`).join('')}
        FROM ${rows.from} AS t
        LEFT JOIN ${clientOfMerchant(merchants, dimensions)} AS m ON t.${quoted(rows.merchant)} = m.merchant
        WHERE ${where.join('\n          AND ')}
      ) AS taken
    ) AS payments
    GROUP BY ${[...whole, ...names].join(', ')}`;
  const pairs = (tables.pairs ?? []).map((pair) => names.filter((_, place) => pair.includes(place)));
  const groups = [...names.map((name) => [name]), ...pairs];
  const sets = [whole, ...groups.map((group) => [...whole, ...group])].map((columns) => `(${columns.join(', ')})`);
  const sums = [
    'total',
    'magnitude',
    'below',
    'transactions',
    'without_amount',
    'duplicated',
    'sales',
    'log_sum',
    'log_squares',
  ];
  // Adding up the sums of each combination of values is much less work than adding up the payments once per dimension.
  return `  SELECT client, bucket, kind, status, ${dimensionOf(names, groups)} AS dimension, ${partValue(names, pairs)} AS value,
    ${sums.map((column) => `sum(${column}) AS ${column}`).join(', ')}
  FROM (
    ${perPayment}
  ) AS combined
  GROUP BY GROUPING SETS (${sets.join(', ')})`;
}

/** SQL that keeps the rows of some windows, naming the partitions of each so that no others are read. */
function withinOneOf(
  windows: readonly TimeRange[],
  { time, partition }: PaymentTables['transactions'],
  parameters: Parameters,
): string {
  const each = windows.map((window) => {
    const range = timeRange(time, `t.${quoted(time.column)}`, window, parameters);
    return partition ? `(${range} AND ${partitionRange(partition, window, parameters)})` : `(${range})`;
  });
  return `(${each.join(' OR ')})`;
}

/** What `grouping` of some columns is in the grouping set of a few of them. */
function groupingOf(names: readonly string[], group: readonly string[]): number {
  return names.reduce((bits, name) => 2 * bits + (group.includes(name) ? 0 : 1), 0);
}

/** SQL for which dimension (or pair, after them) a grouping set is of, from 1 on; 0 for the one without any. */
function dimensionOf(names: readonly string[], groups: readonly (readonly string[])[]): string {
  if (names.length === 0) return '0';
  const cases = groups.map((group, index) => `WHEN ${groupingOf(names, group)} THEN ${index + 1}`);
  return `CASE grouping(${names.join(', ')}) ${cases.join(' ')} ELSE 0 END`;
}

function partValue(names: readonly string[], pairs: readonly (readonly string[])[]): string {
  const [first, ...others] = names;
  if (first === undefined) return 'CAST(NULL AS varchar)';
  // In the grouping set of a dimension all but one of them are NULL.
  const one = others.length === 0 ? first : `coalesce(${names.join(', ')})`;
  if (pairs.length === 0) return one;
  const cases = pairs.map((pair) => `WHEN ${groupingOf(names, pair)} THEN ${pair.join(` || ${PAIR_MARK_SQL} || `)}`);
  return `CASE grouping(${names.join(', ')}) ${cases.join(' ')} ELSE ${one} END`;
}

/** The same rows with the values beyond those seen most added up under NULL, so that a column of many cannot flood. */
function mostSeenValues(perBucket: string): string {
  const sums = BUCKET_COLUMNS.slice(4).map((column) => `sum(${column}) AS ${column}`);
  return `SELECT client, bucket, dimension, value, ${sums.join(', ')}
FROM (
SELECT client, bucket, dimension, CASE WHEN place <= ${MOST_VALUES} THEN value END AS value, ${BUCKET_COLUMNS.slice(4).join(', ')}
FROM (
SELECT *, dense_rank() OVER (PARTITION BY client, dimension ORDER BY seen DESC, value) AS place
FROM (
SELECT *, sum(attempts) OVER (PARTITION BY client, dimension, value) AS seen
FROM (
${perBucket}
) AS counted
) AS weighed
) AS ranked
) AS kept
GROUP BY client, bucket, dimension, value`;
}

/**
 * First and last time at which there is a transaction in `[fromMs, toMs)` and their number: `from_s` and `to_s` in
 * seconds of the column's own wall clock (see `instantOf`), NULL where there is none. With `fromMs` partitions before it
 * are pruned.
 */
export function rangeStatement(tables: PaymentTables, fromMs?: number, toMs: number = FAR_MS): Statement {
  const read = readTransactions(tables);
  const { time, partition } = read.tables.transactions;
  const parameters = new Parameters();
  const column = `t.${quoted(time.column)}`;
  const seconds = (edge: 'min' | 'max') => `CAST(floor(${wallSeconds(time, `${edge}(${column})`)}) AS bigint)`;
  const bounded = fromMs !== undefined || toMs !== FAR_MS;
  const where = bounded ? [timeRange(time, column, { fromMs: fromMs ?? PAST_MS, toMs }, parameters)] : [];
  if (fromMs !== undefined && partition) where.push(partitionRange(partition, { fromMs, toMs }, parameters));
  const sql = `SELECT ${seconds('min')} AS from_s, ${seconds('max')} AS to_s, count(*) AS transactions
FROM ${read.from} AS t${where.length > 0 ? `\nWHERE ${where.join('\n  AND ')}` : ''}`;
  return { sql, parameters: parameters.values };
}

const FAR_MS = Date.UTC(2200, 0, 1);
const PAST_MS = Date.UTC(1800, 0, 1);

/** One row per merchant, whatever the merchant table repeats, so that the join cannot multiply transactions. */
function clientOfMerchant(
  { table, key, client }: PaymentTables['merchants'],
  dimensions: readonly Dimension[] = [],
): string {
  const parts = dimensions.map(({ table: of, column }, index) =>
    of === 'merchants' ? `, min(${textOf(quoted(column))}) AS part_${index + 1}` : '',
  );
  return `(
    SELECT ${quoted(key)} AS merchant, min(${textOf(quoted(client))}) AS client, count(*) AS copies${parts.join('')}
    FROM ${quotedTable(table)} GROUP BY 1
  )`;
}
