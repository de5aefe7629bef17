import { existsSync, statSync } from 'node:fs';
import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UserError } from '@tidemark/shared/errors';
import { isStorageFull } from './full.ts';
import { checkDatabaseFile, copyDatabaseFile, settleDatabaseFile } from './libsql.ts';

/**
 * Writes a consistent copy of a database that may be in use, under a temporary name first.
 * @returns a sentence for people.
 * @throws UserError `no-database`, `file-exists`, `invalid-database`, `storage-full` or `unusable-file`.
 */
export async function backUp(databaseFile: string, to: string): Promise<string> {
  if (!existsSync(databaseFile))
    throw new UserError('no-database', `no database at ${databaseFile}; set TIDEMARK_DATABASE`);
  checkIsFile(databaseFile);
  if (existsSync(to)) throw new UserError('file-exists', `there is a file already: ${to}`);
  // Not made here: where a disk is not mounted, the backup would lie on another.
  if (!existsSync(dirname(to))) throw new UserError('unusable-file', `no folder at ${dirname(to)} for a backup`);
  const partial = `${to}.partial`;
  await rm(partial, { force: true });
  try {
    await copyDatabaseFile(databaseFile, partial);
    await rename(partial, to);
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === 'SQLITE_CANTOPEN' || code === 'SQLITE_READONLY') {
      throw new UserError('unusable-file', `this user may not write a backup at ${to}`, { cause: error });
    }
    if (!isStorageFull(error) && code !== 'SQLITE_IOERR') throw error;
    throw new UserError('storage-full', `no room for a backup at ${to}: its disk is full, or fails`, { cause: error });
  } finally {
    for (const suffix of ['', '-journal', '-wal', '-shm']) await rm(`${partial}${suffix}`, { force: true });
  }
  return `backed up ${databaseFile} to ${to}`;
}

/**
 * Puts a copy in place of the database, once it is found to be whole; what was there is kept beside it.
 * @returns a sentence for people.
 * @throws UserError `no-backup`, `database-in-use`, `unusable-file`, `storage-full`, or `invalid-database` when the copy is damaged, of a newer version, or
 * none of this service. What was there is then untouched.
 */
export async function restore(from: string, databaseFile: string): Promise<string> {
  if (!existsSync(from)) throw new UserError('no-backup', `no backup at ${from}`);
  const partial = `${databaseFile}.partial`;
  const before = `${databaseFile}.before-restore`;
  const replaced = existsSync(databaseFile);
  if (replaced) checkIsFile(databaseFile);
  try {
    await mkdir(dirname(databaseFile), { recursive: true });
    await copyFile(from, partial);
    if (existsSync(`${from}-wal`)) await copyFile(`${from}-wal`, `${partial}-wal`);
    await checkDatabaseFile(partial).catch((error: unknown) => {
      throw error instanceof UserError
        ? new UserError(error.code, error.message.replace(partial, from), { cause: error })
        : error;
    });
    if (replaced) {
      // What is still in the write-ahead log belongs to the old database and must not meet the new one.
      await settleDatabaseFile(databaseFile).catch((error: unknown) => {
        // A damaged database is what a restore is for.
        if (!(error instanceof UserError) || error.code !== 'invalid-database') throw error;
      });
      await copyFile(databaseFile, before);
      for (const suffix of ['-wal', '-shm']) await rm(`${databaseFile}${suffix}`, { force: true });
    }
    await rename(partial, databaseFile);
  } catch (error) {
    throw filesError(error, databaseFile);
  } finally {
    for (const suffix of ['', '-wal', '-shm']) await rm(`${partial}${suffix}`, { force: true });
  }
  return `restored ${databaseFile} from ${from}${replaced ? `; what was there is in ${before}` : ''}`;
}

/** @throws UserError `invalid-database`. */
function checkIsFile(databaseFile: string): void {
  if (!statSync(databaseFile).isFile()) throw new UserError('invalid-database', `no file: ${databaseFile}`);
}

/** What keeps files from being copied, as a sentence for people. */
function filesError(error: unknown, databaseFile: string): unknown {
  if (error instanceof UserError || !(error instanceof Error) || !('syscall' in error)) return error;
  if (isStorageFull(error)) {
    return new UserError('storage-full', `no room to restore ${databaseFile}: its disk is full`, { cause: error });
  }
  return new UserError('unusable-file', `cannot restore ${databaseFile}: ${error.message}`, { cause: error });
}
