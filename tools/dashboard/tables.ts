import type { createQueryEngine } from './m/query-engine.ts';
import { Moment, Table, type Value } from './m/values.ts';
import type { CommittedModel } from './project-files.ts';

export type Cell = null | boolean | number | string | Moment;
/** A row of a table of the semantic model, by column name. */
export type Row = Readonly<Record<string, Cell>>;
/** The tables of the semantic model, filled. */
export type Tables = Readonly<Record<string, readonly Row[]>>;

/**
 * The tables of the committed model as a refresh fills them: each table's query run afresh, its result's columns under
 * the names of the model. Computed columns are left to `daxModel`.
 * @throws Error when a query gives no column the model asks for.
 */
export async function refresh(
  { tables }: CommittedModel,
  engine: Awaited<ReturnType<typeof createQueryEngine>>,
  skip: readonly string[] = [],
): Promise<Tables> {
  const filled: Record<string, Row[]> = {};
  for (const { name, children } of tables) {
    if (skip.includes(name)) continue;
    const result = await engine.run(name);
    if (!(result instanceof Table)) throw new Error(`${name} is no table`);
    const columns = children
      .filter(({ kind, properties }) => kind === 'column' && properties.has('sourceColumn'))
      .map((column) => [column.name, result.at(column.properties.get('sourceColumn') as string)] as const);
    filled[name] = result.rows.map((row) =>
      Object.fromEntries(columns.map(([column, at]) => [column, row[at] as Value as Cell])),
    );
  }
  return filled;
}

/** Milliseconds of a moment. */
export function msOf(cell: Cell | undefined): number {
  return cell instanceof Moment ? cell.ms : Number.NaN;
}
