import { HOUR_MS } from './duration.ts';

/** The bucket length unless configured otherwise: two hours. */
export const DEFAULT_STEP_MS = 2 * HOUR_MS;

/**
 * Number of the bucket that holds an instant: `floor(epochMs / stepMs)`.
 * @example
 * bucketAt(Date.UTC(1970, 0, 1, 5), 2 * HOUR_MS); // 2
 */
export function bucketAt(epochMs: number, stepMs: number): number {
  return Math.floor(epochMs / stepMs);
}

/**
 * First instant of a bucket, in epoch milliseconds.
 * @example
 * bucketStart(2, 2 * HOUR_MS); // 14_400_000
 */
export function bucketStart(bucket: number, stepMs: number): number {
  return bucket * stepMs;
}
