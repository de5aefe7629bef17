import type { Db } from './db.ts';
import { openDatabaseFile } from './libsql.ts';
import { isPostgres, postgresAddress } from './postgres-url.ts';
import type { RepairedText } from './repair-text.ts';

/** An open database, whatever its engine. */
export interface OpenStore {
  readonly db: Db;
  /** The file, or the address of the server without its password. */
  readonly name: string;
  /** The embedded database's file; `null` for a server. */
  readonly file: string | null;
  /** Texts that had to be replaced before anything could be read. */
  readonly repaired: readonly RepairedText[];
  close(): Promise<void>;
}

/**
 * Opens what `TIDEMARK_DATABASE` names, a file or `postgres://…`, and brings its schema up to date.
 * @throws UserError `invalid-database`, `invalid-setting` or `database-unreachable`, never with a password.
 */
export async function openStore(setting: string): Promise<OpenStore> {
  if (isPostgres(setting)) {
    const { openPostgres } = await import('./postgres.ts');
    return { ...(await openPostgres(setting)), name: postgresAddress(setting).name, file: null, repaired: [] };
  }
  const { db, repaired, close } = await openDatabaseFile(setting);
  return { db, name: setting, file: setting, repaired, close: async () => close() };
}
