import { DAY_MS, type ZoneClock } from '@tidemark/shared/forecasting';
import type { Measure } from '@tidemark/shared/vocabulary';
import type { Random } from './random.ts';
import { meanTransactions, type Rhythm } from './rhythm.ts';

const YEAR_MS = 365.25 * DAY_MS;

/** A stretch of buckets to simulate, and the clock that a shop there lives by. */
export interface Stretch {
  readonly clock: ZoneClock;
  readonly firstBucket: number;
  readonly buckets: number;
  readonly stepMs: number;
}

/** Transactions per bucket; index `i` is bucket `firstBucket + i`. */
export interface SimulatedCounts {
  readonly sales: Int32Array;
  readonly refunds: Int32Array;
  readonly declined: Int32Array;
}

/**
 * Counts of one client: Poisson around its rhythm times a slow wander.
 * `factorAt` changes the mean of single buckets: 0 is an outage, 3 a spike.
 */
export function simulateCounts(
  rhythm: Rhythm,
  stretch: Stretch,
  random: Random,
  factorAt: (index: number) => number = () => 1,
): SimulatedCounts {
  const { clock, firstBucket, buckets, stepMs } = stretch;
  const counts = {
    sales: new Int32Array(buckets),
    refunds: new Int32Array(buckets),
    declined: new Int32Array(buckets),
  };
  const memory = rhythm.wander.dailyMemory ** (stepMs / DAY_MS);
  const nudge = rhythm.wander.spread * Math.sqrt(1 - memory * memory);
  let wander = rhythm.wander.spread * random.normal();
  for (let index = 0; index < buckets; index++) {
    const yearsIn = (index * stepMs) / YEAR_MS;
    const middle = clock.local((firstBucket + index + 0.5) * stepMs);
    const now =
      meanTransactions(rhythm, middle, stepMs, yearsIn) *
      Math.exp(wander - rhythm.wander.spread ** 2 / 2) *
      factorAt(index);
    counts.sales[index] = random.poisson(now);
    counts.refunds[index] = random.poisson(now * rhythm.refunds);
    counts.declined[index] = random.poisson(now * rhythm.declined);
    wander = memory * wander + nudge * random.normal();
  }
  return counts;
}

/**
 * Volume per bucket of one client, without the single transactions: count × mean amount, with the spread that the sum
 * of log-normal amounts has. For series to learn from; `simulate` writes transactions instead.
 */
export function simulateVolume(
  rhythm: Rhythm,
  stretch: Stretch,
  random: Random,
  { measure = 'net', factorAt }: { measure?: Measure; factorAt?: (index: number) => number } = {},
): Float64Array {
  const counts = simulateCounts(rhythm, stretch, random, factorAt);
  const relativeSpread = Math.sqrt(Math.exp(rhythm.ticket.spread ** 2) - 1);
  const volume = (count: number) => {
    if (count === 0) return 0;
    // A log-normal of the sum's own mean and variance (Fenton 1960).
    const variance = Math.log(1 + (relativeSpread * relativeSpread) / count);
    return count * rhythm.ticket.mean * Math.exp(Math.sqrt(variance) * random.normal() - variance / 2);
  };
  return Float64Array.from(counts.sales, (sales, index) => {
    const gross = measure === 'refunds' ? 0 : volume(sales);
    const refunds = measure === 'gross' ? 0 : volume(counts.refunds[index]!);
    return Math.round(100 * (measure === 'refunds' ? refunds : gross - refunds)) / 100;
  });
}
