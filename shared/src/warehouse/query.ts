import { bucketAt } from '../forecasting/time/bucket.ts';
import { HOUR_MS } from '../forecasting/time/duration.ts';
import { Parameters, quoted, quotedTable, type Statement } from './statement.ts';
import type { PaymentTables } from './tables.ts';
import { epochSeconds, isZoned, partitionRange, timeRange } from './time-column.ts';

/**
 * Columns of `bucketStatement`'s result, in order. The sums are DECIMAL, and exact text in Athena's answers; `client` is NULL for transactions of
 * merchants without a client; `duplicated` counts transactions of merchants that the merchant table lists more than once.
 */
export const BUCKET_COLUMNS = ['client', 'bucket', 'gross', 'refunds', 'net', 'transactions', 'duplicated'] as const;

/**
 * Sums per client and bucket over `[fromMs, toMs)`, both on a bucket's edge: one scan, aggregated where the rows are.
 * Refunds count positive whatever their stored sign, and net = gross − refunds. Transactions without a client stay in,
 * under NULL, even where only some clients are asked for.
 */
export function bucketStatement(tables: PaymentTables, fromMs: number, toMs: number): Statement {
  const { transactions, merchants } = tables;
  const parameters = new Parameters();
  const stepMs = tables.stepHours * HOUR_MS;
  const time = `t.${quoted(transactions.time.column)}`;
  const amount = `CAST(t.${quoted(transactions.amount)} AS decimal(18, ${transactions.decimals}))`;
  const zero = `CAST(0 AS decimal(38, ${transactions.decimals}))`;
  const kind = transactions.type
    ? `CAST(t.${quoted(transactions.type.column)} AS varchar)`
    : `CASE WHEN ${amount} < 0 THEN 'refund' ELSE 'sale' END`;
  const where = [timeRange(transactions.time, time, fromMs, toMs, parameters)];
  if (transactions.partition) where.push(partitionRange(transactions.partition, fromMs, toMs, parameters));
  if (transactions.status) {
    const column = `CAST(t.${quoted(transactions.status.column)} AS varchar)`;
    where.push(`${column} IN (${parameters.list(transactions.status.accepted)})`);
  }
  if (transactions.type) {
    where.push(`${kind} IN (${parameters.list([...transactions.type.sales, ...transactions.type.refunds])})`);
  }
  if (tables.clients !== 'all') {
    where.push(`(m.client IN (${parameters.list(tables.clients)}) OR m.client IS NULL)`);
  }
  const { sales, refunds } = transactions.type ?? { sales: ['sale'], refunds: ['refund'] };
  const sides = [`(side = 1 AND kind IN (${parameters.list(sales)}))`];
  if (refunds.length > 0) sides.push(`(side = -1 AND kind IN (${parameters.list(refunds)}))`);
  const range = isZoned(transactions.time)
    ? ` AND bucket >= ${parameters.one(bucketAt(fromMs, stepMs))} AND bucket < ${parameters.one(bucketAt(toMs, stepMs))}`
    : '';
  const sql = `SELECT
  client,
  bucket,
  sum(CASE WHEN side = 1 THEN total ELSE ${zero} END) AS gross,
  sum(CASE WHEN side = -1 THEN magnitude ELSE ${zero} END) AS refunds,
  sum(CASE WHEN side = 1 THEN total ELSE -magnitude END) AS net,
  sum(transactions) AS transactions,
  sum(duplicated) AS duplicated
FROM (
  SELECT
    m.client AS client,
    CAST(floor((${epochSeconds(transactions.time, time, fromMs, toMs)}) / ${stepMs / 1000}) AS bigint) AS bucket,
    ${kind} AS kind,
    coalesce(sum(${amount}), ${zero}) AS total,
    coalesce(sum(abs(${amount})), ${zero}) AS magnitude,
    count(*) AS transactions,
    count_if(m.copies > 1) AS duplicated
  FROM ${quotedTable(transactions.table)} AS t
  LEFT JOIN ${clientOfMerchant(merchants)} AS m ON t.${quoted(transactions.merchant)} = m.merchant
  WHERE ${where.join('\n    AND ')}
  GROUP BY 1, 2, 3
) AS summed
CROSS JOIN (VALUES (1), (-1)) AS sides (side)
WHERE (${sides.join(' OR ')})${range}
GROUP BY client, bucket
ORDER BY client, bucket`;
  return { sql, parameters: parameters.values };
}

/**
 * First and last time at which there is a transaction, `from_s` and `to_s`, in seconds of the column's own wall clock
 * (see `instantOf`); NULL in an empty table. With `fromMs` only what follows is looked at, so that partitions prune.
 */
export function rangeStatement(tables: PaymentTables, fromMs?: number): Statement {
  const { time, table, partition } = tables.transactions;
  const parameters = new Parameters();
  const column = `t.${quoted(time.column)}`;
  const seconds = (edge: 'min' | 'max') => {
    const found = `${edge}(${column})`;
    return `CAST(floor(to_unixtime(${time.type === 'date' ? `CAST(${found} AS timestamp)` : found})) AS bigint)`;
  };
  const where = fromMs === undefined ? [] : [timeRange(time, column, fromMs, FAR_MS, parameters)];
  if (fromMs !== undefined && partition) where.push(partitionRange(partition, fromMs, FAR_MS, parameters));
  const sql = `SELECT ${seconds('min')} AS from_s, ${seconds('max')} AS to_s
FROM ${quotedTable(table)} AS t${where.length > 0 ? `\nWHERE ${where.join('\n  AND ')}` : ''}`;
  return { sql, parameters: parameters.values };
}

const FAR_MS = Date.UTC(2200, 0, 1);

/** One row per merchant, whatever the merchant table repeats, so that the join cannot multiply transactions. */
function clientOfMerchant({ table, key, client }: PaymentTables['merchants']): string {
  return `(
    SELECT ${quoted(key)} AS merchant, min(CAST(${quoted(client)} AS varchar)) AS client, count(*) AS copies
    FROM ${quotedTable(table)} GROUP BY 1
  )`;
}
