import { expect, test } from 'vitest';
import { HOUR_MS } from '../../forecasting/time/duration.ts';
import { zoneClock } from '../../forecasting/time/zone.ts';
import { advanceBook, startBook } from '../incident-book.ts';
import { createWatch } from '../watch.ts';

const PER_WEEK = 84;
const FIRST = 240_000;

/** When incidents of a client of 3,000 attempts a bucket were raised, of which shares came from a bucket on. */
function raisedBy(shares: readonly number[]): number[] {
  const clock = zoneClock('America/Lima');
  const watch = createWatch({ stepMs: 2 * HOUR_MS, clock, dimensions: [], falsePerSeriesWeek: 0.36 });
  const state = watch.start();
  const book = startBook();
  const raised = new Set<number>();
  const from = FIRST + 8 * PER_WEEK + 4;
  for (let bucket = FIRST; bucket < from + shares.length + 4; bucket++) {
    const usual = 3_000 * (1 + 0.6 * Math.sin((2 * Math.PI * bucket) / 12)) * (1 + 0.01 * (((bucket * 7) % 11) - 5));
    const attempts = Math.round(usual * (shares[bucket - from] ?? 1));
    const logSum = 3.4 * attempts;
    const counts = { attempts, approved: attempts, sales: attempts, logSum, logSquares: 3.4 * logSum };
    watch.observe(state, { bucket, counts });
    const { incidents } = advanceBook(book, bucket, [watch.report(state, 'shop', bucket, false)]);
    for (const incident of incidents) if (incident.side === 'low') raised.add(incident.raised - from);
  }
  return [...raised];
}

test('a fall of attempts is one incident, however partial its first bucket', () => {
  for (const first of [0.5, 0.6, 0.7]) {
    expect(raisedBy([first, 0.35, 0.35, 0.34, 0.35, 0.36, 0.34, 0.35])).toEqual([0]);
  }
});

test('a fall on top of a milder one that has lasted is an incident of its own', () => {
  expect(raisedBy([0.7, 0.7, 0.7, 0.7, 0.2, 0.2, 0.2])).toEqual([0, 4]);
});
