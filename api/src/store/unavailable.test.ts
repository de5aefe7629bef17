import { expect, test } from 'vitest';
import { isUnavailable } from './unavailable.ts';

const withCode = (code: string) => Object.assign(new Error('said by the driver'), { code });

test.each([
  '25006',
  'SQLITE_READONLY',
  'SQLITE_READONLY_DBMOVED',
  'SQLITE_IOERR_WRITE',
  'SQLITE_CANTOPEN',
  'SQLITE_BUSY',
])('%s says that the database takes nothing at present, also as a cause', (code) => {
  expect(isUnavailable(withCode(code))).toBe(true);
  expect(isUnavailable(new Error('a statement failed', { cause: withCode(code) }))).toBe(true);
});

test.each(['23505', 'SQLITE_CONSTRAINT', 'SQLITE_CORRUPT', 'ECONNRESET', ''])('%j does not', (code) => {
  expect(isUnavailable(withCode(code))).toBe(false);
});
