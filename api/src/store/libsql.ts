import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '@libsql/client';
import type { SQL } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/libsql';
import { migrate } from 'drizzle-orm/libsql/migrator';
import type { Db } from './db.ts';

/** The embedded database, open. */
export interface DatabaseFile {
  readonly db: Db;
  close(): void;
  /** Writes a consistent copy to a new file while the database stays in use. */
  copyTo(file: string): Promise<void>;
}

const migrationsFolder = fileURLToPath(new URL('../../migrations', import.meta.url));

/**
 * Opens the embedded database file, creating it and its folder when absent, and brings its schema up to date.
 * Every batch is on disk in the write-ahead log once it returns, so a killed process loses nothing it has acknowledged.
 */
export async function openDatabaseFile(file: string): Promise<DatabaseFile> {
  mkdirSync(dirname(file), { recursive: true });
  const client = createClient({ url: `file:${file}` });
  await client.execute('PRAGMA busy_timeout = 10000');
  await client.execute('PRAGMA journal_mode = WAL');
  await client.execute('PRAGMA synchronous = NORMAL');
  await client.execute('PRAGMA cache_size = -32768');
  const db = drizzle(client);
  await migrate(db, { migrationsFolder });
  return {
    db: Object.assign(db, {
      async transact(statements: readonly SQL[]) {
        const [first, ...rest] = statements.map((statement) => db.run(statement));
        if (first) await db.batch([first, ...rest]);
      },
    }) as unknown as Db,
    close: () => client.close(),
    copyTo: async (to) => {
      await client.execute({ sql: 'VACUUM INTO ?', args: [to] });
    },
  };
}

/**
 * Checks that a file is a whole database of this service.
 * @throws whatever the driver says, or Error when a page is damaged or the schema is another.
 */
export async function checkDatabaseFile(file: string): Promise<void> {
  const client = createClient({ url: `file:${file}` });
  try {
    const { rows } = await client.execute('PRAGMA integrity_check');
    if (rows[0]?.[0] !== 'ok') throw new Error(String(rows[0]?.[0]));
    await client.execute("SELECT value FROM setting WHERE name = 'revision'");
  } finally {
    client.close();
  }
}
