import { DAY_MS } from '@tidemark/shared/forecasting';
import { Moment } from '../m/values.ts';
import type { Cell, Row } from '../tables.ts';

/** One row on the way through an expression: a row of the model, columns made on the way, or both. */
export interface Tuple {
  readonly table: string | null;
  readonly row: Row | null;
  /** By `Table[Column]`, or `[Column]` for a column that no table has. */
  readonly own: Readonly<Record<string, Cell>>;
}

/** A table on the way through an expression. */
export interface Rows {
  readonly tuples: readonly Tuple[];
  /** The model table whose rows they are; `null` where they are made of single columns. */
  readonly table: string | null;
}

export type DaxValue = Cell | Rows;

/** Is it a table? */
export function isRows(value: DaxValue): value is Rows {
  return typeof value === 'object' && value !== null && 'tuples' in value;
}

/** A scalar; a table of one row and one column is its cell. */
export function scalar(value: DaxValue): Cell {
  if (!isRows(value)) return value;
  const [first, ...others] = value.tuples.flatMap(({ own }) => Object.values(own));
  if (others.length > 0 || (first === undefined && value.table !== null))
    throw new Error('a table where DAX needs one value');
  return first ?? null;
}

/** One text for cells that DAX holds for the same; its texts are compared without regard to case. */
export function keyOf(cell: Cell | undefined): string {
  if (cell === null || cell === undefined) return '';
  if (cell instanceof Moment) return `d${cell.ms}`;
  return typeof cell === 'string' ? `s${cell.toLowerCase()}` : `${typeof cell}${cell}`;
}

/** The number behind a cell: blank is 0, true is 1, a moment counts days since the end of 1899. */
export function numberOf(cell: Cell): number {
  if (cell === null) return 0;
  if (cell instanceof Moment) return cell.ms / DAY_MS - Date.UTC(1899, 11, 30) / DAY_MS;
  const number = Number(cell);
  if (Number.isNaN(number)) throw new Error(`DAX cannot convert ${JSON.stringify(cell)} to a number`);
  return number;
}

/** The moment that is a number of days after the end of 1899. */
export function momentOf(days: number): Moment {
  return new Moment('datetime', Math.round(days * DAY_MS) + Date.UTC(1899, 11, 30));
}

/** The text of a cell as `&` joins it. */
export function textOf(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'boolean') return cell ? 'TRUE' : 'FALSE';
  return cell instanceof Moment ? new Date(cell.ms).toISOString() : String(cell);
}

/** Less than, equal or greater: negative, 0 or positive. A blank is 0, an empty text or false, as the other side wants. */
export function compare(left: Cell, right: Cell): number {
  if (typeof left === 'string' || typeof right === 'string') {
    const other = typeof left === 'string' ? right : left;
    if (other !== null && typeof other !== 'string')
      throw new Error(`DAX cannot compare ${textOf(left)} with ${textOf(right)}`);
    const [a, b] = [textOf(left).toLowerCase(), textOf(right).toLowerCase()];
    return a === b ? 0 : a < b ? -1 : 1;
  }
  if (left instanceof Moment && right instanceof Moment) return left.ms - right.ms;
  return numberOf(left) - numberOf(right);
}

/** What an arithmetic operator gives; blank with blank stays blank, and a product with a blank is blank. */
export function arithmetic(operator: string, left: Cell, right: Cell): Cell {
  if (left === null && right === null) return null;
  if ((operator === '*' && (left === null || right === null)) || (operator === '/' && left === null)) return null;
  const [a, b] = [numberOf(left), numberOf(right)];
  const moment = left instanceof Moment !== right instanceof Moment;
  switch (operator) {
    case '+':
      return moment ? momentOf(a + b) : a + b;
    case '-':
      return moment ? momentOf(a - b) : a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '^':
      return a ** b;
    default:
      throw new Error(`operator of DAX not evaluated here: ${operator}`);
  }
}
