import { bucketAt, bucketStart } from '@tidemark/shared/forecasting';

/** Where "now" comes from. */
export interface Clock {
  /** Epoch milliseconds, for time stamps. */
  wall(): number;
  /**
   * `wall`: buckets complete as time passes. `newest`: now is the end of the newest complete bucket that was given,
   * for a log that ended long ago.
   */
  readonly kind: 'wall' | 'newest';
}

export function systemClock(kind: Clock['kind']): Clock {
  return { kind, wall: () => Date.now() };
}

/**
 * The newest bucket that may be judged: its end lies at least a watermark back.
 * @param newestBucket newest bucket given as complete by any series.
 */
export function newestComplete(clock: Clock, stepMs: number, watermarkMs: number, newestBucket: number): number {
  if (clock.kind === 'newest') return newestBucket;
  return bucketAt(clock.wall() - watermarkMs, stepMs) - 1;
}

/** What the service takes for now, in epoch milliseconds. */
export function nowOf(clock: Clock, stepMs: number, newestBucket: number): number {
  return clock.kind === 'newest' ? bucketStart(newestBucket + 1, stepMs) : clock.wall();
}
