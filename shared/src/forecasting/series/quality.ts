import type { BucketState } from '../../vocabulary.ts';
import { createGrid } from '../time/grid.ts';
import type { Series } from './series.ts';

/** What a person should know about a series before trusting a model of it. */
export interface SeriesQuality {
  readonly id: string;
  /** Epoch ms of the first bucket and of the end of the last complete one. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Buckets per state. */
  readonly buckets: Readonly<Record<BucketState, number>>;
  readonly transactions: number;
  readonly longestZeroRun: number;
  readonly longestGap: number;
  readonly negative: number;
  /** Observed buckets further than `OUTLIER_SPREADS` robust spreads from the median of their weekly slot. */
  readonly outliers: number;
  /** Complete buckets with a transaction, as a share of all known ones. */
  readonly activeShare: number;
}

const OUTLIER_SPREADS = 8;

/**
 * What is known of a series' quality: counts of gaps, zeros, negatives and outliers.
 * @example
 * qualityOf(series, transactions).longestGap; // in buckets
 */
export function qualityOf(series: Series, transactions: ArrayLike<number>): SeriesQuality {
  const { states, values, stepMs, firstBucket } = series;
  const buckets = { observed: 0, zero: 0, missing: 0, open: 0 };
  let negative = 0;
  let total = 0;
  let complete = 0;
  states.forEach((state, index) => {
    buckets[state]++;
    total += transactions[index]!;
    if (state !== 'open') complete = index + 1;
    if (state === 'observed' && values[index]! < 0) negative++;
  });
  const known = buckets.observed + buckets.zero;
  const activeShare = known === 0 ? 0 : buckets.observed / known;
  return {
    id: series.id,
    fromMs: firstBucket * stepMs,
    toMs: (firstBucket + complete) * stepMs,
    buckets,
    transactions: total,
    longestZeroRun: longestRun(states, 'zero'),
    longestGap: longestRun(states, 'missing'),
    negative,
    outliers: countOutliers(series),
    activeShare,
  };
}

function longestRun(states: readonly BucketState[], wanted: BucketState): number {
  let longest = 0;
  let run = 0;
  for (const state of states) {
    run = state === wanted ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}

/** Median and median absolute deviation, as in Hampel's identifier. */
function countOutliers({ values, states, firstBucket, stepMs }: Series): number {
  const week = createGrid(stepMs).perWeek;
  const slots = Array.from({ length: week }, (): number[] => []);
  states.forEach((state, index) => {
    if (state === 'observed') slots[(firstBucket + index) % week]?.push(values[index]!);
  });
  let outliers = 0;
  for (const slot of slots) {
    const middle = median(slot);
    const spread = 1.4826 * median(slot.map((value) => Math.abs(value - middle)));
    if (spread > 0) outliers += slot.filter((value) => Math.abs(value - middle) > OUTLIER_SPREADS * spread).length;
  }
  return outliers;
}

function median(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
