import type { BandRow } from '@tidemark/shared/contract';
import { DAY_MS } from '@tidemark/shared/forecasting';
import { shortPercent } from '../numbers.ts';

/** Days of one side of the comparison. */
const SPAN_DAYS = 28;
/** A fall of less than this is within what chance does to a rare event. */
const FALL = 0.02;
/** Fewer judged buckets on a side say nothing. */
const ENOUGH = 200;

/** How the coverage that was seen in service moved. */
export interface Drift {
  /** Empirical coverage of the last four weeks and of the four before; `null` with too few judged buckets. */
  readonly recent: number | null;
  readonly before: number | null;
  readonly drifted: boolean;
  /** One sentence for a person. */
  readonly message: string;
}

type Judged = Pick<BandRow, 'bucket_start' | 'actual' | 'lower' | 'upper' | 'coverage' | 'score'>;

/**
 * Compares the share of judged buckets inside the bands issued for them, the last four weeks against the four before.
 * It has drifted when that share fell by two points or more and lies under what the bands promise.
 */
export function driftOf(rows: readonly Judged[]): Drift {
  const judged = rows.filter((row) => row.score !== null && row.actual !== null);
  const newest = judged.reduce((latest, row) => Math.max(latest, Date.parse(row.bucket_start)), 0);
  const nominal = judged[0]?.coverage ?? 0.99;
  const ageDays = (row: Judged) => (newest - Date.parse(row.bucket_start)) / DAY_MS;
  const recent = coverage(judged.filter((row) => ageDays(row) < SPAN_DAYS));
  const before = coverage(judged.filter((row) => ageDays(row) >= SPAN_DAYS && ageDays(row) < 2 * SPAN_DAYS));
  if (recent === null) {
    return { recent, before, drifted: false, message: 'too few buckets were judged in service to speak of drift' };
  }
  const from = before ?? nominal;
  const drifted = from - recent >= FALL && recent < nominal;
  const message = drifted
    ? `coverage fell from ${shortPercent(from)} to ${shortPercent(recent)} in four weeks: retrain`
    : `coverage of the last four weeks is ${shortPercent(recent)} (before: ${shortPercent(from)}, promised: ${shortPercent(nominal)}): no drift`;
  return { recent, before, drifted, message };
}

function coverage(rows: readonly Judged[]): number | null {
  if (rows.length < ENOUGH) return null;
  const inside = rows.filter(({ actual, lower, upper }) => within(actual, lower, upper));
  return inside.length / rows.length;
}

function within(actual: number | null, lower: number | null, upper: number | null): boolean {
  return actual !== null && lower !== null && upper !== null && actual >= lower && actual <= upper;
}
