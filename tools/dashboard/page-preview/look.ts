import { type Context, columnIs, type DaxFilter } from '../dax/context.ts';
import type { DaxModel, Viewer } from '../dax/model.ts';
import type { Cell, Row } from '../tables.ts';
import type { DrawnVisual, FieldReference } from './committed-report.ts';

/** A person's look at the pages of a report: the model and who asks. */
export interface Look {
  readonly model: DaxModel;
  readonly viewer: Viewer;
}

/** What a visual's own filters leave in sight. A filter by a measure is asked of every series, as Power BI asks it of every group of a visual. */
export function sightOf({ model, viewer }: Look, visual: DrawnVisual): Context {
  const byColumn = visual.filters.flatMap((filter) =>
    filter.kind === 'Column' ? [columnIs(filter.table, filter.name, [filter.value])] : [],
  );
  const context = model.context(byColumn, model.context(byColumn));
  const byMeasure = visual.filters.filter(({ kind }) => kind === 'Measure');
  if (byMeasure.length === 0) return context;
  const kept = context.visible('Series').filter((row) => {
    const own = context.and([columnIs('Series', 'Series', [row.Series as Cell])]);
    return byMeasure.every(({ name, value }) => model.measure(name, own, viewer) === value);
  });
  return context.and([
    columnIs(
      'Series',
      'Series',
      kept.map((row) => row.Series as Cell),
    ),
  ]);
}

/** Rows of a visual that groups by columns: a combination of their values, with what is in sight of it. */
export interface Group {
  readonly cells: ReadonlyMap<FieldReference, Cell>;
  readonly context: Context;
}

/** The combinations of columns that exist together in what is in sight, each with its own context. */
export function groupsOf({ model }: Look, context: Context, columns: readonly FieldReference[]): Group[] {
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
