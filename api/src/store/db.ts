import { type SQL, sql } from 'drizzle-orm';

/** Database engines that the store runs on. */
export type Engine = 'libsql' | 'd1' | 'postgres';

/**
 * An open database. Statements are written once, in the SQL that SQLite and PostgreSQL share: `json_each` over an object,
 * casts of what JSON holds, `IS DISTINCT FROM`, quoted names of result columns.
 */
export interface Db {
  readonly engine: Engine;
  /** The rows that a statement gives; whole numbers come as numbers. */
  all<Row>(statement: SQL): Promise<Row[]>;
  run(statement: SQL): Promise<unknown>;
  /**
   * Runs statements one after the other, all of them or none.
   * @param takesLong that a statement without an answer for minutes is no sign of a server that is gone.
   */
  transact(statements: readonly SQL[], takesLong?: boolean): Promise<void>;
  /** Has the engine look at its tables again: until then it plans by what they held before. Absent where it has no need to. */
  analyze?(): Promise<unknown>;
}

/** Rows written at once from which an engine should look at its tables again. */
export const MANY_ROWS = 20_000;

/** Runs statements as one transaction that readers notice: the revision grows with it. */
export async function commit(db: Db, statements: readonly SQL[], takesLong = false): Promise<void> {
  if (statements.length === 0) return;
  await db.transact([...statements, sql`UPDATE setting SET value = value + 1 WHERE name = 'revision'`], takesLong);
}

/**
 * D1 takes values up to 2 MB (until 2025 1 MB) and only 100 of them a statement, so rows travel as JSON texts of at most
 * this many characters, each of which may take three bytes.
 */
const MAX_JSON = 330_000;
/** Most characters of a row's number with what is around it. */
const KEY_LENGTH = 10;

/**
 * Rows (arrays of cells) as few JSON texts for `json_each`, each below D1's limit on a value. They are objects of rows by
 * number, not arrays: PostgreSQL's `json_each` takes nothing else.
 */
export function jsonParts(rows: readonly (readonly unknown[])[]): string[] {
  const parts: string[] = [];
  let part: string[] = [];
  let length = 0;
  for (const row of rows) {
    const cells = JSON.stringify(row);
    if (length + cells.length + KEY_LENGTH > MAX_JSON && part.length > 0) {
      parts.push(`{${part.join(',')}}`);
      part = [];
      length = 0;
    }
    // Numbered within its part: of two rows of one number PostgreSQL keeps the second alone.
    const text = `"${part.length}":${cells}`;
    part.push(text);
    length += text.length + 1;
  }
  if (part.length > 0) parts.push(`{${part.join(',')}}`);
  return parts;
}

/** One statement for each part of some rows that `json_each` can take at once; none for no rows. */
export function statementsFor(rows: readonly (readonly unknown[])[], statement: (part: string) => SQL): SQL[] {
  return jsonParts(rows).map(statement);
}

/** Items in groups of so many, the last of what is left. */
export function groupsOf<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

/** The first row of a query; `undefined` when there is none. */
export async function first<Row>(db: Db, statement: SQL): Promise<Row | undefined> {
  return (await db.all<Row>(statement))[0];
}
