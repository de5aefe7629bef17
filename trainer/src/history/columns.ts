import { UserError } from '@tidemark/shared/errors';
import type { Config } from '../config.ts';
import type { ColumnFacts } from './source.ts';

/** A column that is not there, or not of a type that can be read as the configuration says. */
export interface UnfitColumn {
  readonly code: 'missing-column' | 'wrong-column-type';
  /** Of the configuration. */
  readonly key: string;
  readonly message: string;
}

const NUMBER = /^(decimal|double|float|real|u?(big|huge|small|tiny)?int(eger)?|uinteger)/;
const TEXT = /^(varchar|string|char)/;
const EPOCH = /^(decimal|double|float|real|u?(big|huge)?int(eger)?|uinteger|varchar|string)/;
const TIMES: Record<Config['transactions']['time']['type'], { accepted: RegExp; words: string }> = {
  timestamp: { accepted: /^timestamp(?!.*with time zone)/, words: 'timestamp' },
  timestamptz: { accepted: /^timestamp.*with time zone/, words: 'timestamptz' },
  date: { accepted: /^date$/, words: 'date' },
  'epoch-s': { accepted: EPOCH, words: 'epoch-s' },
  'epoch-ms': { accepted: EPOCH, words: 'epoch-ms' },
  'epoch-us': { accepted: EPOCH, words: 'epoch-us' },
  'epoch-ns': { accepted: EPOCH, words: 'epoch-ns' },
  text: { accepted: /^(varchar|string|char|u?(big)?int)/, words: 'text' },
};

/** Compares a table's columns, as its source describes them, with what the configuration says of them. */
export function unfitColumns(table: string, config: Config, columns: ReadonlyMap<string, ColumnFacts>): UnfitColumn[] {
  const found = new Map([...columns].map(([name, facts]) => [name.toLowerCase(), facts]));
  return wantedColumns(table, config).flatMap(({ key, column, accepted, words }): UnfitColumn[] => {
    const facts = found.get(column.toLowerCase());
    if (!facts) {
      const message = `table ${table} has no column ${column}; it has ${[...columns.keys()].join(', ')}; set ${key}`;
      return [{ code: 'missing-column', key, message }];
    }
    if (facts.absentIn && facts.absentIn.length > 0) {
      const message = `column ${column} of table ${table} is absent in ${list(facts.absentIn)}; rename it there as the other files have it, or set ${key}`;
      return [{ code: 'missing-column', key, message }];
    }
    if (accepted.test(facts.type)) return [];
    const message = `column ${column} of table ${table} is ${facts.type}; the configuration says ${words}; set ${key}`;
    return [{ code: 'wrong-column-type', key, message }];
  });
}

/** @throws UserError for the first unfit column, before a statement fails on it in the engine's words. */
export function refuseUnfit([first]: readonly UnfitColumn[]): void {
  if (!first) return;
  const isFormat = first.code === 'wrong-column-type' && /^transactions\.(time|amount)$/.test(first.key);
  throw new UserError(first.code, `${first.message}${isFormat ? ' (trainer doctor looks for a format)' : ''}`);
}

interface Wanted {
  /** Of the configuration. */
  readonly key: string;
  readonly column: string;
  readonly accepted: RegExp;
  readonly words: string;
}

function wantedColumns(table: string, { transactions, merchants }: Config): Wanted[] {
  const any = { accepted: /./, words: 'any type' };
  const wanted: Wanted[] = [];
  if (table === transactions.table) {
    const { time, amount, amountFormat, id, status, type, partition } = transactions;
    const times = time.asText ? { accepted: TEXT, words: time.type } : TIMES[time.type];
    wanted.push({ key: 'transactions.time', column: time.column, ...times });
    wanted.push({ key: 'transactions.merchant', column: transactions.merchant, ...any });
    const amounts = amountFormat
      ? { accepted: TEXT, words: 'text in amountFormat' }
      : { accepted: NUMBER, words: 'a number' };
    wanted.push({ key: 'transactions.amount', column: amount, ...amounts });
    if (id) wanted.push({ key: 'transactions.id', column: id, ...any });
    if (status) wanted.push({ key: 'transactions.status.column', column: status.column, ...any });
    if (type) wanted.push({ key: 'transactions.type.column', column: type.column, ...any });
    if (partition)
      wanted.push({ key: 'transactions.partition', column: partition.column, ...partitionTypes(partition) });
  }
  if (table === merchants.table) {
    wanted.push({ key: 'merchants.key', column: merchants.key, ...any });
    wanted.push({ key: 'merchants.client', column: merchants.client, ...any });
  }
  return wanted;
}

function partitionTypes({ type }: NonNullable<Config['transactions']['partition']>) {
  return type === 'string' ? { accepted: TEXT, words: 'string' } : { accepted: /^(date|timestamp)/, words: type };
}

/**
 * What keeps the tables from being joined at Athena, where a number is not compared with a text; `null` where nothing
 * does. Files are joined by texts where one side is text.
 */
export function unlikeKeys(
  { transactions, merchants }: Config,
  columnsOf: {
    readonly transactions: ReadonlyMap<string, ColumnFacts>;
    readonly merchants: ReadonlyMap<string, ColumnFacts>;
  },
): UnfitColumn | null {
  const typeOf = (columns: ReadonlyMap<string, ColumnFacts>, column: string) =>
    [...columns].find(([name]) => name.toLowerCase() === column.toLowerCase())?.[1].type;
  const foreign = typeOf(columnsOf.transactions, transactions.merchant);
  const key = typeOf(columnsOf.merchants, merchants.key);
  if (foreign === undefined || key === undefined || kindOf(foreign) === kindOf(key)) return null;
  const message = `the join compares ${foreign} (${transactions.merchant}) with ${key} (${merchants.key}); give both tables one type`;
  return { code: 'wrong-column-type', key: 'transactions.merchant', message };
}

function kindOf(type: string): string {
  return TEXT.test(type) ? 'text' : NUMBER.test(type) ? 'number' : type;
}

function list(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more files` : names.join(', ');
}
