import { describe, expect, test } from 'vitest';
import { fitBase } from '../base/fit.ts';
import { createCalendar } from '../features/calendar.ts';
import { createRandom } from '../random.ts';
import { credibleValues } from './credible-values.ts';

const terms = { firstBucket: 240_000, calendar: createCalendar(7_200_000, 'UTC'), horizons: 12 };

function sales(weeks: number, share = 1): Float64Array {
  const random = createRandom(1);
  return Float64Array.from({ length: 84 * weeks }, (_, i) =>
    random.uniform() < share ? 1000 * (1.2 + Math.sin((2 * Math.PI * i) / 12)) * Math.exp(0.3 * random.normal()) : 0,
  );
}

function with1000fold(values: Float64Array, from: number): { changed: Float64Array; at: number } {
  const at = values.findIndex((value, i) => i >= from && value > 500);
  return { changed: values.map((value, i) => (i === at ? 1000 * value : value)), at };
}

describe('credibleValues', () => {
  test('values none of which is far above the mean are all believed', () => {
    const values = sales(8);
    expect(credibleValues(values, terms)).toBe(values);
  });

  test.each([
    ['busy', 1],
    ['sparse', 0.2],
    ['very sparse', 0.05],
  ])('of a %s series, one amount mistyped a thousandfold counts as a few sales and no other changes', (_, share) => {
    const values = sales(30, share);
    const { changed, at } = with1000fold(values, 1500);
    const believed = credibleValues(changed, terms);
    expect(believed[at]! / values[at]!).toBeLessThan(40);
    expect(believed.filter((_value, i) => i !== at)).toEqual(values.filter((_value, i) => i !== at));
  });

  test('a parameter fitted to them is as if the amount had not been mistyped', () => {
    const values = sales(12);
    const { changed } = with1000fold(values, 400);
    const scaleOf = (of: Float64Array) => fitBase(of, terms, 1).scale;
    expect(scaleOf(changed)).toBeGreaterThan(5 * scaleOf(values));
    expect(scaleOf(credibleValues(changed, terms))).toBeLessThan(1.1 * scaleOf(values));
  });

  test('a series that has grown a thousandfold is believed within a week', () => {
    const values = sales(6).map((value, i) => (i < 252 ? value : 1000 * value));
    const believed = credibleValues(values, terms);
    expect(believed.subarray(252 + 84)).toEqual(values.subarray(252 + 84));
  });
});
