import { causesOf } from './causes.ts';

/** Of SQLite, PostgreSQL and the operating system. */
const CODES = new Set(['SQLITE_FULL', '53100', 'ENOSPC', 'EDQUOT', 'EFBIG']);

/** Whether an error, or what caused it, says that there was no room for what was to be written. */
export function isStorageFull(error: unknown): boolean {
  return causesOf(error).some(({ code, message }) => CODES.has(code) || /database or disk is full/i.test(message));
}
