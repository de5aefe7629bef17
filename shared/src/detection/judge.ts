import { type Band, bandAt, type Fan } from '../forecasting/calibration/fan.ts';
import { bucketStart } from '../forecasting/time/bucket.ts';
import type { Direction, Severity } from '../vocabulary.ts';
import { alarms } from './alarms.ts';
import { type CalendarEntry, maintenanceEffect, mutedVerdict, widened } from './maintenance.ts';
import type { AlarmRules } from './rules.ts';
import type { Verdict } from './verdict.ts';

/** Scores end here, so that a band without width still gives a number that can be written down. */
export const MAX_SCORE = 999;

/**
 * The verdict on one actual against the fan that was issued before it was seen.
 *
 * score = distance from the band ÷ width of the band, capped at `MAX_SCORE`; a bucket is flagged
 * (has a severity) when it lies outside on a watched side and |actual − median| reaches both
 * minimum deviations. Whether flagged buckets alarm is for `alarms` to say (n of m).
 * @param actual volume in the currency of the series, finite.
 * @throws UserError `invalid-coverage` when `rules.coverage` is outside the fan's range.
 * @example
 * judge(fan, bucket, 55, DEFAULT_RULES).severity; // 'warning'
 */
export function judge(fan: Fan, bucket: number, actual: number, rules: AlarmRules): Verdict {
  return judgeAgainst({ band: bandAt(fan, rules.coverage), median: fan.median }, bucket, actual, rules);
}

/**
 * The verdict on one actual against a band that is known without its fan. A limit that is not known is ±∞; distances
 * from the other one are then counted in its own size, at least 1.
 * @example
 * const band = { lower: 70, upper: Infinity, coverage: 0.99 };
 * judgeAgainst({ band, median: 100 }, bucket, 55, DEFAULT_RULES).direction; // 'low'
 */
export function judgeAgainst(
  { band, median }: Pick<Verdict, 'band' | 'median'>,
  bucket: number,
  actual: number,
  rules: AlarmRules,
): Verdict {
  const direction: Direction | null = actual < band.lower ? 'low' : actual > band.upper ? 'high' : null;
  const deviation = actual - median;
  if (direction === null) return { bucket, band, median, actual, deviation, score: 0, direction, severity: null };
  const distance = direction === 'low' ? band.lower - actual : actual - band.upper;
  const score = Math.min(distance / widthOf(band), MAX_SCORE);
  const watched = rules.direction === 'both' || rules.direction === direction;
  const size = Math.abs(deviation);
  const matters = size >= rules.minimumAbsolute && size >= rules.minimumRelative * Math.abs(median);
  return {
    bucket,
    band,
    median,
    actual,
    deviation,
    score,
    direction,
    severity: watched && matters ? severityOf(score, rules) : null,
  };
}

function widthOf({ lower, upper }: Band): number {
  if (Number.isFinite(upper - lower)) return upper - lower;
  return Math.max(1, Math.abs(Number.isFinite(lower) ? lower : upper));
}

/** The severity of a score: `info` below `warningScore`, `critical` from `criticalScore` on. */
export function severityOf(score: number, rules: Pick<AlarmRules, 'warningScore' | 'criticalScore'>): Severity {
  if (score >= rules.criticalScore) return 'critical';
  return score >= rules.warningScore ? 'warning' : 'info';
}

/** What a series is judged by beside its fans. */
export interface JudgeTerms {
  readonly rules: AlarmRules;
  /** Entries of other series are passed over. */
  readonly maintenance: readonly CalendarEntry[];
  readonly series: string;
  readonly stepMs: number;
}

/**
 * The verdict on one actual under the maintenance calendar: limits are widened where an entry widens, the flag is
 * taken away where one mutes.
 * @example
 * judgeBucket({ rules: DEFAULT_RULES, maintenance: [], series: 'shop', stepMs }, fan, bucket, 55);
 */
export function judgeBucket(terms: JudgeTerms, fan: Fan, bucket: number, actual: number): Verdict {
  const { rules, maintenance, series, stepMs } = terms;
  const { muted, widen } = maintenanceEffect(maintenance, series, bucketStart(bucket, stepMs), stepMs);
  const verdict = judge(widened(fan, widen), bucket, actual, rules);
  return muted ? mutedVerdict(verdict) : verdict;
}

/**
 * The verdicts by bucket, each with a severity only where it alarms (n of m): what rows and pictures show.
 * @param verdicts of one series, by rising bucket.
 * @example
 * shownVerdicts(verdicts, rules).get(bucket)?.severity; // null where too few buckets around it are flagged
 */
export function shownVerdicts(
  verdicts: readonly Verdict[],
  rules: Pick<AlarmRules, 'needed' | 'among'>,
): Map<number, Verdict> {
  const alarming = new Set(alarms(verdicts, rules));
  return new Map(verdicts.map((verdict) => [verdict.bucket, alarming.has(verdict) ? verdict : mutedVerdict(verdict)]));
}
