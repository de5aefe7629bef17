import type { Band } from '../forecast/fan.ts';

/** How bad an alarm is, `info < warning < critical`. */
export type Severity = 'info' | 'warning' | 'critical';

/** The side on which an actual left its band. */
export type Direction = 'low' | 'high';

/** One bucket's judgement against the band that was issued before the bucket was seen. */
export interface Verdict {
  readonly bucket: number;
  readonly band: Band;
  readonly actual: number;
  /** How far outside, in band widths; 0 inside the band, negative never. */
  readonly score: number;
  /** `null` inside the band. */
  readonly direction: Direction | null;
  /** `null` where there is no alarm. */
  readonly severity: Severity | null;
}
