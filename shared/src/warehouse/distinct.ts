import { DAY_MS } from '../forecasting/time/duration.ts';
import { amountOf, readTransactions } from './reading.ts';
import { type Parameters, quoted, textOf } from './statement.ts';
import type { PaymentTables } from './tables.ts';
import { partitionRange, timeRange, wallSeconds } from './time-column.ts';

type Transactions = PaymentTables['transactions'];

/** Days within which the same id again is the same transaction again. */
export const REPEAT_DAYS = 31;

/** Transactions of a known type, for a FROM and a WHERE clause. */
interface Distinct extends Transactions {
  /** SQL of the rows, to be followed by the alias `t`. */
  readonly from: string;
  /** Predicates over `t`, in the order of their parameters. */
  readonly where: readonly string[];
}

/**
 * The transactions in `[fromMs, toMs)` of a known type, read (`readTransactions`). With an id configured, a row is left
 * out when one of the same id and type, accepted or not as it is itself, came up to `REPEAT_DAYS` before it; of rows at
 * the same time the smallest amount counts. So windows need only look that far back to agree with one another.
 */
export function distinctTransactions(
  tables: PaymentTables,
  fromMs: number,
  toMs: number,
  parameters: Parameters,
): Distinct {
  if (tables.transactions.id == null) {
    const read = readTransactions(tables);
    return { ...read.tables.transactions, from: read.from, where: ofKnownType(read.tables, fromMs, toMs, parameters) };
  }
  const rows = rowsWithPrevious(tables, fromMs, toMs, parameters);
  const time = `t.${quoted(rows.time.column)}`;
  return { ...rows, where: [timeRange(rows.time, time, { fromMs, toMs }, parameters), `NOT ${isRepeat(rows)}`] };
}

/** As `distinctTransactions`, but of the accepted rows that are left out because they repeat another. */
export function repeatedTransactions(
  tables: PaymentTables,
  fromMs: number,
  toMs: number,
  parameters: Parameters,
): Distinct {
  const rows = rowsWithPrevious(tables, fromMs, toMs, parameters);
  const time = `t.${quoted(rows.time.column)}`;
  const where = [timeRange(rows.time, time, { fromMs, toMs }, parameters), isRepeat(rows), `t.${ACCEPTED}`];
  return { ...rows, where };
}

/** SQL of a row's type, `sale` or `refund` by its sign where there is no column for it. */
export function kindOf(transactions: Transactions): string {
  if (transactions.type) return textOf(`t.${quoted(transactions.type.column)}`);
  return `CASE WHEN ${amountOf(transactions)} < 0 THEN 'refund' ELSE 'sale' END`;
}

function ofKnownType({ transactions }: PaymentTables, fromMs: number, toMs: number, parameters: Parameters): string[] {
  const { time, partition, type } = transactions;
  const where = [timeRange(time, `t.${quoted(time.column)}`, { fromMs, toMs }, parameters)];
  if (partition) where.push(partitionRange(partition, { fromMs, toMs }, parameters));
  if (type) where.push(`${kindOf(transactions)} IN (${parameters.list([...type.sales, ...type.refunds])})`);
  return where;
}

const PREVIOUS = 'tidemark_previous';
const ACCEPTED = 'tidemark_accepted';

/** Rows from `REPEAT_DAYS` before the range on, each with the time of the row that it may repeat. */
function rowsWithPrevious(tables: PaymentTables, fromMs: number, toMs: number, parameters: Parameters) {
  const read = readTransactions(tables);
  const { transactions } = read.tables;
  const where = ofKnownType(read.tables, fromMs - REPEAT_DAYS * DAY_MS, toMs, parameters);
  if (transactions.status) {
    // Parameters stand in WHERE only: a row is kept once, beside the flag that it fits.
    const status = textOf(`t.${quoted(transactions.status.column)}`);
    const accepted = () => parameters.list(transactions.status?.accepted ?? []);
    where.push(
      `((flags.accepted AND ${status} IN (${accepted()})) OR (NOT flags.accepted AND (${status} IS NULL OR ${status} NOT IN (${accepted()}))))`,
    );
  } else where.push('flags.accepted');
  const seconds = wallSeconds(transactions.time, `t.${quoted(transactions.time.column)}`);
  const id = textOf(`t.${quoted(tables.transactions.id as string)}`);
  const order = `${seconds}, ${amountOf(transactions)}, CAST(t.${quoted(transactions.merchant)} AS varchar)`;
  const previous = `CASE WHEN ${id} IS NOT NULL THEN lag(${seconds}) OVER (PARTITION BY ${id}, ${kindOf(transactions)}, flags.accepted ORDER BY ${order}) END`;
  const from = `(
    SELECT t.*, ${previous} AS ${PREVIOUS}, flags.accepted AS ${ACCEPTED}
    FROM ${read.from} AS t
    CROSS JOIN (VALUES (true), (false)) AS flags (accepted)
    WHERE ${where.join('\n      AND ')}
  )`;
  return { ...transactions, from };
}

function isRepeat({ time }: Transactions): string {
  const seconds = wallSeconds(time, `t.${quoted(time.column)}`);
  return `coalesce(${seconds} - t.${PREVIOUS} <= ${REPEAT_DAYS * 86_400}, false)`;
}
