import type { Cell, Row } from '../tables.ts';
import { type Context, columnIs, type DaxFilter, filterOf } from './context.ts';
import { columnsIn, type Dax } from './parse.ts';
import { SCALARS } from './scalars.ts';
import { at, cellOf, columnValue, isTrue, made, rowsOf, type Scope, visible } from './scope.ts';
import { tableFunction } from './table-functions.ts';
import { arithmetic, compare, type DaxValue, keyOf, numberOf, type Tuple, textOf } from './values.ts';

/**
 * Evaluates the part of DAX that the model is written in, by Microsoft's reference: filter context, row context, the
 * passage of one into the other by `CALCULATE` and measures, and blanks as DAX has them.
 * @throws Error naming what is not evaluated here.
 */
export function evaluate(node: Dax, scope: Scope): DaxValue {
  switch (node.kind) {
    case 'literal':
      return node.value;
    case 'column':
      return columnValue(node.table, node.name, scope.rows);
    case 'bracket':
      return bracketValue(node.name, scope);
    case 'name':
      return named(node.name, scope);
    case 'list':
      return { table: null, tuples: node.items.map((item) => made({ '[Value]': cellOf(item, scope) })) };
    case 'block': {
      const variables = new Map(scope.variables);
      const inner = { ...scope, variables };
      for (const [name, value] of node.variables) {
        const before = { ...scope, variables: new Map(variables) };
        variables.set(
          name.toLowerCase(),
          once(() => evaluate(value, before)),
        );
      }
      return evaluate(node.result, inner);
    }
    case 'unary': {
      const value = cellOf(node.operand, scope);
      if (node.operator === 'NOT') return !isTrue(value);
      return value === null ? null : -numberOf(value);
    }
    case 'binary':
      return operated(node, scope);
    case 'call':
      return called(node, scope);
  }
}

function bracketValue(name: string, scope: Scope): DaxValue {
  const measure = scope.session.measures.get(name);
  if (measure !== undefined) return evaluate(measure, { ...inTransition(scope), variables: new Map() });
  for (const { own } of scope.rows.toReversed()) {
    const found = Object.entries(own).find(([key]) => key.endsWith(`[${name}]`));
    if (found !== undefined) return found[1];
  }
  throw new Error(`no measure and no column [${name}]`);
}

function named(name: string, scope: Scope): DaxValue {
  const variable = scope.variables.get(name.toLowerCase());
  return variable === undefined ? visible(name, scope.context) : variable();
}

function once<T>(compute: () => T): () => T {
  let kept: { readonly value: T } | undefined;
  return () => {
    kept ??= { value: compute() };
    return kept.value;
  };
}

/** The scope with its rows made into filters, and no rows: what `CALCULATE` and every measure begin with. */
function inTransition(scope: Scope): Scope {
  if (scope.rows.length === 0) return scope;
  return {
    ...scope,
    context: scope.rows.reduce((context, tuple) => context.override(filtersOf(tuple)), scope.context),
    rows: [],
  };
}

function filtersOf({ table, row, own }: Tuple): DaxFilter[] {
  const columns = Object.entries(own).flatMap(([name, cell]) => {
    const [, of = '', column = ''] = /^(.*)\[(.+)\]$/.exec(name) ?? [];
    return of === '' ? [] : [columnIs(of, column, [cell])];
  });
  return table === null ? columns : [...columns, { table, rows: new Set([row as Row]), released: [] }];
}

function operated({ operator, left, right }: Dax & { kind: 'binary' }, scope: Scope): DaxValue {
  if (operator === '&&') return isTrue(cellOf(left, scope)) && isTrue(cellOf(right, scope));
  if (operator === '||') return isTrue(cellOf(left, scope)) || isTrue(cellOf(right, scope));
  const one = cellOf(left, scope);
  if (operator === 'IN') {
    const { tuples } = rowsOf(right, scope);
    return tuples.some(({ own }) => compare(one, Object.values(own)[0] ?? null) === 0);
  }
  const other = cellOf(right, scope);
  switch (operator) {
    case '&':
      return textOf(one) + textOf(other);
    case '==':
      return keyOf(one) === keyOf(other);
    case '=':
      return compare(one, other) === 0;
    case '<>':
      return compare(one, other) !== 0;
    case '<':
      return compare(one, other) < 0;
    case '<=':
      return compare(one, other) <= 0;
    case '>':
      return compare(one, other) > 0;
    case '>=':
      return compare(one, other) >= 0;
    default:
      return arithmetic(operator, one, other);
  }
}

