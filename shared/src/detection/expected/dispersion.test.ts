import { describe, expect, it } from 'vitest';
import { createRandom } from '../../forecasting/random.ts';
import { bucketDispersion, learnHourDispersion, startDispersion } from './dispersion.ts';

const PER_WEEK = 84;

/** A normal count of that mean and relative variance beyond Poisson. */
function countOf(random: ReturnType<typeof createRandom>, mean: number, dispersion: number): number {
  return Math.max(0, mean + Math.sqrt(mean + dispersion * mean * mean) * random.normal());
}

describe('dispersion of buckets by hour of the day', () => {
  it('forgets within half a year what an hour showed in whose middle no bucket lies since the clocks changed', () => {
    const random = createRandom(1);
    const state = startDispersion();
    const week = (parity: number, dispersion: number) => {
      for (let k = 0; k < PER_WEEK; k++) {
        const one = { count: countOf(random, 400, dispersion), mean: 400, doubt: 0 };
        learnHourDispersion(state, (2 * k + parity) % 24, one, PER_WEEK);
      }
    };
    for (let k = 0; k < 22; k++) week(1, 0.08);
    for (let k = 0; k < 30; k++) week(0, 0.02);
    const spread = { bucket: 0.02, day: 0, week: 0 };
    for (const hour of [1, 9, 23]) expect(bucketDispersion(state, hour, spread)).toBeLessThan(0.04);
  });

  it('leaves out what was not known of the mean', () => {
    const random = createRandom(2);
    const [sure, unsure] = [startDispersion(), startDispersion()];
    for (let k = 0; k < 40 * PER_WEEK; k++) {
      const wrong = 400 * (1 + 0.15 * random.normal());
      learnHourDispersion(sure, k % 24, { count: countOf(random, 400, 0.02), mean: 400, doubt: 0 }, PER_WEEK);
      learnHourDispersion(
        unsure,
        k % 24,
        { count: countOf(random, wrong, 0.02), mean: 400, doubt: 0.15 ** 2 },
        PER_WEEK,
      );
    }
    const spread = { bucket: 0.02, day: 0, week: 0 };
    const of = (state: typeof sure) =>
      Array.from({ length: 24 }, (_, hour) => bucketDispersion(state, hour, spread)).reduce((a, b) => a + b, 0) / 24;
    expect(Math.abs(of(unsure) / of(sure) - 1)).toBeLessThan(0.25);
  });
});
