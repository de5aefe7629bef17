import { Parameters, quoted, quotedTable, type Statement } from './statement.ts';
import type { PaymentTables } from './tables.ts';
import { partitionRange, timeRange } from './time-column.ts';

/**
 * What the transactions in `[fromMs, toMs)` look like, per stored type and status: `kind`, `status`, `transactions`,
 * `negative` amounts, `without_amount`, `finer` (more decimals than the currency) and `midnight` (at 00:00:00 sharp).
 */
export function profileStatement({ transactions }: PaymentTables, fromMs: number, toMs: number): Statement {
  const { time, partition, type, status, decimals } = transactions;
  const parameters = new Parameters();
  const column = `t.${quoted(time.column)}`;
  const amount = `t.${quoted(transactions.amount)}`;
  const text = (name: string | undefined) => (name === undefined ? "''" : `CAST(t.${quoted(name)} AS varchar)`);
  const seconds = `to_unixtime(${time.type === 'date' ? `CAST(${column} AS timestamp)` : column})`;
  const where = [timeRange(time, column, fromMs, toMs, parameters)];
  if (partition) where.push(partitionRange(partition, fromMs, toMs, parameters));
  const sql = `SELECT
  ${text(type?.column)} AS kind,
  ${text(status?.column)} AS status,
  count(*) AS transactions,
  count_if(${amount} < 0) AS negative,
  count_if(${amount} IS NULL) AS without_amount,
  count_if(CAST(CAST(${amount} AS decimal(18, ${decimals})) AS double) <> CAST(${amount} AS double)) AS finer,
  count_if(mod(CAST(floor(${seconds}) AS bigint), 86400) = 0) AS midnight
FROM ${quotedTable(transactions.table)} AS t
WHERE ${where.join('\n  AND ')}
GROUP BY 1, 2
ORDER BY 1, 2`;
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
  SELECT ${quoted(merchants.key)} AS merchant, count(*) AS copies, count(DISTINCT CAST(${quoted(merchants.client)} AS varchar)) AS clients
  FROM ${quotedTable(merchants.table)} GROUP BY 1
) AS listed`;
  return { sql, parameters: [] };
}

/** Names of all clients, one row each, in order. */
export function clientStatement({ merchants }: PaymentTables): Statement {
  const client = `CAST(${quoted(merchants.client)} AS varchar)`;
  const sql = `SELECT DISTINCT ${client} AS client FROM ${quotedTable(merchants.table)}
WHERE ${quoted(merchants.client)} IS NOT NULL ORDER BY 1`;
  return { sql, parameters: [] };
}
