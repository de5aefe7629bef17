import type { Cell, Row } from '../tables.ts';
import type { Dax } from './parse.ts';
import { extreme } from './scalars.ts';
import { at, cellOf, columnValue, isTrue, made, rowsOf, type Scope, visible } from './scope.ts';
import { compare, type DaxValue, keyOf, numberOf, type Rows, type Tuple, textOf } from './values.ts';

type Args = readonly Dax[];

/** What a DAX function gives that takes tables or columns. */
export function tableFunction(name: string, args: Args, scope: Scope): DaxValue {
  const compute = FUNCTIONS[name];
  if (compute === undefined) throw new Error(`function of DAX not evaluated here: ${name}`);
  return compute(args, scope);
}

const arg = (args: Args, k: number): Dax => {
  const found = args[k];
  if (found === undefined) throw new Error('an argument is missing');
  return found;
};

/** Values of a column, one for each row in sight. */
function columnCells(node: Dax, { context }: Scope): Cell[] {
  if (node.kind !== 'column') throw new Error('DAX wants a column here');
  return context.visible(node.table).map((row) => {
    if (!(node.name in row)) throw new Error(`no column ${node.table}[${node.name}]`);
    return row[node.name] as Cell;
  });
}

function distinct(cells: readonly Cell[]): Cell[] {
  return [...new Map(cells.map((cell) => [keyOf(cell), cell])).values()];
}

function columnRows(node: Dax & { kind: 'column' }, cells: readonly Cell[]): Rows {
  return { table: null, tuples: distinct(cells).map((cell) => made({ [`${node.table}[${node.name}]`]: cell })) };
}

/** The expression at every row of a table. */
function each(args: Args, scope: Scope): Cell[] {
  const node = arg(args, 1);
  return rowsOf(arg(args, 0), scope).tuples.map((tuple) => cellOf(node, at(tuple, scope)));
}

function sum(cells: readonly Cell[]): Cell {
  const known = cells.filter((cell) => cell !== null);
  return known.length === 0 ? null : known.reduce<number>((total, cell) => total + numberOf(cell), 0);
}

function average(cells: readonly Cell[]): Cell {
  const known = cells.filter((cell) => cell !== null);
  return known.length === 0 ? null : numberOf(sum(known)) / known.length;
}

const counted = (count: number): Cell => (count === 0 ? null : count);

function filter(args: Args, scope: Scope): Rows {
  const [source, condition] = [arg(args, 0), arg(args, 1)];
  const shortcut = byIndex(source, condition, scope);
  const { table, tuples } = shortcut ?? rowsOf(source, scope);
  return { table, tuples: tuples.filter((tuple) => isTrue(cellOf(condition, at(tuple, scope)))) };
}

/** The rows that `Table[Column] = variable` at the head of a condition leaves of a whole table, found by its index. */
function byIndex(source: Dax, condition: Dax, scope: Scope): Rows | null {
  let head = condition;
  while (head.kind === 'binary' && head.operator === '&&') head = head.left;
  if (source.kind !== 'name' || scope.context.filters.length > 0 || scope.variables.has(source.name.toLowerCase()))
    return null;
  if (head.kind !== 'binary' || head.operator !== '=' || head.right.kind !== 'name') return null;
  if (head.left.kind !== 'column' || head.left.table !== source.name) return null;
  const wanted = cellOf(head.right, scope);
  if (wanted === null) return null;
  const rows = scope.database.index(source.name, head.left.name).get(keyOf(wanted)) ?? [];
  return { table: source.name, tuples: rows.map((row) => ({ table: source.name, row, own: {} })) };
}

