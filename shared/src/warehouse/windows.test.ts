import fc from 'fast-check';
import { expect, test } from 'vitest';
import { monthWindows } from './windows.ts';

const at = (text: string) => Date.parse(text);
const instant = fc.integer({ min: at('1999-12-31T00:00:00Z'), max: at('2032-03-01T00:00:00Z') });

test('windows tile the range exactly, each within one month', () => {
  fc.assert(
    fc.property(instant, fc.integer({ min: 1, max: 5 * 366 * 86_400_000 }), (from, length) => {
      const windows = monthWindows(from, from + length);
      expect(windows[0]?.fromMs).toBe(from);
      expect(windows.at(-1)?.toMs).toBe(from + length);
      windows.forEach((window, index) => {
        expect(window.fromMs).toBeLessThan(window.toMs);
        if (index > 0) expect(window.fromMs).toBe(windows[index - 1]?.toMs);
        for (const edge of [window.fromMs, window.toMs - 1]) {
          expect(new Date(edge).toISOString().slice(0, 7)).toBe(window.month);
        }
      });
      expect(new Set(windows.map((window) => window.month)).size).toBe(windows.length);
    }),
  );
});

test('the last window is there: January to April has three whole months and no lost March', () => {
  const months = monthWindows(at('2024-01-01T00:00:00Z'), at('2024-04-01T00:00:00Z')).map((window) => window.month);
  expect(months).toEqual(['2024-01', '2024-02', '2024-03']);
});

test('mid-month edges, a partial last month and a leap February', () => {
  const windows = monthWindows(at('2024-01-17T06:00:00Z'), at('2024-03-02T02:00:00Z'));
  expect(windows.map(({ fromMs, toMs }) => [new Date(fromMs).toISOString(), (toMs - fromMs) / 3_600_000])).toEqual([
    ['2024-01-17T06:00:00.000Z', 14 * 24 + 18],
    ['2024-02-01T00:00:00.000Z', 29 * 24],
    ['2024-03-01T00:00:00.000Z', 26],
  ]);
});

test('an empty range has no window, and a reversed one is refused', () => {
  expect(monthWindows(5, 5)).toEqual([]);
  expect(() => monthWindows(6, 5)).toThrow(/invalid range/);
});
