import type { Band } from '../forecasting/calibration/fan.ts';
import { type Direction, SEVERITIES, type Severity } from '../vocabulary.ts';

/** What a detector says of one bucket: all that alarms and incidents are made of, however the detector came to it. */
export interface Judgement {
  readonly bucket: number;
  /** The side on which the bucket left what was expected; `null` where it did not. */
  readonly direction: Direction | null;
  /** How far, in the detector's own unit, ≥ 0. */
  readonly score: number;
  /** `null` where the bucket is not flagged. */
  readonly severity: Severity | null;
  /** Actual − expected, in the currency of the series. */
  readonly deviation: number;
}

/** One bucket's judgement against the band that was issued before the bucket was seen. */
export interface Verdict extends Judgement {
  readonly band: Band;
  /** The forecast's median; `actual − median` is the deviation. */
  readonly median: number;
  readonly actual: number;
  /** How far outside, in band widths; 0 inside the band, at most `MAX_SCORE`. */
  readonly score: number;
  /** `null` inside the band. */
  readonly direction: Direction | null;
  /** `null` where the bucket is not flagged: inside the band, or excused by a rule. */
  readonly severity: Severity | null;
}

/**
 * The worse of two severities; `null` is milder than any.
 * @example
 * worse('info', null); // 'info'
 */
export function worse(one: Severity | null, other: Severity | null): Severity | null {
  if (one === null || other === null) return one ?? other;
  return SEVERITIES.indexOf(one) >= SEVERITIES.indexOf(other) ? one : other;
}
