import { UserError } from '@tidemark/shared/errors';
import type { Config } from '../config.ts';
import type { ColumnFacts } from './source.ts';

/** A column that is not there, or not of a type that can be read as the configuration says. */
export interface UnfitColumn {
  readonly code: 'missing-column' | 'wrong-column-type';
  readonly message: string;
}

const NUMBER = /^(decimal|double|float|real|u?(big|huge|small|tiny)?int(eger)?|uinteger)/;
const TIMES = {
  timestamp: /^timestamp(?!.*with time zone)/,
  timestamptz: /^timestamp.*with time zone/,
  date: /^date$/,
};

/** Compares a table's columns, as its source describes them, with what the configuration says of them. */
export function unfitColumns(table: string, config: Config, columns: ReadonlyMap<string, ColumnFacts>): UnfitColumn[] {
  const found = new Map([...columns].map(([name, facts]) => [name.toLowerCase(), facts]));
  return wantedColumns(table, config).flatMap(({ column, accepted, words }): UnfitColumn[] => {
    const facts = found.get(column.toLowerCase());
    if (!facts) {
      const message = `table ${table} has no column ${column}; it has ${[...columns.keys()].join(', ')}`;
      return [{ code: 'missing-column', message }];
    }
    if (accepted.test(facts.type)) return [];
    const message = `column ${column} of table ${table} is ${facts.type}; the configuration says ${words}`;
    return [{ code: 'wrong-column-type', message }];
  });
}

/** @throws UserError for the first unfit column, before a statement fails on it in the engine's words. */
export function refuseUnfit([first]: readonly UnfitColumn[]): void {
  if (first) throw new UserError(first.code, first.message);
}

function wantedColumns(table: string, { transactions, merchants }: Config) {
  const any = { accepted: /./, words: 'any type' };
  const wanted: { column: string; accepted: RegExp; words: string }[] = [];
  if (table === transactions.table) {
    const { time, amount, status, type, partition } = transactions;
    wanted.push({ column: time.column, accepted: TIMES[time.type], words: time.type });
    wanted.push({ column: transactions.merchant, ...any });
    wanted.push({ column: amount, accepted: NUMBER, words: 'a number' });
    if (status) wanted.push({ column: status.column, ...any });
    if (type) wanted.push({ column: type.column, ...any });
    if (partition) wanted.push({ column: partition.column, ...any });
  }
  if (table === merchants.table) {
    wanted.push({ column: merchants.key, ...any }, { column: merchants.client, ...any });
  }
  return wanted;
}
