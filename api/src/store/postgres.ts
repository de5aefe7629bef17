import { fileURLToPath } from 'node:url';
import { UserError } from '@tidemark/shared/errors';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import type { Db } from './db.ts';
import { NUMBER_TYPES, postgresDb, type Session } from './postgres-db.ts';
import { isUnreachable, openingError, refusal, unreachableSentence } from './postgres-errors.ts';
import { type PostgresAddress, postgresAddress } from './postgres-url.ts';
import { isUnavailable } from './unavailable.ts';
import { checkVersion } from './version.ts';

/** The migrations of PostgreSQL. */
export const POSTGRES_MIGRATIONS = fileURLToPath(new URL('../../migrations-postgres', import.meta.url));

/** A database of a server, open. */
export interface ServedDatabase {
  readonly db: Db;
  close(): Promise<void>;
}

/** Connections of one process: a cycle uses one or two at a time, reads the rest. */
const CONNECTIONS = 9;
/** Beside them for what may take long: retention, and `ANALYZE` after a cycle and after a push. */
const PATIENT_CONNECTIONS = 3;
const CONNECT_MS = 5_000;
/** After this long the server gives up on a process that has stopped in a transaction, and frees its rows. */
const IDLE_IN_TRANSACTION_MS = 20_000;
/**
 * Longest wait for the answer to a statement. A server that is frozen, or that the network has lost, closes no connection:
 * the operating system would wait for a quarter of an hour.
 */
const STATEMENT_MS = 120_000;
/** An idle connection is asked for a sign of life after this long, and ten seconds later given up. */
const KEEP_ALIVE_MS = 10_000;
/** Held while migrations run, so that replicas that start together wait for each other. */
export const MIGRATION_LOCK = 7_236_107;

/**
 * Opens a database of a PostgreSQL server and brings its schema up to date.
 * @param statementMs longest wait for the answer to a statement; migrations, `ANALYZE` and retention may take longer.
 * @throws UserError `invalid-setting`, `database-unreachable` or `invalid-database`, never with the password.
 */
export async function openPostgres(url: string, statementMs = STATEMENT_MS): Promise<ServedDatabase> {
  const address = postgresAddress(url);
  const patient = openPool(address, { max: PATIENT_CONNECTIONS });
  try {
    await migrateTogether(patient, address);
  } catch (error) {
    await patient.end();
    throw openingError(error, address);
  }
  const pool = openPool(address, { max: CONNECTIONS, query_timeout: statementMs });
  const db = postgresDb({
    query: (text, values) => tellingUnreachable(() => pool.query(text, values)),
    transaction: (work, takesLong) => tellingUnreachable(() => inTransaction(takesLong ? patient : pool, work)),
  });
  // The server does so by itself, but a minute later: until then each look-up by keys reads a whole table.
  db.analyze = () => tellingUnreachable(() => patient.query('ANALYZE actual, issue, verdict, snapshot'));
  return { db, close: async () => void (await Promise.all([pool.end(), patient.end()])) };
}

function openPool(
  { connectionString }: PostgresAddress,
  limits: Pick<pg.PoolConfig, 'max' | 'query_timeout'>,
): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    ...limits,
    connectionTimeoutMillis: CONNECT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    application_name: 'tidemark',
    types: {
      getTypeParser: ((type: number, format?: 'text') =>
        NUMBER_TYPES.includes(type) ? Number : pg.types.getTypeParser(type, format)) as never,
    },
  });
  // A connection that breaks while nobody uses it: the next statement takes another. Or between two statements of a
  // transaction, whose next then fails: an error that nobody hears would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

async function migrateTogether(pool: pg.Pool, { name }: PostgresAddress): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    checkVersion(POSTGRES_MIGRATIONS, await newestMigration(client), name);
    await migrate(drizzle(client), { migrationsFolder: POSTGRES_MIGRATIONS });
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    client.release();
  }
}

/** When the newest migration of a database was made; `null` where there never was one. */
async function newestMigration(session: Session): Promise<number | null> {
  const rowsOf = async <Row>(text: string) => (await session.query(text, [])).rows as readonly Row[];
  const [table] = await rowsOf<{ name: string | null }>("SELECT to_regclass('drizzle.__drizzle_migrations') AS name");
  if (!table?.name) return null;
  const [row] = await rowsOf<{ newest: number }>('SELECT MAX(created_at) AS newest FROM drizzle.__drizzle_migrations');
  return row?.newest ?? null;
}

async function inTransaction(pool: pg.Pool, work: (session: Session) => Promise<void>): Promise<void> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    await work(client);
    await client.query('COMMIT');
  } catch (error) {
    // A server that has become a copy keeps its connections: the next one may lead to the one that takes writes.
    if (isUnavailable(error) || isUnreachable(error)) broken = error as Error;
    // A connection that is given up needs no end of its transaction, which might have to be waited for as well.
    else {
      await client.query('ROLLBACK').catch((failure: Error) => {
        broken = failure;
      });
    }
    throw error;
  } finally {
    client.release(broken);
  }
}

async function tellingUnreachable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (isUnreachable(error)) throw new UserError('database-unreachable', unreachableSentence(error), { cause: error });
    const refused = refusal(error);
    // A password or a certificate was changed while the service runs.
    if (refused !== null) throw new UserError('database-unreachable', `the database: ${refused}`, { cause: error });
    throw error;
  }
}
