import type { Cell, Row, Tables } from '../tables.ts';
import type { TmdlObject } from '../tmdl.ts';
import { columnPath } from '../tmdl.ts';
import { Context, Database, type DaxFilter, type Relationship } from './context.ts';
import { evaluate } from './evaluate.ts';
import { columnsIn, type Dax, parseDax } from './parse.ts';
import { cellOf, isTrue, type Session } from './scope.ts';

/** A person who looks at the report. */
export interface Viewer {
  readonly nowMs: number;
  /** Language of the person, `en-US` unless given. */
  readonly culture?: string;
  readonly user?: string;
}

/** A semantic model with its tables filled: figures come from the text of its own measures. */
export interface DaxModel {
  readonly tables: Tables;
  readonly database: Database;
  /** What is in sight of some filters; `selected` is what stands around the visual. */
  context(filters?: readonly DaxFilter[], selected?: Context): Context;
  /**
   * Value of a measure in a context.
   * @throws Error when the model has no such measure.
   */
  measure(name: string, context: Context, viewer: Viewer): Cell;
  /**
   * The model as a member of a role sees it: the rows of its tables that the role's conditions hold for, and of tables on
   * the many side of a relationship those that belong to them.
   * @throws Error when the model has no such role.
   */
  as(role: string, viewer: Viewer): DaxModel;
}

/** Everything of the committed model that DAX needs. */
interface ModelText {
  readonly objects: readonly TmdlObject[];
  readonly tables: readonly TmdlObject[];
}

const trees = new Map<string, Dax>();

function treeOf(text: string): Dax {
  let tree = trees.get(text);
  if (tree === undefined) {
    tree = parseDax(text);
    trees.set(text, tree);
  }
  return tree;
}

/** The model over rows as its queries give them; computed columns are added from their DAX. */
export function daxModel(text: ModelText, loaded: Tables): DaxModel {
  const relationships = text.objects
    .filter(({ kind }) => kind === 'relationship')
    .map(({ properties }): Relationship => {
      const path = (name: string) => columnPath(properties.get(name) as string);
      return { from: path('fromColumn'), to: path('toColumn') };
    });
  const measures = new Map(
    text.tables.flatMap(({ children }) =>
      children
        .filter(({ kind }) => kind === 'measure')
        .map(({ name, expression }) => [name, treeOf(expression as string)] as const),
    ),
  );
  const session = ({ nowMs, culture = 'en-US', user = '' }: Viewer): Session => {
    return { measures, nowMs, culture, user, evaluate };
  };
  const roles = new Map(text.objects.filter(({ kind }) => kind === 'role').map((role) => [role.name, role]));
  return over(withComputed(text, loaded, relationships, session({ nowMs: Number.NaN })));

  function over(tables: Tables): DaxModel {
    const database = new Database(tables, relationships);
    return {
      tables,
      database,
      context: (filters = [], selected) => new Context(database, filters, selected),
      measure(name, context, viewer) {
        const tree = measures.get(name);
        if (tree === undefined) throw new Error(`no measure [${name}]`);
        return cellOf(tree, { database, context, rows: [], variables: new Map(), session: session(viewer) });
      },
      as(name, viewer) {
        const role = roles.get(name);
        if (role === undefined) throw new Error(`no role ${name}`);
        const scope = { database, context: new Context(database), variables: new Map(), session: session(viewer) };
        const filters = role.children
          .filter(({ kind }) => kind === 'tablePermission')
          .map(({ name: table, expression }): DaxFilter => {
            const tree = treeOf(expression as string);
            const rows = database
              .rows(table)
              .filter((row) => isTrue(cellOf(tree, { ...scope, rows: [{ table, row, own: {} }] })));
            return { table, rows: new Set(rows), released: [] };
          });
        const seen = new Context(database, filters);
        return over(Object.fromEntries(Object.keys(tables).map((table) => [table, seen.visible(table)])));
      },
    };
  }
}

/** The tables with their computed columns, each after those that it refers to. */
function withComputed(
  text: ModelText,
  loaded: Tables,
  relationships: readonly Relationship[],
  session: Session,
): Tables {
  const tables: Record<string, readonly Row[]> = { ...loaded };
  let waiting = text.tables.flatMap(({ name: table, children }) =>
    children
      .filter(({ kind, expression }) => kind === 'column' && expression !== null && tables[table] !== undefined)
      .map(({ name, expression }) => ({ table, name, tree: treeOf(expression as string) })),
  );
  while (waiting.length > 0) {
    const names = new Set(waiting.map(({ table, name }) => `${table}[${name}]`));
    const next = waiting.find(({ tree }) => !columnsIn(tree).some(({ table, name }) => names.has(`${table}[${name}]`)));
    if (next === undefined) throw new Error(`computed columns refer to each other: ${[...names].join(', ')}`);
    const { table, name, tree } = next;
    const database = new Database(tables, relationships);
    const scope = { database, context: new Context(database), variables: new Map(), session };
    tables[table] = (tables[table] as readonly Row[]).map((row) => ({
      ...row,
      [name]: cellOf(tree, { ...scope, rows: [{ table, row, own: {} }] }),
    }));
    waiting = waiting.filter((one) => one !== next);
  }
  return tables;
}