function topN(args: Args, scope: Scope): Rows {
  const count = numberOf(cellOf(arg(args, 0), scope));
  const { table, tuples } = rowsOf(arg(args, 1), scope);
  const orders: { readonly node: Dax; readonly sign: 1 | -1 }[] = [];
  for (let k = 2; k < args.length; k++) {
    const node = arg(args, k);
    const next = args[k + 1];
    const ordered = next?.kind === 'name' && /^(ASC|DESC)$/i.test(next.name) ? next.name.toUpperCase() : null;
    orders.push({ node, sign: ordered === 'ASC' ? 1 : -1 });
    if (ordered !== null) k++;
  }
  const keyed = tuples.map((tuple) => ({ tuple, keys: orders.map(({ node }) => cellOf(node, at(tuple, scope))) }));
  const before = (a: readonly Cell[], b: readonly Cell[]) => {
    for (const [k, { sign }] of orders.entries()) {
      const order = compare(a[k] ?? null, b[k] ?? null);
      if (order !== 0) return sign * order;
    }
    return 0;
  };
  keyed.sort((a, b) => before(a.keys, b.keys));
  const last = keyed[count - 1];
  // Rows alike in what orders them are all given.
  const kept = keyed.filter(({ keys }, k) => k < count || (last !== undefined && before(keys, last.keys) === 0));
  return { table, tuples: kept.map(({ tuple }) => tuple) };
}

function concatenate(args: Args, scope: Scope): Cell {
  const { tuples } = rowsOf(arg(args, 0), scope);
  const between = args[2] === undefined ? '' : textOf(cellOf(args[2], scope));
  const order = args[3];
  const descending = args[4]?.kind === 'name' && args[4].name.toUpperCase() === 'DESC';
  const items = tuples.map((tuple) => ({
    text: textOf(cellOf(arg(args, 1), at(tuple, scope))),
    key: order === undefined ? null : cellOf(order, at(tuple, scope)),
  }));
  if (order !== undefined) items.sort((a, b) => (descending ? -1 : 1) * compare(a.key, b.key));
  return items.map(({ text }) => text).join(between);
}

function summarize([source, ...columns]: Args, scope: Scope): Rows {
  const found = new Map<string, Tuple>();
  for (const tuple of rowsOf(source as Dax, scope).tuples) {
    const own = Object.fromEntries(
      columns.map((node) => {
        if (node.kind !== 'column') throw new Error('SUMMARIZE groups by columns here');
        return [`${node.table}[${node.name}]`, groupCell(node, tuple, scope)];
      }),
    );
    found.set(Object.values(own).map(keyOf).join('\u0001'), made(own));
  }
  return { table: null, tuples: [...found.values()] };
}

function groupCell({ table, name }: Dax & { kind: 'column' }, tuple: Tuple, { database }: Scope): Cell {
  if (tuple.table === null || tuple.table === table) return columnValue(table, name, [tuple]);
  return database.related(tuple.table, tuple.row as Row, table)?.[name] ?? null;
}

function related([column]: Args, { rows, database }: Scope): Cell {
  if (column?.kind !== 'column') throw new Error('RELATED takes a column');
  for (const { table, row } of rows.toReversed()) {
    if (table !== null && row !== null && database.parents(table).some(({ to }) => to[0] === column.table)) {
      return database.related(table, row, column.table)?.[column.name] ?? null;
    }
  }
  throw new Error(`no row here is related to ${column.table}`);
}

function all(node: Dax, scope: Scope, context = scope.context.database): Rows {
  if (node.kind === 'name') {
    return { table: node.name, tuples: context.rows(node.name).map((row) => ({ table: node.name, row, own: {} })) };
  }
  if (node.kind !== 'column') throw new Error('ALL takes a table or a column');
  return columnRows(
    node,
    context.rows(node.table).map((row) => row[node.name] as Cell),
  );
}

function lookUp(args: Args, scope: Scope): Cell {
  const result = arg(args, 0);
  if (result.kind !== 'column') throw new Error('LOOKUPVALUE gives a column');
  let rows: readonly Row[] = scope.database.rows(result.table);
  for (let k = 1; k + 1 < args.length; k += 2) {
    const column = arg(args, k);
    if (column.kind !== 'column') throw new Error('LOOKUPVALUE looks in columns');
    const key = keyOf(cellOf(arg(args, k + 1), scope));
    rows = rows.filter((row) => keyOf(row[column.name]) === key);
  }
  const found = distinct(rows.map((row) => row[result.name] as Cell));
  if (found.length > 1) throw new Error('LOOKUPVALUE found several values');
  return found[0] ?? null;
}

