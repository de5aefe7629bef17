import { expect, test } from 'vitest';
import { createRandom } from '../../forecasting/random.ts';
import { HOUR_MS } from '../../forecasting/time/duration.ts';
import { zoneClock } from '../../forecasting/time/zone.ts';
import type { BucketObservation } from '../observation.ts';
import { createWatch } from '../watch.ts';

/** A bucket in which so many came, all approved, of 30 each. */
function sold(bucket: number, attempts: number): BucketObservation {
  const logSum = 3.4 * attempts;
  return { bucket, counts: { attempts, approved: attempts, sales: attempts, logSum, logSquares: 3.4 * logSum } };
}

test.each([0.5, 1, 2, 3, 4, 6, 8, 12, 24])(
  'an outage is noticed as soon as it was promised on a grid of %s hours, also before a window lies in it',
  (hours) => {
    const watch = createWatch({
      stepMs: hours * HOUR_MS,
      clock: zoneClock('Europe/Madrid'),
      dimensions: [],
      falsePerSeriesWeek: 0.25,
    });
    const perWeek = 168 / hours;
    const mean = 300 * hours;
    const calm = 8 * perWeek;
    const first = (Date.UTC(2025, 0, 6) / HOUR_MS / hours) | 0;
    const ratios = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((seed) => {
      const random = createRandom(seed);
      const state = watch.start();
      const until = first + calm + 3 * seed;
      for (let bucket = first; bucket < until; bucket++) {
        watch.observe(state, sold(bucket, Math.max(0, Math.round(mean + Math.sqrt(mean) * random.normal()))));
      }
      const promised = watch.outageNoticedAfter(state, until) ?? Number.NaN;
      let silent = 0;
      while (!watch.evidence(state).some(({ side }) => side === 'low')) watch.observe(state, sold(until + silent++, 0));
      return (hours * silent) / promised;
    });
    const median = ratios.sort((one, other) => one - other)[4]!;
    expect(median).toBeGreaterThanOrEqual(0.75);
    expect(median).toBeLessThanOrEqual(1.25);
  },
);
