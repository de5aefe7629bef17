import { expect, test } from 'vitest';
import type { Evidence } from './detectors/detector.ts';
import { advanceBook, startBook } from './incident-book.ts';
import type { SeriesReport } from './report.ts';

/** What stands against a client at bucket 100 or after it, from `start` on. */
const attemptsFrom = (start: number, bucket: number, worse = false): Evidence => ({
  detector: 'attempts',
  side: 'low',
  cause: 'attempts',
  causeValue: null,
  strength: 9,
  threshold: 7,
  start,
  buckets: bucket - start + 1,
  observed: 50,
  expected: 80,
  attempts: 30,
  sales: 0,
  worse,
});

const reportOf = (evidence: Evidence): SeriesReport => ({
  series: 'shop',
  group: false,
  evidence: [evidence],
  fresh: { count: 0, mean: 40, dispersion: 0.03, attempts: 9, approval: 0, approved: 0, usuallyApproved: 0 },
  parts: [],
  perAttempt: 20,
  perSale: 22,
  weeklyMoney: 70_000,
});

/** Ids of the incidents that are open after a trouble that began with `start` was raised at 100 and got far worse at `at`. */
function openAfter(start: number, at: number): string[] {
  const book = startBook();
  for (let bucket = 100; bucket < at; bucket++) advanceBook(book, bucket, [reportOf(attemptsFrom(start, bucket))]);
  advanceBook(book, at, [reportOf(attemptsFrom(at, at, true))]);
  return book.open.map(({ id }) => id);
}

test('what gets far worse is another incident, at once where what stood was long and mild', () => {
  expect(openAfter(77, 101)).toEqual(['shop/low/101']);
  expect(openAfter(100, 102)).toEqual(['shop/low/102']);
});

test('the bucket in which a trouble begins is seldom wholly in it: the next one, far worse, is the same incident', () => {
  expect(openAfter(100, 101)).toEqual(['shop/low/100']);
});
