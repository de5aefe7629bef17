import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, WEEK_MS } from './duration.ts';
import { createGrid } from './grid.ts';

const STEPS = [0.5, 1, 2, 3, 4, 6, 8, 12, 24].map((hours) => hours * HOUR_MS);

test.each(STEPS)(
  'with a step of %i ms days and weeks are whole, and a duration of whole buckets comes out exactly',
  (step) => {
    const grid = createGrid(step);
    expect(grid.perDay * step).toBe(DAY_MS);
    expect(grid.perWeek * step).toBe(WEEK_MS);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), (count) => {
        expect(grid.buckets(count * step)).toBe(count);
      }),
    );
  },
);

test('a duration shorter than a bucket is one bucket', () => {
  expect(createGrid(DAY_MS).buckets(8 * HOUR_MS)).toBe(1);
});

test.each([0, -HOUR_MS, 5 * HOUR_MS, 2 * DAY_MS, Number.NaN])('a step of %d ms is refused with its value', (step) => {
  expect(() => createGrid(step)).toThrow(`invalid bucket step: ${step} ms`);
});
