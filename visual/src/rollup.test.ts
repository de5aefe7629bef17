import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Point } from './judged.ts';
import { ROLL_UPS, rollUp, rollUpStep } from './rollup.ts';

const STEP = 7_200_000;
const DAY = 86_400_000;

const point = (time: number, actual: number | null, more: Partial<Point> = {}): Point => ({
  time,
  index: 0,
  state: actual === null ? 'missing' : 'observed',
  highlighted: true,
  actual,
  forecast: 10,
  lower: 5,
  upper: 15,
  innerLower: null,
  innerUpper: null,
  direction: null,
  severity: null,
  ...more,
});

/** Points from any bucket on, with holes. */
const series = fc
  .tuple(
    fc.integer({ min: 0, max: 5000 }),
    fc.array(fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { freq: 4 }), {
      minLength: 1,
      maxLength: 300,
    }),
  )
  .map(([first, values]) => values.map((value, k) => point((first + k) * STEP, value)));

describe('rolling up', () => {
  test('the reach of all stretches holds every actual, and its ends are actuals', () => {
    fc.assert(
      fc.property(series, fc.constantFrom(...ROLL_UPS), (points, stepMs) => {
        const { envelope } = rollUp(points, STEP, stepMs);
        const actuals = new Set(points.map(({ actual }) => actual));
        for (const { time, lowest, highest } of envelope) {
          const own = points.filter((one) => Math.abs(one.time + STEP / 2 - time) < stepMs / 2 && one.actual !== null);
          for (const { actual } of own) {
            expect(actual).toBeGreaterThanOrEqual(lowest);
            expect(actual).toBeLessThanOrEqual(highest);
          }
          expect(actuals).toContain(lowest);
          expect(actuals).toContain(highest);
        }
        expect(envelope).toHaveLength(new Set(envelope.map(({ time }) => time)).size);
      }),
    );
  });

  test('means stand for whole stretches only, in rising time, at their middle', () => {
    fc.assert(
      fc.property(series, fc.constantFrom(...ROLL_UPS), (points, stepMs) => {
        const { points: means } = rollUp(points, STEP, stepMs);
        means.forEach(({ time, actual }, k) => {
          if (k > 0) expect(time - (means[k - 1] as Point).time).toBe(stepMs);
          const own = points.flatMap((one) =>
            Math.abs(one.time + STEP / 2 - time) < stepMs / 2 && one.actual !== null ? [one.actual] : [],
          );
          if (own.length < (0.9 * stepMs) / STEP) expect(actual).toBeNull();
          else expect(actual).toBeCloseTo(own.reduce((sum, one) => sum + one, 0) / own.length, 6);
        });
      }),
    );
  });

  test('weeks begin on Monday', () => {
    const monday = Date.UTC(2026, 2, 2);
    const week = Array.from({ length: 84 }, (_, k) => point(monday + k * STEP, k));
    expect(rollUp(week, STEP, 7 * DAY).points.map(({ time }) => time)).toEqual([monday + 3.5 * DAY]);
  });

  test('what an open bucket holds so far is no part of it', () => {
    const day = Array.from({ length: 12 }, (_, k) => point(k * STEP, 10, k === 11 ? { actual: 1, state: 'open' } : {}));
    expect(rollUp(day, STEP, DAY).envelope).toEqual([{ time: DAY / 2, lowest: 10, highest: 10 }]);
  });

  test('buckets are drawn where they have a pixel, days where they have three, weeks beyond', () => {
    expect(rollUpStep(STEP, 1.01 / STEP)).toBeNull();
    expect(rollUpStep(STEP, 0.9 / STEP)).toBe(DAY);
    expect(rollUpStep(STEP, 2.9 / DAY)).toBe(7 * DAY);
    expect(rollUpStep(7 * DAY, 0.1 / DAY)).toBeNull();
  });
});
