import type { Series } from '@tidemark/shared/forecasting';
import { expect, test } from 'vitest';
import { tradesEnough, whyNotJudged } from './trades-enough.ts';

/** A series that trades in its first buckets, of each hundred. */
function series(id: string, trading: number): Series {
  const values = Float64Array.from({ length: 400 }, (_, k) => (k % 100 < trading ? 1 : 0));
  return {
    id,
    measure: 'net',
    stepMs: 86_400_000,
    firstBucket: 0,
    values,
    states: Array.from(values, (value) => (value > 0 ? ('observed' as const) : ('zero' as const))),
  };
}

test('a series is judged by 84 buckets with trade in its test part and as many before, however long a bucket is', () => {
  expect(tradesEnough(series('shop', 84), 300)).toBe(true);
  expect(tradesEnough(series('shop', 83), 300)).toBe(false);
  expect(tradesEnough(series('shop', 84), 50)).toBe(false);
});

test('why none is: the one that has most, and what would help; or all are too young', () => {
  const all = [series('kiosk', 10), series('shop', 60), series('bar', 30)];
  expect(whyNotJudged(all, () => 300)).toBe(
    'no series has 84 buckets with trade in its last fifth and as many before; most has "shop": 60 and 180. ' +
      'A longer history, or shorter buckets (stepHours), has more',
  );
  expect(whyNotJudged(all, () => 0)).toMatch(/^all series are on cold start/);
});
