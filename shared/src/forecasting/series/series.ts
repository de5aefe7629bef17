/**
 * What is known of one bucket.
 * - `observed`: at least one transaction was seen;
 * - `zero`: the feed was running and nothing happened;
 * - `missing`: the feed was down, so nothing is known;
 * - `open`: the bucket is not complete yet and is never judged.
 */
export type BucketState = 'observed' | 'zero' | 'missing' | 'open';

/** Which sum a series carries; `net` = gross − refunds and may be negative. */
export type Measure = 'net' | 'gross' | 'refunds';

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
