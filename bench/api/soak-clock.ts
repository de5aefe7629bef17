import { readFileSync } from 'node:fs';
import { FIRST, STEP_MS, WEEK } from '@tidemark/api/testing/service';
import { bucketStart } from '@tidemark/shared/forecasting';

/** A bucket ends every two seconds: half an hour is ten weeks of cycles. */
export const TICK_MS = 2_000;
/** Buckets of history before the first that ends. */
export const BEFORE = 13 * WEEK;
/** Past the end of a bucket, when it counts as complete. */
const WATERMARK_MS = 6 * 60_000;

/**
 * A clock for which a bucket takes two seconds, until so many have ended.
 * @param began in real epoch milliseconds; infinite until it begins.
 */
export function soakClock(began: () => number, ticks: number) {
  const tick = () => Math.max(0, Math.min(ticks, Math.floor((Date.now() - began()) / TICK_MS)));
  return {
    kind: 'wall' as const,
    /** Buckets that have ended since it began. */
    tick,
    wall: () => bucketStart(FIRST + BEFORE + tick(), STEP_MS) + WATERMARK_MS,
  };
}

/** When the clock of all replicas began, as soon as a file says so. */
export function beganIn(file: string): () => number {
  let began = Number.POSITIVE_INFINITY;
  return () => {
    if (began < Number.POSITIVE_INFINITY) return began;
    try {
      began = Number(readFileSync(file, 'utf8'));
    } catch {
      // It has not begun.
    }
    return began;
  };
}
