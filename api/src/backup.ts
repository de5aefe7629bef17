import { existsSync } from 'node:fs';
import { copyFile, rename, rm } from 'node:fs/promises';
import { UserError } from '@tidemark/shared';
import { checkDatabaseFile, openDatabaseFile } from './store/libsql.ts';

/**
 * Writes a consistent copy of a database that may be in use, under a temporary name first.
 * @returns a sentence for people.
 * @throws UserError `no-database` or `file-exists`.
 */
export async function backUp(databaseFile: string, to: string): Promise<string> {
  if (!existsSync(databaseFile))
    throw new UserError('no-database', `no database at ${databaseFile}; set TIDEMARK_DATABASE`);
  if (existsSync(to)) throw new UserError('file-exists', `there is a file already: ${to}`);
  const database = await openDatabaseFile(databaseFile);
  const partial = `${to}.partial`;
  try {
    await rm(partial, { force: true });
    await database.copyTo(partial);
    await rename(partial, to);
  } finally {
    database.close();
  }
  return `backed up ${databaseFile} to ${to}`;
}

/**
 * Puts a copy in place of the database, once it is found to be whole; what was there is kept beside it.
 * @returns a sentence for people.
 * @throws UserError `no-backup`, or `invalid-backup` when it is damaged or no database of this service.
 */
export async function restore(from: string, databaseFile: string): Promise<string> {
  if (!existsSync(from)) throw new UserError('no-backup', `no backup at ${from}`);
  const partial = `${databaseFile}.partial`;
  await copyFile(from, partial);
  try {
    await checkDatabaseFile(partial);
  } catch (cause) {
    await rm(partial, { force: true });
    throw new UserError('invalid-backup', `not a whole database of this service: ${from}`, { cause });
  }
  const before = `${databaseFile}.before-restore`;
  if (existsSync(databaseFile)) {
    // What is still in the write-ahead log belongs to the old database and must not meet the new one.
    const old = await openDatabaseFile(databaseFile);
    await rm(before, { force: true });
    await old.copyTo(before);
    old.close();
  }
  for (const suffix of ['-wal', '-shm']) await rm(`${databaseFile}${suffix}`, { force: true });
  await rename(partial, databaseFile);
  return `restored ${databaseFile} from ${from}${existsSync(before) ? `; what was there is in ${before}` : ''}`;
}
