import { drizzle } from 'drizzle-orm/d1';
import { SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core';
import type { Db } from './db.ts';

/** The part of a D1 binding that is used; `wrangler` applies the migrations. */
export interface D1Binding {
  prepare(sql: string): D1Statement;
  batch(statements: readonly D1Statement[]): Promise<unknown>;
}

interface D1Statement {
  bind(...values: readonly unknown[]): D1Statement;
  run(): Promise<unknown>;
}

/** The store on D1, which `wrangler` has migrated. */
export function openD1(binding: D1Binding): Db {
  const dialect = new SQLiteAsyncDialect();
  const d1 = drizzle(binding as Parameters<typeof drizzle>[0]);
  return {
    engine: 'd1',
    all: (statement) => d1.all(statement),
    run: (statement) => d1.run(statement),
    // Drizzle's own batch loses the parameters of raw statements on D1.
    async transact(statements) {
      const bound = statements.map((statement) => {
        const { sql, params } = dialect.sqlToQuery(statement);
        return binding.prepare(sql).bind(...params);
      });
      if (bound.length > 0) await binding.batch(bound);
    },
  };
}
