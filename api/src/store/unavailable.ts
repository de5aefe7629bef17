import { causesOf } from './causes.ts';

/** Of SQLite: the file cannot be written, read or opened, or another process holds it. */
const SQLITE = /^SQLITE_(READONLY|IOERR|CANTOPEN|BUSY|LOCKED)/;
/** Of PostgreSQL, for a statement that writes: the server is a copy, or was told to take no writes. */
const POSTGRES = '25006';

/**
 * Whether an error, or what caused it, says that the database takes nothing at present: it is read-only (a server that
 * has become a copy, a file system mounted anew), its disk fails, or another process holds it. Trying again may help.
 */
export function isUnavailable(error: unknown): boolean {
  return causesOf(error).some(({ code }) => code === POSTGRES || SQLITE.test(code));
}
