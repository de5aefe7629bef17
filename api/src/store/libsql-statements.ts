import type { SQL } from 'drizzle-orm';
import { SQLiteSyncDialect } from 'drizzle-orm/sqlite-core';
import Database from 'libsql';
import type { Db } from './db.ts';

/**
 * Statements on a database file by the driver itself. Its client (`@libsql/client`) defines every cell of a row as two
 * properties of an object of its own: half of what a read of 10,000 rows takes.
 * @param busyMs how long a statement waits for another process that writes.
 * @param settings of the connection.
 */
export function openStatements(
  file: string,
  busyMs: number,
  settings: readonly string[],
): { readonly db: Db; close(): void } {
  const connection = new Database(file, { timeout: busyMs });
  for (const setting of settings) connection.exec(setting);
  const dialect = new SQLiteSyncDialect();
  const kept = new Map<string, Prepared>();
  const prepare = (sql: string): Prepared => {
    const known = kept.get(sql);
    // The one used last stands last.
    if (known) kept.delete(sql);
    const prepared = known ?? preparedOn(connection, sql);
    kept.set(sql, prepared);
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value as string);
    return prepared;
  };
  const withValues = (statement: SQL) => {
    const { sql, params } = dialect.sqlToQuery(statement);
    return { ...prepare(sql), values: params.map(bindable) };
  };
  const run = (one: SQL) => {
    const { statement, values } = withValues(one);
    return statement.run(values);
  };
  const db: Db = {
    engine: 'libsql',
    async all<Row>(one: SQL) {
      const { statement, names, values } = withValues(one);
      return (statement.all(values) as unknown[][]).map((cells) => rowOf(names, cells)) as Row[];
    },
    run: async (one) => run(one),
    async transact(statements) {
      if (statements.length === 0) return;
      connection.exec('BEGIN IMMEDIATE');
      try {
        for (const one of statements) run(one);
        connection.exec('COMMIT');
      } catch (error) {
        // Of a full disk the engine has rolled back itself.
        if (connection.inTransaction) connection.exec('ROLLBACK');
        throw error;
      }
    },
  };
  return {
    db,
    close() {
      kept.clear();
      connection.close();
    },
  };
}

/** Statements kept prepared: a cycle asks some sixty again each time, and to prepare them took a tenth of it. */
const MOST_KEPT = 200;

interface Prepared {
  readonly statement: Database.Statement;
  /** Of the columns that it gives; none where it gives no rows. */
  readonly names: readonly string[];
}

function preparedOn(connection: Database.Database, sql: string): Prepared {
  const statement = connection.prepare(sql);
  const names = statement.columns().map(({ name }) => name);
  return { statement: names.length > 0 ? statement.raw() : statement, names };
}

function rowOf(names: readonly string[], cells: readonly unknown[]): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  names.forEach((name, k) => {
    row[name] = cells[k];
  });
  return row;
}

/** A value as the driver takes it. @throws RangeError for a number that is none: it would be stored as `NULL`. */
function bindable(value: unknown): unknown {
  if (typeof value === 'boolean') return Number(value);
  if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) {
    throw new RangeError(`a statement takes no ${value}`);
  }
  return value;
}