/** Functions over tables and columns, as documented by Microsoft. */
const FUNCTIONS: Readonly<Record<string, (args: Args, scope: Scope) => DaxValue>> = {
  ADDCOLUMNS: ([source, ...added], scope) => {
    const { table, tuples } = rowsOf(source as Dax, scope);
    const widened = tuples.map((tuple) => {
      const own: Record<string, Cell> = { ...tuple.own };
      for (let k = 0; k + 1 < added.length; k += 2) {
        own[`[${textOf(cellOf(arg(added, k), scope))}]`] = cellOf(arg(added, k + 1), at(tuple, scope));
      }
      return { ...tuple, own };
    });
    return { table, tuples: widened };
  },
  ALL: (args, scope) => all(arg(args, 0), scope),
  ALLSELECTED: (args, scope) => {
    const node = arg(args, 0);
    const selected = { ...scope, context: scope.context.selected };
    return node.kind === 'column' ? columnRows(node, columnCells(node, selected)) : rowsOf(node, selected);
  },
  AVERAGE: (args, scope) => average(columnCells(arg(args, 0), scope)),
  AVERAGEX: (args, scope) => average(each(args, scope)),
  CONCATENATEX: concatenate,
  COUNTROWS: (args, scope) => counted(rowsOf(arg(args, 0), scope).tuples.length),
  DISTINCT: (args, scope) => values(args, scope),
  DISTINCTCOUNT: (args, scope) => counted(distinct(columnCells(arg(args, 0), scope)).length),
  DISTINCTCOUNTNOBLANK: (args, scope) =>
    counted(distinct(columnCells(arg(args, 0), scope)).filter((cell) => cell !== null).length),
  FILTER: filter,
  GENERATESERIES: (args, scope) => {
    const [from, to] = [numberOf(cellOf(arg(args, 0), scope)), numberOf(cellOf(arg(args, 1), scope))];
    const step = args[2] === undefined ? 1 : numberOf(cellOf(args[2], scope));
    const count = Math.max(0, Math.floor((to - from) / step + 1e-9) + 1);
    return { table: null, tuples: Array.from({ length: count }, (_, k) => made({ '[Value]': from + k * step })) };
  },
  HASONEVALUE: (args, scope) => distinct(columnCells(arg(args, 0), scope)).length === 1,
  ISEMPTY: (args, scope) => rowsOf(arg(args, 0), scope).tuples.length === 0,
  ISFILTERED: (args, scope) => {
    const node = arg(args, 0);
    if (node.kind !== 'column') throw new Error('ISFILTERED takes a column here');
    return scope.context.filters.some(
      (one) => one.table === node.table && (!('columns' in one) || one.columns.includes(node.name)),
    );
  },
  LOOKUPVALUE: lookUp,
  MAX: (args, scope) => bound(args, scope, 1),
  MAXX: (args, scope) => extreme(each(args, scope), 1),
  MIN: (args, scope) => bound(args, scope, -1),
  MINX: (args, scope) => extreme(each(args, scope), -1),
  RELATED: related,
  SELECTEDVALUE: (args, scope) => {
    const cells = distinct(columnCells(arg(args, 0), scope));
    if (cells.length === 1) return cells[0] as Cell;
    return args[1] === undefined ? null : cellOf(args[1], scope);
  },
  SELECTCOLUMNS: ([source, ...named], scope) => {
    const { tuples } = rowsOf(source as Dax, scope);
    return {
      table: null,
      tuples: tuples.map((tuple) => {
        const own: Record<string, Cell> = {};
        for (let k = 0; k + 1 < named.length; k += 2) {
          own[`[${textOf(cellOf(arg(named, k), scope))}]`] = cellOf(arg(named, k + 1), at(tuple, scope));
        }
        return made(own);
      }),
    };
  },
  SUM: (args, scope) => sum(columnCells(arg(args, 0), scope)),
  SUMMARIZE: summarize,
  SUMX: (args, scope) => sum(each(args, scope)),
  TOPN: topN,
  VALUES: (args, scope) => values(args, scope),
};

function values(args: Args, scope: Scope): Rows {
  const node = arg(args, 0);
  if (node.kind === 'column') return columnRows(node, columnCells(node, scope));
  return node.kind === 'name' ? visible(node.name, scope.context) : rowsOf(node, scope);
}

/** The greatest or least of a column in sight, or of two values. */
function bound(args: Args, scope: Scope, sign: 1 | -1): Cell {
  if (args.length === 1) return extreme(columnCells(arg(args, 0), scope), sign);
  return extreme(
    args.map((one) => cellOf(one, scope)),
    sign,
  );
}
