import { bucketStart } from '@tidemark/shared/forecasting';
import { newestComplete } from '../clock.ts';
import type { StoredCycle } from '../store/cycles.ts';

/** A cycle that began later than this from now is of a clock that was ahead. */
const CLOCK_TOLERANCE_MS = 60_000;

/**
 * When the newest cycle was due, in epoch milliseconds: a bucket had become complete, its end and the watermark passed.
 * @param watermarkMs how long after its end a bucket counts as complete.
 * @example
 * cycleDueAt(Date.UTC(2026, 2, 1, 14, 7), 2 * HOUR_MS, 5 * 60_000); // 14:05 of that day
 */
export function cycleDueAt(now: number, stepMs: number, watermarkMs: number): number {
  const complete = newestComplete({ kind: 'wall', wall: () => now }, stepMs, watermarkMs, 0);
  return bucketStart(complete + 1, stepMs) + watermarkMs;
}

/**
 * Whether a cycle has to be run: none has begun since one was due, whether because it is the time, a minute was missed or
 * no process was there; or, asked for the first time after a start, the last one was begun before it and never ended.
 * @param since when the service began: before its first cycle ever, what was due earlier is no matter.
 */
export function isCycleDue(
  last: Pick<StoredCycle, 'startedAt' | 'finishedAt'> | null,
  terms: {
    readonly now: number;
    readonly stepMs: number;
    readonly watermarkMs: number;
    readonly since: number;
    readonly isFirst: boolean;
  },
): boolean {
  const due = cycleDueAt(terms.now, terms.stepMs, terms.watermarkMs);
  if (last === null) return due >= terms.since;
  if (last.startedAt < due || last.startedAt > terms.now + CLOCK_TOLERANCE_MS) return true;
  return terms.isFirst && last.finishedAt === null && last.startedAt < terms.since;
}
