import { UserError } from '../errors.ts';
import { plainAmount } from './amount-text.ts';
import { quoted, quotedTable } from './statement.ts';
import { EPOCH_UNITS, type PaymentTables } from './tables.ts';
import { textOffsetSeconds, textTimestamp } from './time-text.ts';

type Transactions = PaymentTables['transactions'];

/** Names that `readTransactions` gives to columns it reads; no table of payments has such. */
const READ_TIME = 'tidemark_time';
const READ_AMOUNT = 'tidemark_amount';

/** Transactions with their texts read, for a FROM clause. */
export interface ReadTransactions {
  /** SQL of the rows, to be followed by an alias. */
  readonly from: string;
  /** The same tables with time and amount as `from` holds them: of the types that statements compute with. */
  readonly tables: PaymentTables;
}

/**
 * The transaction table with time and amount read as the configuration says: text by its format, epochs as seconds. A
 * cell that cannot be read is NULL. A table that needs no reading is left as it is, so that its predicates prune.
 */
export function readTransactions(tables: PaymentTables): ReadTransactions {
  const { transactions } = tables;
  const time = readTime(transactions.time);
  const amount = readAmount(transactions);
  const columns = [
    ...(time ? [`${time.sql} AS ${READ_TIME}`] : []),
    ...(amount ? [`${amount} AS ${READ_AMOUNT}`] : []),
  ];
  if (columns.length === 0) return { from: quotedTable(transactions.table), tables };
  return {
    from: `(SELECT *, ${columns.join(', ')} FROM ${quotedTable(transactions.table)})`,
    tables: {
      ...tables,
      transactions: {
        ...transactions,
        ...(time ? { time: { column: READ_TIME, type: time.type, zone: transactions.time.zone } } : {}),
        ...(amount ? { amount: READ_AMOUNT, amountFormat: undefined, amountUnit: undefined } : {}),
      },
    },
  };
}

/**
 * SQL of the amount of a row of `readTransactions` under the alias `t`, as DECIMAL of the currency's decimals. Half a last
 * decimal is rounded away from zero: of a floating-point number Trino rounds the shortest text that stands for it (1.005
 * to 1.01), while DuckDB, whose type names are in capitals, would round its binary value (to 1.00).
 */
export function amountOf({ amount, decimals }: Transactions, cast: 'CAST' | 'TRY_CAST' = 'CAST'): string {
  const column = `t.${quoted(amount)}`;
  const type = `decimal(18, ${decimals})`;
  const fromText = `${cast}(CAST(${column} AS varchar) AS ${type})`;
  return `CASE WHEN typeof(${column}) IN ('DOUBLE', 'FLOAT') THEN ${fromText} ELSE ${cast}(${column} AS ${type}) END`;
}

/** SQL predicate over a stored row `t` of `readTransactions`: there is something in the cell, and it is not to be read. */
export function unreadable(what: 'time' | 'amount', stored: Transactions, read: Transactions): string {
  const column = `t.${quoted(what === 'time' ? stored.time.column : stored.amount)}`;
  const value = what === 'time' ? `t.${quoted(read.time.column)}` : amountOf(read, 'TRY_CAST');
  return `(${column} IS NOT NULL AND trim(CAST(${column} AS varchar)) <> '' AND ${value} IS NULL)`;
}

function readAmount(transactions: Transactions): string | null {
  const { amountFormat, amountUnit, decimals } = transactions;
  if (amountUnit !== 'minor' || decimals === 0) return amountFormat ? writtenAmount(transactions) : null;
  const unit = `0.${'1'.padStart(decimals, '0')}`;
  return `TRY_CAST(${writtenAmount(transactions)} AS decimal(18, 0)) * CAST(${unit} AS decimal(${decimals}, ${decimals}))`;
}

/** SQL of the number that stands in a stored row's amount, in the unit it is written in; plain text where the column is text. */
export function writtenAmount({ amount, amountFormat }: Transactions): string {
  return amountFormat ? plainAmount(quoted(amount), amountFormat) : quoted(amount);
}

function readTime(
  time: Transactions['time'],
): { sql: string; type: 'timestamp' | 'timestamptz' | 'date' | 'epoch-s' } | null {
  const column = quoted(time.column);
  switch (time.type) {
    case 'epoch-ns':
      return { sql: `${epochOfNanoseconds(column)} / ${EPOCH_UNITS[time.type]}`, type: 'epoch-s' };
    case 'epoch-us':
    case 'epoch-ms':
      return { sql: `${epoch(column)} / ${EPOCH_UNITS[time.type]}`, type: 'epoch-s' };
    case 'epoch-s':
      return { sql: epoch(column), type: 'epoch-s' };
    case 'text': {
      if (time.format === undefined) {
        throw new UserError(
          'invalid-config',
          'transactions.time.type text needs transactions.time.format, for example DD/MM/YYYY HH:mm',
        );
      }
      const wall = textTimestamp(column, time.format);
      const offset = textOffsetSeconds(column, time.format);
      if (offset === null) return { sql: wall, type: 'timestamp' };
      return { sql: `to_unixtime(${wall}) - (${offset})`, type: 'epoch-s' };
    }
    default:
      return time.asText ? { sql: isoText(column, time.type), type: time.type } : null;
  }
}

function epoch(column: string): string {
  return `TRY_CAST(CAST(${column} AS varchar) AS double)`;
}

/** A double holds nanoseconds since 1970 to some hundred of them: the last of a day would be the next day's. */
function epochOfNanoseconds(column: string): string {
  const whole = `TRY_CAST(CAST(${column} AS varchar) AS bigint)`;
  return `COALESCE(CAST(${whole} - mod(${whole}, 1000) AS double), ${epoch(column)})`;
}

const DATE = '[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}';
const CLOCK = '[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?';
const OFFSET = '(Z|[ ]*UTC|[ ]*[+-][0-9]{2}(:?[0-9]{2})?)';

/** What each type's ISO text looks like. An offset in the text of a TIMESTAMP would be dropped, so it is not accepted. */
const ISO = {
  timestamp: `^${DATE}([ T]${CLOCK})?$`,
  timestamptz: `^${DATE}[ T]${CLOCK}${OFFSET}$`,
  date: `^${DATE}$`,
};
const SQL_TYPES = { timestamp: 'timestamp', timestamptz: 'timestamp with time zone', date: 'date' };

function isoText(column: string, type: 'timestamp' | 'timestamptz' | 'date'): string {
  const cell = `trim(CAST(${column} AS varchar))`;
  return `CASE WHEN regexp_like(${cell}, '${ISO[type]}') THEN TRY_CAST(${cell} AS ${SQL_TYPES[type]}) END`;
}
