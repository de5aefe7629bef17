import type { Band } from '../forecasting/calibration/fan.ts';
import { type Direction, SEVERITIES, type Severity } from '../vocabulary.ts';

/** One bucket's judgement against the band that was issued before the bucket was seen. */
export interface Verdict {
  readonly bucket: number;
  readonly band: Band;
  /** The forecast's median; `actual − median` is the residual. */
  readonly median: number;
  readonly actual: number;
  /** How far outside, in band widths; 0 inside the band, at most `MAX_SCORE`. */
  readonly score: number;
  /** `null` inside the band. */
  readonly direction: Direction | null;
  /** `null` where the bucket is not flagged: inside the band, or excused by a rule. */
  readonly severity: Severity | null;
}

/** The worse of two severities; `null` is milder than any. */
export function worse(one: Severity | null, other: Severity | null): Severity | null {
  if (one === null || other === null) return one ?? other;
  return SEVERITIES.indexOf(one) >= SEVERITIES.indexOf(other) ? one : other;
}
