import type { ColumnCount } from '@tidemark/shared/detection';
import { type CountedTables, columnStatement, type Dimension, PAIR_MARK } from '@tidemark/shared/warehouse';
import type { ColumnQuestion } from './source.ts';
import { type Answering, everyPage } from './statement-source.ts';

/** What is asked about an incident: some columns, and pairs of the dimensions. */
interface AskedColumns {
  readonly columns: readonly Dimension[];
  readonly pairs?: boolean | undefined;
}

/** Dimensions that are asked about two by two, at most. */
const PAIRED = 4;

/**
 * Columns to be asked about, those that are only part of a pair last, and the pairs by their places; none: nothing is to be
 * asked.
 */
export function askedColumns({ columns, pairs = columns.length > 0 }: AskedColumns, tables: CountedTables) {
  const paired = pairs ? (tables.dimensions ?? []).slice(0, PAIRED) : [];
  const places = paired.flatMap((_, one) =>
    paired.slice(one + 1).map((_, k): [number, number] => [columns.length + one, columns.length + one + 1 + k]),
  );
  return { columns: places.length === 0 ? columns : [...columns, ...paired], own: columns.length, pairs: places };
}

/** The answer to a question about columns, by one statement; see `ActualsSource`. */
export async function columnCounts(
  tables: CountedTables,
  { columns, own, pairs }: ReturnType<typeof askedColumns>,
  answering: Answering,
  { clients, windows, signal }: ColumnQuestion,
): Promise<ColumnCount[]> {
  const counts: ColumnCount[] = [];
  const groups = [
    [],
    ...columns.map((column) => [column]),
    ...pairs.map((pair) => columns.filter((_, k) => pair.includes(k))),
  ];
  const names = groups.map((group) => group.map(({ name }) => name));
  const statement = columnStatement({ ...tables, clients, dimensions: columns, pairs }, windows);
  await everyPage(answering, statement, signal, (rows) => {
    for (const [window, dimension, value, attempts, approved, gross] of rows) {
      const place = Number(dimension);
      // Dimensions by themselves are counted in every cycle.
      if (place > own && place <= columns.length) continue;
      const named = names[place] ?? [];
      const values = value?.split(PAIR_MARK) ?? null;
      counts.push({
        window: Number(window),
        columns: named,
        values: values?.length === named.length ? values : null,
        attempts: Number(attempts),
        approved: Number(approved),
        gross: Number(gross),
      });
    }
  });
  return counts;
}
