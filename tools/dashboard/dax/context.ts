import type { Cell, Row, Tables } from '../tables.ts';
import { keyOf, type Rows } from './values.ts';

/** From the many side to the one side. */
export interface Relationship {
  readonly from: readonly [table: string, column: string];
  readonly to: readonly [table: string, column: string];
}

/** Rows of the model with what makes them quick to find. Every key of a many side must stand on its one side. */
export class Database {
  readonly tables: Tables;
  readonly relationships: readonly Relationship[];
  readonly #indexes = new Map<string, Map<string, Row[]>>();

  constructor(tables: Tables, relationships: readonly Relationship[]) {
    this.tables = tables;
    this.relationships = relationships;
  }

  /** @throws Error when the model has no such table. */
  rows(table: string): readonly Row[] {
    const rows = this.tables[table];
    if (rows === undefined) throw new Error(`no table ${table}`);
    return rows;
  }

  /** Rows of a table by the key of a column. */
  index(table: string, column: string): ReadonlyMap<string, readonly Row[]> {
    const name = `${table}[${column}]`;
    let index = this.#indexes.get(name);
    if (index === undefined) {
      index = new Map();
      for (const row of this.rows(table)) {
        const key = keyOf(row[column]);
        const together = index.get(key);
        if (together === undefined) index.set(key, [row]);
        else together.push(row);
      }
      this.#indexes.set(name, index);
    }
    return index;
  }

  parents(table: string): readonly Relationship[] {
    return this.relationships.filter(({ from }) => from[0] === table);
  }

  /** The row on the one side that a row of the many side belongs to. */
  related(table: string, row: Row, parent: string): Row | undefined {
    const found = this.parents(table).find(({ to }) => to[0] === parent);
    if (found === undefined) throw new Error(`no relationship from ${table} to ${parent}`);
    return this.index(...found.to).get(keyOf(row[found.from[1]]))?.[0];
  }
}

/** Keeps the rows of a table whose columns have one of some combinations of values. */
interface ColumnsFilter {
  readonly table: string;
  readonly columns: readonly string[];
  readonly keys: ReadonlySet<string>;
}

/** Keeps rows of a table one by one, but for the columns that a later filter took over. */
interface RowsFilter {
  readonly table: string;
  readonly rows: ReadonlySet<Row>;
  readonly released: readonly string[];
}

export type DaxFilter = ColumnsFilter | RowsFilter;

const keysOf = (row: Readonly<Record<string, Cell>>, columns: readonly string[]) =>
  columns.map((column) => keyOf(row[column])).join('\u0001');

/** Keeps the rows where a column has one of the values. */
export function columnIs(table: string, column: string, values: readonly Cell[]): DaxFilter {
  return { table, columns: [column], keys: new Set(values.map(keyOf)) };
}

/** A table as a filter: its rows where they are the model's, else the combinations of its columns. */
export function filterOf({ table, tuples }: Rows): DaxFilter[] {
  if (table !== null) return [{ table, rows: new Set(tuples.map(({ row }) => row as Row)), released: [] }];
  const names = Object.keys(tuples[0]?.own ?? {});
  const byTable = new Map<string, string[]>();
  for (const name of names) {
    const [, of = '', column = ''] = /^(.*)\[(.+)\]$/.exec(name) ?? [];
    if (of !== '') byTable.set(of, [...(byTable.get(of) ?? []), column]);
  }
  return [...byTable].map(([of, columns]) => ({
    table: of,
    columns,
    keys: new Set(tuples.map(({ own }) => columns.map((column) => keyOf(own[`${of}[${column}]`])).join('\u0001'))),
  }));
}

/** What is in sight: filters on the tables, each passed on from the one side of a relationship to the many. */
export class Context {
  readonly database: Database;
  readonly filters: readonly DaxFilter[];
  /** What `ALLSELECTED` goes back to: the context around the visual that asks. */
  readonly selected: Context;
  readonly #visible = new Map<string, readonly Row[]>();

  constructor(database: Database, filters: readonly DaxFilter[] = [], selected?: Context) {
    this.database = database;
    this.filters = filters;
    this.selected = selected ?? this;
  }

  /** With further filters beside those there are. */
  and(filters: readonly DaxFilter[]): Context {
    return filters.length === 0 ? this : new Context(this.database, [...this.filters, ...filters], this.selected);
  }

  /** With filters in the place of those on the same columns: what `CALCULATE` does with its filters. */
  override(filters: readonly DaxFilter[]): Context {
    let kept: DaxFilter[] = [...this.filters];
    for (const filter of filters) {
      if ('rows' in filter) {
        const replaced = this.#expanded(filter.table);
        kept = kept.filter(({ table }) => !replaced.includes(table));
      } else kept = kept.flatMap((one) => without(one, filter.table, filter.columns));
    }
    return new Context(this.database, [...kept, ...filters], this.selected);
  }

