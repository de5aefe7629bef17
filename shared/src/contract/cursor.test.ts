import { expect, test } from 'vitest';
import { formatCursor, parseCursor } from './cursor.ts';

test('a cursor names the last row of a page and reads back the same', () => {
  const last = { series: 'Café | Perú', bucket_start: '2026-03-01T14:00:00Z' };
  expect(formatCursor(last)).toBe('2026-03-01T14:00:00Z|Café | Perú');
  expect(parseCursor(formatCursor(last))).toEqual(last);
});

test.each([
  '',
  'x',
  '2026-03-01T14:00:00Z',
  '2026-03-01T14:00:00Z|',
  '2026-13-01T14:00:00Z|a',
  'a|2026-03-01T14:00:00Z',
])('the cursor "%s" is refused with what is accepted', (text) => {
  expect(() => parseCursor(text)).toThrow(/invalid cursor; not <bucket_start>\|<series>/);
});
