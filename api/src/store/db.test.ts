import { expect, test } from 'vitest';
import { jsonParts } from './db.ts';

test('rows that fill several texts have a number of their own in each: no engine may take two for one', () => {
  const rows = Array.from({ length: 2_000 }, (_, index) => [index, 'x'.repeat(index < 700 ? 900 : 300)]);
  const parts = jsonParts(rows);
  expect(parts.length).toBeGreaterThan(2);
  expect(parts.every((part) => part.length <= 330_002)).toBe(true);
  // As PostgreSQL does, an object keeps the last of two values under one key.
  expect(parts.flatMap((part) => Object.values(JSON.parse(part)))).toEqual(rows);
});
