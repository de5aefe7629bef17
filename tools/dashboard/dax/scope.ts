import type { Cell } from '../tables.ts';
import type { Context, Database } from './context.ts';
import type { Dax } from './parse.ts';
import { type DaxValue, isRows, numberOf, type Rows, scalar, type Tuple } from './values.ts';

/** What an expression is evaluated in. */
export interface Scope {
  readonly database: Database;
  readonly context: Context;
  /** Rows being gone through, the innermost last. */
  readonly rows: readonly Tuple[];
  readonly variables: ReadonlyMap<string, () => DaxValue>;
  readonly session: Session;
}

/** What is the same for a whole look at a report. */
export interface Session {
  /** The measures by name. */
  readonly measures: ReadonlyMap<string, Dax>;
  /** The clock, in milliseconds since the epoch. */
  readonly nowMs: number;
  /** Language of the person who looks, such as `es-PE`. */
  readonly culture: string;
  /** Name the person is signed in by. */
  readonly user: string;
  /** Evaluates an expression; functions evaluate their arguments by it. */
  readonly evaluate: (node: Dax, scope: Scope) => DaxValue;
}

/** The value of an expression that gives one. */
export function cellOf(node: Dax, scope: Scope): Cell {
  return scalar(scope.session.evaluate(node, scope));
}

/** The table that an expression gives. */
export function rowsOf(node: Dax, scope: Scope): Rows {
  const value = scope.session.evaluate(node, scope);
  if (!isRows(value)) throw new Error(`no table: ${JSON.stringify(node)}`);
  return value;
}

/** The scope in which a row of a table is looked at. */
export function at(tuple: Tuple, scope: Scope): Scope {
  return { ...scope, rows: [...scope.rows, tuple] };
}

/** A row of columns made on the way. */
export function made(own: Readonly<Record<string, Cell>>): Tuple {
  return { table: null, row: null, own };
}

export const isTrue = (cell: Cell) => cell !== null && numberOf(cell) !== 0;

/** A column of the rows being gone through, the innermost that has it. */
export function columnValue(table: string, name: string, rows: readonly Tuple[]): Cell {
  for (const { table: of, row, own } of rows.toReversed()) {
    if (of === table && row !== null && name in row) return row[name] as Cell;
    const cell = own[`${table}[${name}]`];
    if (cell !== undefined) return cell;
  }
  throw new Error(`a single value for column '${name}' in table '${table}' cannot be determined`);
}

/** The rows of a table of the model that are in sight. */
export function visible(table: string, context: Context): Rows {
  return { table, tuples: context.visible(table).map((row) => ({ table, row, own: {} })) };
}
