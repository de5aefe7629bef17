import { type Context, columnIs, type DaxFilter } from '../dax/context.ts';
import type { DaxModel, Viewer } from '../dax/model.ts';
import type { Cell, Row } from '../tables.ts';
import type { DrawnVisual, FieldReference } from './committed-report.ts';

/** A person's look at the pages of a report: the model and who asks. */
export interface Look {
  readonly model: DaxModel;
  readonly viewer: Viewer;
  /** What the page is filtered by: the value that a drill-through came from. */
  readonly page?: readonly DaxFilter[];
}

/** What the page's and a visual's own filters on columns leave in sight. */
export function sightOf({ model, page = [] }: Look, visual: DrawnVisual): Context {
  const byColumn = visual.filters.flatMap((filter) =>
    filter.kind === 'Column' ? [columnIs(filter.table, filter.name, filter.values)] : [],
  );
  return model.context([...page, ...byColumn]);
}

/** Rows of a visual that groups by columns: a combination of their values, with what is in sight of it. */
export interface Group {
  readonly cells: ReadonlyMap<FieldReference, Cell>;
  readonly context: Context;
}

/**
 * The combinations of columns that exist together in what a visual has in sight, each with its own context. A filter by a
 * measure is asked of every one, as Power BI does.
 */
export function groupsOf(look: Look, visual: DrawnVisual, columns: readonly FieldReference[]): Group[] {
  const { model, viewer } = look;
  const byMeasure = visual.filters.filter(({ kind }) => kind === 'Measure');
  return combinations(look, sightOf(look, visual), columns).filter(({ context }) =>
    byMeasure.every(({ name, values }) => values.includes(model.measure(name, context, viewer) as number)),
  );
}

function combinations({ model }: Look, context: Context, columns: readonly FieldReference[]): Group[] {
  const many = columns.find(({ table }) => model.database.parents(table).length > 0) ?? columns[0];
  if (many === undefined) return [{ cells: new Map(), context }];
  const cellAt = (row: Row, { table, name }: FieldReference) =>
    (table === many.table ? row : model.database.related(many.table, row, table))?.[name] ?? null;
  const found = new Map<string, Group>();
  for (const row of context.visible(many.table)) {
    const cells = new Map(columns.map((column) => [column, cellAt(row, column)]));
    const filters: DaxFilter[] = [...cells].map(([{ table, name }, cell]) => columnIs(table, name, [cell]));
    const key = JSON.stringify(filters.map((filter) => ('keys' in filter ? [...filter.keys] : [])));
    if (!found.has(key)) found.set(key, { cells, context: context.and(filters) });
  }
  return [...found.values()];
}
