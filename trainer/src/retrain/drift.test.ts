import { expect, test } from 'vitest';
import { driftOf } from './drift.ts';

const NEWEST = Date.parse('2026-03-01T00:00:00Z');

/** Eight weeks of buckets; `missesRecent` and `missesBefore` of every hundred lie outside. */
function rows(missesBefore: number, missesRecent: number, buckets = 672) {
  return Array.from({ length: buckets }, (_, k) => {
    const outside = k % 100 < (k < 336 ? missesRecent : missesBefore);
    return {
      bucket_start: new Date(NEWEST - k * 7_200_000).toISOString(),
      actual: outside ? 2 : 0,
      lower: -1,
      upper: 1,
      coverage: 0.99,
      score: outside ? 0.5 : 0,
    };
  });
}

test('a fall of coverage below what was promised is told with a remedy', () => {
  const { drifted, message } = driftOf(rows(1, 6));
  expect(drifted).toBe(true);
  expect(message).toMatch(/^coverage fell from 99\.1 % to 92\.9 % in four weeks: retrain$/);
});

test('a fall that stays within the promise or within chance is no drift', () => {
  expect(driftOf(rows(0, 1)).drifted).toBe(false);
  expect(driftOf(rows(2, 2)).message).toMatch(/no drift$/);
});

test('too few judged buckets, or none, say nothing', () => {
  expect(driftOf([]).message).toMatch(/too few/);
  expect(driftOf(rows(0, 50, 100)).drifted).toBe(false);
});

test('buckets that were not judged do not count', () => {
  const unjudged = rows(0, 50).map((row) => ({ ...row, score: null }));
  expect(driftOf(unjudged).recent).toBeNull();
});
