import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Client, createClient } from '@libsql/client';
import { UserError } from '@tidemark/shared/errors';
import { drizzle } from 'drizzle-orm/libsql';
import { migrate } from 'drizzle-orm/libsql/migrator';
import type { Db } from './db.ts';
import { openStatements } from './libsql-statements.ts';
import { type RepairedText, repairTexts } from './repair-text.ts';
import { checkVersion } from './version.ts';

/** The embedded database, open. */
export interface DatabaseFile {
  readonly db: Db;
  /** Texts that had to be replaced before anything could be read. */
  readonly repaired: readonly RepairedText[];
  close(): void;
}

const migrationsFolder = fileURLToPath(new URL('../../migrations', import.meta.url));

/**
 * Opens the embedded database file, creating it and its folder when absent, and brings its schema up to date.
 * @param survives what the last batches outlive: with `power cut` each is on the disk itself once it returns, which takes
 * the disk's time; with `kill` the operating system has it.
 * @throws UserError `invalid-database` when the file is none, one of a newer version, or one that cannot be opened or made.
 */
export async function openDatabaseFile(
  file: string,
  survives: 'power cut' | 'kill' = 'power cut',
): Promise<DatabaseFile> {
  try {
    mkdirSync(dirname(file), { recursive: true });
    await migrateFile(file);
    const { db, close } = openStatements(file, BUSY_MS, [
      `PRAGMA synchronous = ${survives === 'kill' ? 'NORMAL' : 'FULL'}`,
      'PRAGMA cache_size = -8192',
    ]);
    try {
      return { db, repaired: await repairTexts(db), close };
    } catch (error) {
      close();
      throw error;
    }
  } catch (error) {
    throw openingError(error, file);
  }
}

async function migrateFile(file: string): Promise<void> {
  const client = openFile(file);
  try {
    checkVersion(migrationsFolder, await newestMigration(client), file);
    await client.execute('PRAGMA journal_mode = WAL');
    await migrateTogether(client);
  } finally {
    client.close();
  }
}

/** Brings the schema up to date, also where a process that started at the same moment does the same and is faster. */
async function migrateTogether(client: Client): Promise<void> {
  const before = await newestMigration(client);
  try {
    await migrate(drizzle(client), { migrationsFolder });
  } catch (error) {
    if ((await newestMigration(client)) === before) throw error;
    await migrate(drizzle(client), { migrationsFolder });
  }
}

/** Opens a file by its path: as an address, `%` and `?` in it would mean something else. */
function openFile(file: string, busyMs?: number): Client {
  return createClient({ url: pathToFileURL(file).href, timeout: busyMs ?? BUSY_MS });
}

/**
 * Writes a consistent copy of a database that may be in use, as it is: a service that runs on it notices nothing.
 * @throws UserError `invalid-database` when the file is none.
 */
export async function copyDatabaseFile(file: string, to: string): Promise<void> {
  const client = openFile(file);
  try {
    await client.execute({ sql: 'VACUUM INTO ?', args: [to] });
  } catch (error) {
    throw toUserError(error, file);
  } finally {
    client.close();
  }
}

/**
 * Checks that a file is a whole database of this service, of this version or an earlier one, and brings into it what
 * its write-ahead log still holds.
 * @throws UserError `invalid-database` saying what is wrong with it.
 */
export async function checkDatabaseFile(file: string): Promise<void> {
  const client = openFile(file, 0);
  try {
    await client.execute('PRAGMA journal_mode = DELETE');
    const { rows } = await client.execute('PRAGMA integrity_check');
    if (rows[0]?.[0] !== 'ok') throw new UserError('invalid-database', `damaged database: ${file}; ${rows[0]?.[0]}`);
    if ((await newestMigration(client)) === null) {
      throw new UserError('invalid-database', `not a database of this service: ${file}`);
    }
    checkVersion(migrationsFolder, await newestMigration(client), file);
  } catch (error) {
    throw toUserError(error, file);
  } finally {
    client.close();
  }
}

/**
 * Ends the write-ahead log of a database, so that its one file is all there is of it.
 * @throws UserError `database-in-use` while another process has it open.
 */
export async function settleDatabaseFile(file: string): Promise<void> {
  const client = openFile(file, 1_000);
  try {
    await client.execute('PRAGMA journal_mode = DELETE');
  } catch (error) {
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw toUserError(error, file);
    throw new UserError('database-in-use', `${file} is in use; stop the service first`, { cause: error });
  } finally {
    client.close();
  }
}

const BUSY_MS = 10_000;

/** When the newest migration of a database was made; `null` where there never was one. */
async function newestMigration(client: Client): Promise<number | null> {
  const { rows } = await client.execute("SELECT name FROM sqlite_master WHERE name = '__drizzle_migrations'");
  if (rows.length === 0) return null;
  const newest = await client.execute('SELECT MAX(created_at) FROM __drizzle_migrations');
  return Number(newest.rows[0]?.[0] ?? 0);
}

/** Why a file cannot be opened or made, by the code of the operating system, of SQLite, or in a sentence of its driver. */
const CANNOT_OPEN: readonly (readonly [RegExp, string])[] = [
  [/^(SQLITE_FULL|ENOSPC|EDQUOT)/, 'its disk is full'],
  [/^(SQLITE_READONLY|EROFS|EACCES|EPERM)/, 'it, or its folder, may not be written by this user'],
  [/^(EEXIST|ENOTDIR|ENOENT|ENAMETOOLONG|ELOOP)/, 'its folder is none and cannot be made'],
  [/^(SQLITE_BUSY|SQLITE_LOCKED)/, 'another process holds it'],
  [/^SQLITE_IOERR/, 'its disk fails'],
  [
    /^SQLITE_CANTOPEN|Unable to open connection to local database/,
    'it is no file, or this user may not read and write it',
  ],
];

/** What keeps a database from being opened or made, as a sentence for people. */
function openingError(error: unknown, file: string): unknown {
  if (error instanceof UserError) return error;
  const { code = '', message } = error as Error & { code?: string };
  const why = CANNOT_OPEN.find(([sign]) => sign.test(code) || sign.test(message))?.[1];
  if (why) return new UserError('invalid-database', `cannot open the database ${file}: ${why}`, { cause: error });
  return toUserError(error, file);
}

function toUserError(error: unknown, file: string): unknown {
  const { code } = error as { code?: string };
  if (code === 'SQLITE_NOTADB') return new UserError('invalid-database', `not a database: ${file}`, { cause: error });
  if (code === 'SQLITE_CORRUPT')
    return new UserError('invalid-database', `damaged database: ${file}`, { cause: error });
  return error;
}
