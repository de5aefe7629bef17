import { bandAt, type Fan } from '../forecasting/calibration/fan.ts';
import type { Direction, Severity } from '../vocabulary.ts';
import type { AlarmRules } from './rules.ts';
import type { Verdict } from './verdict.ts';

/** Scores end here, so that a band without width still gives a number that can be written down. */
export const MAX_SCORE = 999;

/**
 * Judges one actual against the fan that was issued before it was seen.
 *
 * score = distance from the band ÷ width of the band, capped at `MAX_SCORE`; a bucket is flagged
 * (has a severity) when it lies outside on a watched side and |actual − median| reaches both
 * minimum deviations. Whether flagged buckets alarm is for `alarms` to say (n of m).
 * @param actual volume in the currency of the series, finite.
 * @throws UserError `invalid-coverage` when `rules.coverage` is outside the fan's range.
 */
export function judge(fan: Fan, bucket: number, actual: number, rules: AlarmRules): Verdict {
  const band = bandAt(fan, rules.coverage);
  const { median } = fan;
  const direction: Direction | null = actual < band.lower ? 'low' : actual > band.upper ? 'high' : null;
  if (direction === null) return { bucket, band, median, actual, score: 0, direction, severity: null };
  const distance = direction === 'low' ? band.lower - actual : actual - band.upper;
  const score = Math.min(distance / (band.upper - band.lower), MAX_SCORE);
  const watched = rules.direction === 'both' || rules.direction === direction;
  const deviation = Math.abs(actual - median);
  const matters = deviation >= rules.minimumAbsolute && deviation >= rules.minimumRelative * Math.abs(median);
  return {
    bucket,
    band,
    median,
    actual,
    score,
    direction,
    severity: watched && matters ? severityOf(score, rules) : null,
  };
}

/** `info` below `warningScore`, `critical` from `criticalScore` on. */
export function severityOf(score: number, rules: Pick<AlarmRules, 'warningScore' | 'criticalScore'>): Severity {
  if (score >= rules.criticalScore) return 'critical';
  return score >= rules.warningScore ? 'warning' : 'info';
}
