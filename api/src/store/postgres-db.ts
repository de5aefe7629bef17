import type { SQL } from 'drizzle-orm';
import { PgDialect } from 'drizzle-orm/pg-core';
import pRetry from 'p-retry';
import type { Db } from './db.ts';

/** What a statement of PostgreSQL runs in: a connection, or any of a pool. */
export interface Session {
  query(text: string, values: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

/** A driver of PostgreSQL, as the store uses it. */
export interface Sessions extends Session {
  /** Runs work in a transaction of one session, which ends with it: committed, or rolled back when it throws. */
  transaction(work: (session: Session) => Promise<void>, takesLong: boolean): Promise<void>;
}

/** Types whose texts are numbers for us: `bigint` and `numeric`, by their numbers in `pg_type`. Counts and sums come as such. */
export const NUMBER_TYPES: readonly number[] = [20, 1700];

/** Transactions that met another's rows in the other order, or changed since they looked. They have left nothing behind. */
const TO_RETRY = ['40001', '40P01'];

/**
 * The store on PostgreSQL. Transactions see what others commit while they run (`READ COMMITTED`, the server's default);
 * those that depend on each other begin with the rows of their series, and so wait for each other.
 */
export function postgresDb(sessions: Sessions): Db {
  const dialect = new PgDialect();
  const run = async (session: Session, statement: SQL) => {
    const { sql, params } = dialect.sqlToQuery(statement);
    // Of text each cell would be found by reading its whole row again.
    return (await session.query(sql.replaceAll('json_each(', 'jsonb_each('), params)).rows;
  };
  return {
    engine: 'postgres',
    async all<Row>(statement: SQL) {
      return [...(await run(sessions, statement))] as Row[];
    },
    run: (statement) => run(sessions, statement),
    async transact(statements, takesLong = false) {
      const once = () =>
        sessions.transaction(async (session) => {
          for (const statement of statements) await run(session, statement);
        }, takesLong);
      await pRetry(once, {
        retries: 5,
        minTimeout: 20,
        randomize: true,
        shouldRetry: ({ error }) => TO_RETRY.includes(String((error as { code?: unknown }).code)),
      });
    },
  };
}
