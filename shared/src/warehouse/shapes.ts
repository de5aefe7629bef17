/** A change of the configuration, by its key. */
export interface Proposal {
  /** For example `transactions.time.type`. */
  readonly key: string;
  readonly value: unknown;
}

/** One form that a column's cells have, each digit as 9. */
export interface Shape {
  readonly shape: string;
  readonly cells: number;
  readonly least: string;
  readonly most: string;
  readonly other: string;
  /** Greatest first and second number in cells of this form; `null` where there is none. */
  readonly first: number | null;
  readonly second: number | null;
}

/** Reads the rows of `shapesStatement`. */
export function shapesOf(rows: readonly (string | null)[][]): Shape[] {
  const number = (cell: string | null | undefined) => (cell == null ? null : Number(cell));
  return rows.map(([shape, cells, least, most, other, first, second]) => ({
    shape: shape ?? '',
    cells: Number(cells),
    least: least ?? '',
    most: most ?? '',
    other: other ?? '',
    first: number(first),
    second: number(second),
  }));
}
