import {
  type AlarmRules,
  alarms,
  DEFAULT_RULES,
  type Incident,
  incidents,
  severityOf,
  type Verdict,
} from '@tidemark/shared/detection';
import { bandAt, DAY_MS, type Fan } from '@tidemark/shared/forecasting';
import type { Direction, Severity } from '@tidemark/shared/vocabulary';
import type { Interval } from './maintenance.ts';
import { isWithin } from './maintenance.ts';
import type { Options } from './options.ts';
import { alarmsOn } from './options.ts';
import type { Row, RowSeries, RowState } from './rows.ts';

/** One bucket as it is drawn: what was, what was expected, and how it was judged. */
export interface Point {
  readonly time: number;
  readonly index: number;
  readonly state: RowState;
  readonly highlighted: boolean;
  readonly actual: number | null;
  readonly forecast: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly innerLower: number | null;
  readonly innerUpper: number | null;
  /** Side on which the actual left the limits; `null` inside or without limits. */
  readonly direction: Direction | null;
  /** Set exactly where the bucket alarms. */
  readonly severity: Severity | null;
}

/** A run of alarming buckets, with its instants. */
export interface DrawnIncident extends Incident {
  readonly startTime: number;
  /** End of the last flagged bucket, exclusive. */
  readonly endTime: number;
}

/** A series with limits drawn and alarms judged. */
export interface JudgedSeries {
  readonly name: string;
  readonly group: number;
  readonly stepMs: number;
  readonly points: readonly Point[];
  readonly incidents: readonly DrawnIncident[];
}

/**
 * Puts limits on the rows of a series and judges them.
 * Rows that carry a severity are drawn as they were served unless the author wants them judged here;
 * fans, where there are any, give the limits at the coverage the author has set.
 * @param fans per row; `null` where none is known.
 */
export function judgeSeries(
  series: RowSeries,
  fans: readonly (Fan | null)[],
  options: Options,
  served: boolean,
  mutedWhen: readonly Interval[],
): JudgedSeries {
  const stepMs = series.stepMs ?? DAY_MS;
  const bare = series.rows.map((row, k) => limited(row, fans[k] ?? null, options, served));
  const rules = rulesOf(options, served);
  const verdicts: Verdict[] = [];
  const pointOf = new Map<number, number>();
  for (let k = 0; k < bare.length; k++) {
    const point = bare[k] as Point;
    const verdict = verdictOf(point, Math.round(point.time / stepMs), rules, options, served, series.rows[k] as Row);
    if (verdict === null) continue;
    const muted = verdict.severity !== null && isWithin(point.time, stepMs, mutedWhen);
    verdicts.push(muted ? { ...verdict, severity: null } : verdict);
    // Only what lies outside is looked up again.
    if (verdict.direction !== null || verdict.severity !== null) pointOf.set(verdict.bucket, k);
  }
  const points = bare.slice();
  for (const { bucket, direction } of verdicts) {
    const k = pointOf.get(bucket) as number;
    if (direction !== null) points[k] = { ...(points[k] as Point), direction };
  }
  for (const { bucket, severity } of alarms(verdicts, rules)) {
    const k = pointOf.get(bucket) as number;
    points[k] = { ...(points[k] as Point), severity };
  }
  return {
    name: series.name,
    group: series.group,
    stepMs,
    points,
    incidents: incidents(verdicts, rules).map((incident) => ({
      ...incident,
      startTime: (points[pointOf.get(incident.start) as number] as Point).time,
      endTime: (points[pointOf.get(incident.end) as number] as Point).time + stepMs,
    })),
  };
}

function limited(row: Row, fan: Fan | null, options: Options, served: boolean): Point {
  const hasLimits = row.lower !== null || row.upper !== null;
  const band = fan !== null && !(hasLimits && served) ? bandAt(fan, options.alarms.coverage) : null;
  const inner = fan !== null && options.band.nested ? bandAt(fan, options.band.nestedCoverage) : null;
  return {
    time: row.time,
    index: row.index,
    state: row.state,
    highlighted: row.highlighted,
    actual: row.state === 'missing' || row.state === 'future' ? null : row.actual,
    forecast: row.forecast ?? fan?.median ?? null,
    lower: band?.lower ?? row.lower,
    upper: band?.upper ?? row.upper,
    innerLower: inner?.lower ?? null,
    innerUpper: inner?.upper ?? null,
    direction: null,
    severity: null,
  };
}

function rulesOf(options: Options, served: boolean): AlarmRules {
  const needed = served ? 1 : options.alarms.consecutive;
  return {
    ...DEFAULT_RULES,
    coverage: options.alarms.coverage,
    direction: options.alarms.side,
    minimumRelative: options.alarms.minimumDeviation,
    needed,
    among: needed,
  };
}

/** The verdict on a point, `null` where nothing can be judged: not complete, missing, or without a limit. */
function verdictOf(
  point: Point,
  bucket: number,
  rules: AlarmRules,
  options: Options,
  served: boolean,
  row: Row,
): Verdict | null {
  const { actual, lower, upper } = point;
  if (actual === null || point.state === 'open' || point.state === 'maintenance') return null;
  if (served ? row.severity === null && lower === null && upper === null : lower === null && upper === null)
    return null;
  const low = lower ?? Number.NEGATIVE_INFINITY;
  const high = upper ?? Number.POSITIVE_INFINITY;
  const median =
    point.forecast ?? (lower !== null && upper !== null ? (lower + upper) / 2 : (lower ?? upper ?? actual));
  let direction: Direction | null = actual < low ? 'low' : actual > high ? 'high' : null;
  const distance = direction === 'low' ? low - actual : direction === 'high' ? actual - high : 0;
  const width = lower !== null && upper !== null ? upper - lower : Math.max(Math.abs(lower ?? upper ?? 1), 1);
  const score = Math.min(distance / Math.max(width, Number.MIN_VALUE), 999);
  let severity: Severity | null = null;
  if (served) {
    severity = row.severity;
    if (severity !== null && direction === null) direction = actual < median ? 'low' : 'high';
  } else if (direction !== null && alarmsOn(options.alarms.side, direction)) {
    const deviation = Math.abs(actual - median);
    if (deviation >= rules.minimumRelative * Math.abs(median)) severity = severityOf(score, rules);
  }
  return {
    bucket,
    band: { lower: low, upper: high, coverage: rules.coverage },
    median,
    actual,
    score,
    direction,
    severity,
  };
}
