import {
  type AlarmRules,
  alarms,
  type Incident,
  incidents,
  judgeAgainst,
  mutedVerdict,
  type Verdict,
  worse,
} from '@tidemark/shared/detection';
import { bandAt, DAY_MS, type Fan } from '@tidemark/shared/forecasting';
import type { Direction, Severity } from '@tidemark/shared/vocabulary';
import type { Interval } from './maintenance.ts';
import { isWithin } from './maintenance.ts';
import { DEFAULTS, type Options } from './options.ts';
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
  /** What a detector beside the band holds against it; nothing where none does. */
  readonly reason?: string | null;
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

/** What a series is judged by beside the author's settings. */
export interface JudgedBy {
  /** Whether the severities of its rows are drawn as they were served. */
  readonly served: boolean;
  readonly mutedWhen: readonly Interval[];
  /** The rules the service judges by; they hold where the author has not moved a setting. */
  readonly service: AlarmRules;
  /** Time of the first row that is judged; the first of all unless given. */
  readonly judgedFrom?: number | undefined;
}

/**
 * The series with limits on its rows and a judgement of each.
 * Rows that carry a severity are drawn as they were served unless the author wants them judged here;
 * fans, where there are any, give the limits at the coverage the author has set.
 * @param fans per row; `null` where none is known.
 */
export function judgeSeries(
  series: RowSeries,
  fans: readonly (Fan | null)[],
  options: Options,
  { served, mutedWhen, service, judgedFrom = Number.NEGATIVE_INFINITY }: JudgedBy,
): JudgedSeries {
  const stepMs = series.stepMs ?? DAY_MS;
  const rules = rulesOf(options, served, service);
  const terms: RowTerms = { rules, served, band: options.band };
  const bare = series.rows.map((row, k) => limited(row, fans[k] ?? null, terms));
  const verdicts: Verdict[] = [];
  const pointOf = new Map<number, number>();
  let quiet = rules.quietToClose;
  let bucket = Math.round((bare[0]?.time ?? 0) / stepMs);
  for (let k = 0; k < bare.length; k++) {
    const point = bare[k] as Point;
    if (k > 0) bucket += bucketsBetween(bare[k - 1] as Point, point, stepMs);
    if (point.time < judgedFrom) continue;
    // Of buckets without a flag only those that close an incident say something; in long ranges they are nearly all.
    if (quiet >= rules.quietToClose && isCalm(point, series.rows[k] as Row)) continue;
    const verdict = verdictOf(point, series.rows[k] as Row, bucket, terms);
    if (verdict === null) continue;
    const muted = verdict.severity !== null && isWithin(point.time, stepMs, mutedWhen);
    verdicts.push(muted ? mutedVerdict(verdict) : verdict);
    quiet = verdict.severity === null || muted ? quiet + 1 : 0;
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
  // What a detector has told is an alarm already, however many of its neighbours are.
  for (const { bucket, severity } of verdicts) {
    const k = pointOf.get(bucket);
    const point = k === undefined ? undefined : points[k];
    if (k !== undefined && point?.reason && severity !== null) points[k] = { ...point, severity };
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

/**
 * How many buckets a row lies after the one before. No two rows share a bucket, though months are of several lengths and
 * a clock that is put back leaves an hour between buckets of two.
 */
function bucketsBetween(before: Point, { time }: Point, stepMs: number): number {
  return Math.max(1, Math.ceil((time - before.time) / stepMs - 0.5));
}

/** What every row of a series is judged by. */
interface RowTerms {
  readonly rules: AlarmRules;
  readonly served: boolean;
  readonly band: Options['band'];
}

/** A row with the limits that are drawn at it. */
function limited(row: Row, fan: Fan | null, { rules, served, band: set }: RowTerms): Point {
  const hasLimits = row.lower !== null || row.upper !== null;
  const band = fan !== null && !(hasLimits && served) ? bandAt(fan, rules.coverage) : null;
  const inner = fan !== null && set.nested ? bandAt(fan, set.nestedCoverage) : null;
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
    reason: row.reason ?? null,
  };
}

/** The rules to judge by: those of the service, each replaced by the author's setting where that has been moved. */
export function rulesOf({ alarms: set }: Options, served: boolean, service: AlarmRules): AlarmRules {
  const usual = DEFAULTS.alarms;
  const moved = set.consecutive !== usual.consecutive;
  // The severities of rows are alarms already: n of m has been counted.
  const needed = served ? 1 : moved ? set.consecutive : service.needed;
  return {
    ...service,
    coverage: set.coverage === usual.coverage && !set.fixed ? service.coverage : set.coverage,
    direction: set.side === usual.side ? service.direction : set.side,
    minimumRelative: set.minimumDeviation === usual.minimumDeviation ? service.minimumRelative : set.minimumDeviation,
    needed,
    among: served || moved ? needed : service.among,
  };
}

/** Does a point lie within its limits, and its row carry no alarm? */
function isCalm({ actual, lower, upper }: Point, { severity, reason }: Row): boolean {
  if (severity !== null || reason || actual === null) return false;
  return (lower === null || actual >= lower) && (upper === null || actual <= upper);
}

/** The severity that a row carries; what a detector gives a reason for is at least a warning. */
function alarmOf({ severity, reason }: Row): Severity | null {
  return severity ?? (reason ? 'warning' : null);
}

/**
 * The verdict on a point, `null` where nothing can be judged: not complete, missing, or without a limit. A row that was
 * served without an alarm was judged, whether its limits are bound or not: it ends an incident.
 */
function verdictOf(point: Point, row: Row, bucket: number, { rules, served }: RowTerms): Verdict | null {
  const { actual, lower, upper } = point;
  if (actual === null || point.state === 'open' || point.state === 'maintenance') return null;
  const severity = served || row.reason ? alarmOf(row) : null;
  if (lower === null && upper === null && severity === null && !served) return null;
  const band = {
    lower: lower ?? Number.NEGATIVE_INFINITY,
    upper: upper ?? Number.POSITIVE_INFINITY,
    coverage: rules.coverage,
  };
  const middle = lower !== null && upper !== null ? (lower + upper) / 2 : (lower ?? upper ?? actual);
  const verdict = judgeAgainst({ band, median: point.forecast ?? middle }, bucket, actual, rules);
  if (!served && !row.reason) return verdict;
  const alarm = served ? severity : (row.severity ?? worse(verdict.severity, severity));
  // Of what the counts have seen the money may lie on the other side.
  const side = severity === null ? null : (row.direction ?? (actual < verdict.median ? 'low' : 'high'));
  const direction = verdict.direction ?? side;
  // Most rows are inside their range and without an alarm: nothing is copied for them.
  if (alarm === verdict.severity && direction === verdict.direction) return verdict;
  return { ...verdict, severity: alarm, direction };
}
