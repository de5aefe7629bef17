import { UserError } from '../../errors.ts';

/** Milliseconds in one hour. */
export const HOUR_MS = 3_600_000;

/** The bucket length unless configured otherwise: two hours. */
export const DEFAULT_STEP_MS = 2 * HOUR_MS;

/**
 * Number of the bucket that holds an instant: `floor(epochMs / stepMs)`.
 * Buckets are half-open UTC intervals `[start, start + step)` counted from the epoch.
 */
export function bucketAt(epochMs: number, stepMs: number = DEFAULT_STEP_MS): number {
  return Math.floor(epochMs / stepMs);
}

/** First instant of a bucket, in epoch milliseconds. */
export function bucketStart(bucket: number, stepMs: number = DEFAULT_STEP_MS): number {
  return bucket * stepMs;
}

/**
 * Buckets in one week (84 for two-hour buckets): the season of the weekly rhythm.
 * @throws UserError `invalid-step` unless the step divides a day.
 */
export function bucketsPerWeek(stepMs: number): number {
  return 7 * bucketsPerDay(stepMs);
}

/**
 * Buckets in one day (12 for two-hour buckets).
 * @throws UserError `invalid-step` unless the step divides a day.
 */
export function bucketsPerDay(stepMs: number): number {
  const perDay = (24 * HOUR_MS) / stepMs;
  if (!Number.isInteger(perDay) || perDay < 1) {
    throw new UserError('invalid-step', `invalid bucket step; it does not divide a day: ${stepMs} ms`);
  }
  return perDay;
}
