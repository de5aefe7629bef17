import type { StoredSeries } from '../store/rows.ts';

/** A series that has buckets to score. */
export interface PlannedSeries {
  readonly stored: StoredSeries;
  /** First origin that is still to issue. */
  readonly firstOrigin: number;
  /** Newest complete bucket of the series. */
  readonly target: number;
  /** Buckets to go, at least 0 (only corrections wait). */
  readonly steps: number;
}

/**
 * Which series have something to score, and how far each may go. A series goes no further than its own newest
 * actual: what the feed has not delivered yet is not taken for missing.
 * @param complete newest bucket that may be judged at all.
 * @param backfill buckets to score before the newest when a series is new and was given no first origin.
 */
export function planCycle(
  all: readonly StoredSeries[],
  corrected: ReadonlySet<number>,
  complete: number,
  backfill: number,
): PlannedSeries[] {
  const planned: PlannedSeries[] = [];
  for (const stored of all) {
    const target = Math.min(stored.newestBucket, complete);
    const begin = Math.max(stored.firstBucket, stored.scoreFrom ?? target - backfill);
    const firstOrigin = stored.origin === null ? Math.min(target, begin) : stored.origin + 1;
    const steps = Math.max(0, target - firstOrigin + 1);
    if (target < stored.firstBucket) continue;
    if (steps > 0 || corrected.has(stored.key)) planned.push({ stored, firstOrigin, target, steps });
  }
  return planned;
}

/** Limits of one chunk: how many series, and how many buckets in all. */
export interface ChunkLimits {
  readonly series: number;
  readonly steps: number;
}

/** Splits what is planned so that each chunk is a bounded piece of work and one transaction. */
export function chunksOf(planned: readonly PlannedSeries[], limits: ChunkLimits): PlannedSeries[][] {
  const chunks: PlannedSeries[][] = [];
  let chunk: PlannedSeries[] = [];
  let steps = 0;
  for (const one of planned) {
    if (chunk.length > 0 && (chunk.length >= limits.series || steps + one.steps > limits.steps)) {
      chunks.push(chunk);
      chunk = [];
      steps = 0;
    }
    chunk.push(one);
    steps += one.steps;
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
}
