import { expect, test } from 'vitest';
import { HOUR_MS } from '../../forecasting/time/duration.ts';
import { zoneClock } from '../../forecasting/time/zone.ts';
import { advanceBook, startBook } from '../incident-book.ts';
import { createWatch } from '../watch.ts';

const PER_WEEK = 84;
const FIRST = 240_000;

/** First buckets of the incidents of a client of 600 attempts a bucket whose shares approved are given from a bucket on. */
function raisedBy(shares: readonly number[]): number[] {
  const watch = createWatch({
    stepMs: 2 * HOUR_MS,
    clock: zoneClock('America/Lima'),
    dimensions: [],
    falsePerSeriesWeek: 0.36,
  });
  const state = watch.start();
  const book = startBook();
  const raised = new Set<number>();
  const from = FIRST + 7 * PER_WEEK;
  for (let bucket = FIRST; bucket < from + shares.length + 6; bucket++) {
    const attempts = 600 + ((bucket * 7) % 11);
    const approved = Math.round(attempts * (shares[bucket - from] ?? 0.92 + 0.002 * ((bucket % 5) - 2)));
    const logSum = 3.4 * approved;
    const counts = { attempts, approved, sales: approved, logSum, logSquares: 3.4 * logSum };
    watch.observe(state, { bucket, counts });
    const { incidents } = advanceBook(book, bucket, [watch.report(state, 'shop', bucket, false)]);
    for (const incident of incidents) if (incident.side === 'low') raised.add(incident.raised - from);
  }
  return [...raised];
}

test('a fall of approvals is one incident, however partial its first bucket', () => {
  for (const first of [0.5, 0.64, 0.8]) {
    expect(raisedBy([first, 0.36, 0.36, 0.35, 0.37, 0.36, 0.35, 0.36, 0.34])).toEqual([0]);
  }
});

test('a fall on top of a milder one that has lasted is an incident of its own', () => {
  expect(raisedBy([0.75, 0.75, 0.75, 0.75, 0.3, 0.3, 0.3])).toEqual([0, 4]);
});
