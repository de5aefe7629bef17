import fc from 'fast-check';
import { expect, test } from 'vitest';
import { feedGaps } from './gaps.ts';
import { qualityOf } from './quality.ts';
import { layOutBuckets } from './resample.ts';

const STEP = 7_200_000;
const WEEK = 84;

const sparse = fc.array(
  fc.record({
    bucket: fc.integer({ min: 90, max: 160 }),
    value: fc.integer({ min: -1_000_000, max: 1_000_000 }).map((cents) => cents / 4),
    transactions: fc.integer({ min: 1, max: 50 }),
  }),
);

test('filling holes conserves the sum of what lies in the range', () => {
  fc.assert(
    fc.property(sparse, fc.integer({ min: 80, max: 150 }), fc.integer({ min: 0, max: 60 }), (rows, first, length) => {
      const range = { first, end: first + length };
      const dense = layOutBuckets(rows, range, [{ first: 100, end: 110 }], 155);
      const inside = rows.filter((row) => row.bucket >= range.first && row.bucket < range.end);
      const sum = (numbers: Iterable<number>) => [...numbers].reduce((a, b) => a + b, 0);
      expect(sum(dense.values.filter((value) => !Number.isNaN(value)))).toBe(sum(inside.map((row) => row.value)));
      expect(sum(dense.transactions)).toBe(sum(inside.map((row) => row.transactions)));
    }),
  );
});

test('every bucket is in exactly one state: open late, missing in gaps, observed with transactions, else zero', () => {
  fc.assert(
    fc.property(sparse, (rows) => {
      const gap = { first: 100, end: 110 };
      const { states, values } = layOutBuckets(rows, { first: 90, end: 161 }, [gap], 155);
      const busy = new Set(rows.map((row) => row.bucket));
      states.forEach((state, index) => {
        const bucket = 90 + index;
        const expected =
          bucket >= 155
            ? 'open'
            : busy.has(bucket)
              ? 'observed'
              : bucket >= gap.first && bucket < gap.end
                ? 'missing'
                : 'zero';
        expect(state).toBe(expected);
        expect(Number.isNaN(values[index])).toBe(state === 'missing');
      });
    }),
  );
});

const openByDay = (weeks: number) =>
  Float64Array.from({ length: weeks * WEEK }, (_, index) => (index % 12 >= 4 && index % 12 < 9 ? 7 : 0));

test('nights are not gaps of the feed; a busy day and a half of silence is', () => {
  const feed = openByDay(20);
  expect(feedGaps(feed, 0, STEP)).toEqual([]);
  feed.fill(0, 500, 518);
  const [gap] = feedGaps(feed, 0, STEP);
  expect(gap?.first).toBeLessThanOrEqual(500);
  expect(gap?.end).toBeGreaterThanOrEqual(518);
});

test('an outage of half a day is silence, not a gap: it has to raise an alarm', () => {
  const feed = new Float64Array(20 * WEEK).fill(9);
  feed.fill(0, 700, 706);
  expect(feedGaps(feed, 0, STEP)).toEqual([]);
});

test('a single outlier, a gap, a negative net and a zero run are each counted once', () => {
  const values = Float64Array.from({ length: 10 * WEEK }, (_, index) => 100 + ((index * 7) % 13));
  const states = Array.from(values, () => 'observed' as 'observed' | 'missing' | 'zero' | 'open');
  values[300] = 50_000;
  values[301] = -20;
  values.fill(Number.NaN, 400, 415);
  states.fill('missing', 400, 415);
  values.fill(0, 500, 503);
  states.fill('zero', 500, 503);
  states[states.length - 1] = 'open';
  const series = { id: 'x', measure: 'net' as const, stepMs: STEP, firstBucket: 1000, values, states };
  expect(qualityOf(series, new Float64Array(values.length).fill(2))).toMatchObject({
    outliers: 2, // the spike and the negative net
    negative: 1,
    longestGap: 15,
    longestZeroRun: 3,
    buckets: { observed: 840 - 15 - 3 - 1, zero: 3, missing: 15, open: 1 },
  });
});
