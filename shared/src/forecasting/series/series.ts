import type { BucketState, Measure } from '../../vocabulary.ts';

/** One measure over hole-free buckets: index `i` is bucket `firstBucket + i`. */
export interface Series {
  /** Client or group name; unique within a history. */
  readonly id: string;
  readonly measure: Measure;
  readonly stepMs: number;
  /** Number of the first bucket since the epoch (see `bucketAt`). */
  readonly firstBucket: number;
  /** Volume per bucket in the history's currency; `NaN` exactly where the state is `missing`. */
  readonly values: Float64Array;
  /** Same length as `values`. */
  readonly states: readonly BucketState[];
}

/**
 * The volume at an index as a forecaster takes it in: `null` where the bucket is missing.
 * @example
 * forecaster.observe(state, series.firstBucket + index, knownValue(series, index));
 */
export function knownValue({ values }: Series, index: number): number | null {
  const value = values[index]!;
  return Number.isNaN(value) ? null : value;
}
