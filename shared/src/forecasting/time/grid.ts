import { UserError } from '../../errors.ts';
import { DAY_MS, HOUR_MS } from './duration.ts';

/**
 * The time grid of a set of series: buckets are half-open UTC intervals `[n·step, (n + 1)·step)` counted from the epoch.
 * Whatever is meant as a duration is kept as one and turned into a count here, so that it holds for any step.
 */
export interface Grid {
  /** Length of a bucket, in ms. */
  readonly stepMs: number;
  /** Buckets in a day: the season of the daily rhythm. */
  readonly perDay: number;
  /** Buckets in a week: the season of the weekly rhythm. */
  readonly perWeek: number;
  /** Number of buckets closest to a duration in ms, at least one. */
  buckets(durationMs: number): number;
}

/**
 * The grid of a step.
 * @param stepMs length of a bucket in ms; divides a day.
 * @throws UserError `invalid-step` unless the step divides a day.
 * @example
 * const grid = createGrid(2 * HOUR_MS);
 * grid.perDay; // 12
 * grid.buckets(8 * HOUR_MS); // 4
 */
export function createGrid(stepMs: number): Grid {
  const perDay = DAY_MS / stepMs;
  if (!Number.isInteger(perDay) || perDay < 1) {
    throw new UserError(
      'invalid-step',
      `invalid bucket step: ${stepMs} ms; accepted is a length that divides a day, such as ${HOUR_MS} (an hour)`,
    );
  }
  return {
    stepMs,
    perDay,
    perWeek: 7 * perDay,
    buckets: (durationMs) => Math.max(1, Math.round(durationMs / stepMs)),
  };
}