  /** Without the filters on a table and on the one sides it belongs to, or without those on some of its columns. */
  remove(table: string, columns?: readonly string[]): Context {
    const tables = this.#expanded(table);
    const kept = this.filters.flatMap((one) =>
      columns === undefined ? (tables.includes(one.table) ? [] : [one]) : without(one, table, columns),
    );
    return new Context(this.database, kept, this.selected);
  }

  /** With the filters that `selected` has on a table and on the one sides it belongs to, in the place of those here. */
  reselect(table: string): Context {
    const tables = this.#expanded(table);
    const kept = this.filters.filter((filter) => !tables.includes(filter.table));
    const back = this.selected.filters.filter((filter) => tables.includes(filter.table));
    return new Context(this.database, [...kept, ...back], this.selected);
  }

  /** A table and the one sides it belongs to: what a filter on the whole of it is about. */
  #expanded(table: string): string[] {
    return [table, ...this.database.parents(table).map(({ to }) => to[0])];
  }

  /** The rows of a table that are in sight. */
  visible(table: string): readonly Row[] {
    let rows = this.#visible.get(table);
    if (rows === undefined) {
      rows = this.#select(table);
      this.#visible.set(table, rows);
    }
    return rows;
  }

  /** Is anything of a table out of sight? */
  #isFiltered(table: string): boolean {
    const { parents, relationships } = this.#around(table);
    return (
      this.filters.some((filter) => filter.table === table || ('rows' in filter && relationships(filter.table))) ||
      parents.some(({ to }) => this.#isFiltered(to[0]))
    );
  }

  #around(table: string) {
    const { database } = this;
    return {
      parents: database.parents(table),
      relationships: (child: string) => database.parents(child).some(({ to }) => to[0] === table),
    };
  }

  #select(table: string): readonly Row[] {
    const { database } = this;
    const candidates: (readonly Row[])[] = [];
    const tests: ((row: Row) => boolean)[] = [];
    const byKeys = (column: string, keys: ReadonlySet<string>) => {
      const index = database.index(table, column);
      candidates.push([...keys].flatMap((key) => index.get(key) ?? []));
      tests.push((row) => keys.has(keyOf(row[column])));
    };
    for (const filter of this.filters) {
      if (filter.table === table) {
        if ('keys' in filter) {
          const [column = '', ...others] = filter.columns;
          if (others.length === 0) byKeys(column, filter.keys);
          else tests.push((row) => filter.keys.has(keysOf(row, filter.columns)));
        } else if (filter.released.length === 0) {
          candidates.push([...filter.rows]);
          tests.push((row) => filter.rows.has(row));
        } else {
          const columns = Object.keys(database.rows(table)[0] ?? {}).filter((name) => !filter.released.includes(name));
          const keys = new Set([...filter.rows].map((row) => keysOf(row, columns)));
          tests.push((row) => keys.has(keysOf(row, columns)));
        }
      } else if ('rows' in filter) {
        // A filter by rows of the many side holds their rows of the one side, too.
        const found = database.parents(filter.table).find(({ to }) => to[0] === table);
        if (found !== undefined) byKeys(found.to[1], new Set([...filter.rows].map((row) => keyOf(row[found.from[1]]))));
      }
    }
    for (const { from, to } of database.parents(table)) {
      if (!this.#isFiltered(to[0])) continue;
      byKeys(from[1], new Set(this.visible(to[0]).map((row) => keyOf(row[to[1]]))));
    }
    const fewest = candidates.reduce(
      (least, some) => (some.length < least.length ? some : least),
      database.rows(table),
    );
    return tests.length === 0 ? fewest : fewest.filter((row) => tests.every((test) => test(row)));
  }
}

/** A filter with the columns of a table released. */
function without(filter: DaxFilter, table: string, columns: readonly string[]): DaxFilter[] {
  if (filter.table !== table) return [filter];
  if ('rows' in filter) return [{ ...filter, released: [...filter.released, ...columns] }];
  const kept = filter.columns.filter((column) => !columns.includes(column));
  if (kept.length === filter.columns.length) return [filter];
  if (kept.length === 0) return [];
  const places = kept.map((column) => filter.columns.indexOf(column));
  const keys = new Set(
    [...filter.keys].map((key) => {
      const parts = key.split('\u0001');
      return places.map((place) => parts[place]).join('\u0001');
    }),
  );
  return [{ ...filter, columns: kept, keys }];
}