function called({ name, args }: Dax & { kind: 'call' }, scope: Scope): DaxValue {
  switch (name) {
    case 'CALCULATE':
    case 'CALCULATETABLE':
      return evaluate(args[0] as Dax, calculated(args.slice(1), scope));
    case 'IF':
      return isTrue(cellOf(args[0] as Dax, scope))
        ? evaluate(args[1] as Dax, scope)
        : args[2] === undefined
          ? null
          : evaluate(args[2], scope);
    case 'SWITCH':
      return switched(args, scope);
    case 'COALESCE':
      for (const arg of args) {
        const cell = cellOf(arg, scope);
        if (cell !== null) return cell;
      }
      return null;
    default: {
      const onScalars = SCALARS[name];
      if (onScalars !== undefined)
        return onScalars(
          args.map((arg) => cellOf(arg, scope)),
          scope.session,
        );
      return tableFunction(name, args, scope);
    }
  }
}

function switched([subject, ...cases]: readonly Dax[], scope: Scope): DaxValue {
  const wanted = cellOf(subject as Dax, scope);
  for (let k = 0; k + 1 < cases.length; k += 2) {
    if (compare(wanted, cellOf(cases[k] as Dax, scope)) === 0) return evaluate(cases[k + 1] as Dax, scope);
  }
  return cases.length % 2 === 1 ? evaluate(cases.at(-1) as Dax, scope) : null;
}

/** The scope that `CALCULATE` evaluates its expression in; filters are evaluated outside it. */
function calculated(args: readonly Dax[], scope: Scope): Scope {
  const added: DaxFilter[] = [];
  const kept: DaxFilter[] = [];
  const modify: ((context: Context) => Context)[] = [];
  for (const arg of args) {
    if (arg.kind === 'call' && (arg.name === 'REMOVEFILTERS' || arg.name === 'ALL')) {
      modify.push((context) => arg.args.reduce(removed, context));
    } else if (arg.kind === 'call' && arg.name === 'ALLSELECTED') {
      const [table] = arg.args;
      if (table?.kind !== 'name') throw new Error('ALLSELECTED as a filter takes a table here');
      modify.push((context) => context.reselect(table.name));
    } else if (arg.kind === 'call' && arg.name === 'KEEPFILTERS') kept.push(...filtersFrom(arg.args[0] as Dax, scope));
    else added.push(...filtersFrom(arg, scope));
  }
  const inner = inTransition(scope);
  const context = modify.reduce((sofar, change) => change(sofar), inner.context);
  return { ...inner, context: context.override(added).and(kept) };
}

function removed(context: Context, node: Dax): Context {
  if (node.kind === 'column') return context.remove(node.table, [node.name]);
  if (node.kind === 'name') return context.remove(node.name);
  throw new Error('filters are removed from tables and columns');
}

/** The filters of an argument: a table, or a condition on the columns of one table. */
function filtersFrom(node: Dax, scope: Scope): DaxFilter[] {
  const columns = columnsIn(node);
  const isTable = node.kind === 'name' || (node.kind === 'call' && !(node.name in SCALARS));
  if (isTable) return filterOf(rowsOf(node, scope));
  const [first] = columns;
  if (first === undefined || columns.some(({ table }) => table !== first.table))
    throw new Error('a condition is on the columns of one table');
  const { table } = first;
  const names = [...new Set(columns.map(({ name }) => name))];
  const combinations = new Map<string, Tuple>();
  const single =
    names.length === 1
      ? [...scope.database.index(table, names[0] as string).values()].map(([row]) => row as Row)
      : null;
  for (const row of single ?? scope.database.rows(table)) {
    const own = Object.fromEntries(names.map((name) => [`${table}[${name}]`, row[name] as Cell]));
    combinations.set(Object.values(own).map(keyOf).join('\u0001'), made(own));
  }
  const holding = [...combinations.values()].filter((tuple) => isTrue(cellOf(node, at(tuple, scope))));
  const empty = made(Object.fromEntries(names.map((name) => [`${table}[${name}]`, null])));
  const filters = filterOf({ table: null, tuples: holding.length > 0 ? holding : [empty] });
  return holding.length > 0 ? filters : filters.map((filter) => ({ ...filter, keys: new Set<string>() }));
}
