import { type Direction, SEVERITIES, type Severity } from '@tidemark/shared/vocabulary';
import type { DrawnIncident, JudgedSeries, Point } from './judged.ts';
import type { Phrase } from './words.ts';

/** What a person across the room should know of a series. */
export type Status =
  | {
      readonly kind: 'alarm';
      readonly severity: Severity;
      readonly direction: Direction;
      readonly since: number;
      /** Distance from the limit crossed as a share of it, ≥ 0; `null` where the limit is 0 or of the other sign. */
      readonly share: number | null;
      /** Distance from the limit crossed, ≥ 0. */
      readonly distance: number;
      /** What a detector says of the newest bucket; nothing where the band alone alarms. */
      readonly reason?: string;
      /** The alarm itself. */
      readonly incident: DrawnIncident;
    }
  | {
      readonly kind: 'no-data';
      /** End of the newest complete bucket, or start of the first one nothing is known of. */
      readonly since: number;
      /** How long ago that was, in ms; `null` where the clock says nothing of it. */
      readonly age: number | null;
    }
  | { readonly kind: 'ok'; readonly last: DrawnIncident | null }
  /** Values, but nothing to judge them by, or a reason not to. */
  | {
      readonly kind: 'unjudged';
      /** Newest actual; `null` where none can be read. */
      readonly value: number | null;
      /** Why no verdict is given; `null` where there are just no limits. */
      readonly reason: Phrase | null;
    }
  | { readonly kind: 'empty' };

/** What a status rests on besides the points. */
export interface Circumstances {
  /** The present on the clock of the rows, in ms. */
  readonly now: number;
  /** Age of the newest complete bucket's end from which on there is no data, in ms; 0 = none. */
  readonly staleMs: number;
  /** Why the newest bucket is not judged; `null` where it is. */
  readonly reason: Phrase | null;
}

const UNHURRIED: Circumstances = { now: Number.NEGATIVE_INFINITY, staleMs: 0, reason: null };

/** The status of a series at its newest complete bucket. Old rows are no data, whatever they say. */
export function statusOf(series: JudgedSeries, { now, staleMs, reason }: Circumstances = UNHURRIED): Status {
  const ageOf = (since: number) => (now > since ? now - since : null);
  const known = series.points.findLastIndex((point) => isComplete(point) && point.actual !== null);
  const silent = series.points.findLastIndex((point) => point.state === 'missing');
  const isFault = reason?.key.startsWith('Fault_') === true && reason.key !== 'Fault_Empty';
  if (known === -1 && silent === -1 && reason !== null) return { kind: 'unjudged', value: null, reason };
  if (silent > known && !isFault) {
    const first = series.points[known + 1] as Point;
    return { kind: 'no-data', since: first.time, age: ageOf(first.time) };
  }
  const newest = series.points[known];
  if (newest === undefined) return { kind: 'empty' };
  const ongoing = series.incidents.findLast((incident) => incident.open);
  const end = newest.time + series.stepMs;
  if (staleMs > 0 && now - end >= staleMs && !isFault) return { kind: 'no-data', since: end, age: ageOf(end) };
  if (ongoing !== undefined && newest.severity !== null && ongoing.endTime >= end) {
    return {
      kind: 'alarm',
      severity: ongoing.severity,
      since: ongoing.startTime,
      ...crossing(newest),
      ...(newest.reason ? { reason: newest.reason } : {}),
      incident: ongoing,
    };
  }
  if (reason !== null) return { kind: 'unjudged', value: newest.actual ?? 0, reason };
  if (newest.lower === null && newest.upper === null && series.incidents.length === 0)
    return { kind: 'unjudged', value: newest.actual ?? 0, reason: null };
  return { kind: 'ok', last: series.incidents.at(-1) ?? null };
}

/** How far a point lies outside the limit it crossed: not at all where it has none. */
export function crossing(point: Point): { direction: Direction; share: number | null; distance: number } {
  const actual = point.actual ?? 0;
  const direction = point.direction ?? 'low';
  const limit = (direction === 'low' ? point.lower : point.upper) ?? actual;
  const distance = Math.max(0, direction === 'low' ? limit - actual : actual - limit);
  return { direction, distance, share: limit > 0 ? distance / limit : null };
}

/** A smaller share reads 0 %. */
export const LEAST_SHARE = 0.005;

/** Whether a distance from a limit is one to tell: what only the counts have seen lies inside the band. */
export function isDistant({ share, distance }: { readonly share: number | null; readonly distance: number }): boolean {
  return distance > 0 && (share === null || share >= LEAST_SHARE);
}

/** Order for panels and the overall header: the severest first, the deepest first among those. */
export function urgency(status: Status): number {
  if (status.kind === 'alarm') return 10 + SEVERITIES.indexOf(status.severity) + Math.min(status.share ?? 0.99, 0.99);
  if (status.kind === 'unjudged') return status.reason === null ? 1 : 8;
  return { 'no-data': 9, ok: 2, empty: 0 }[status.kind];
}

function isComplete(point: Point): boolean {
  return point.state === 'observed' || point.state === 'zero';
}
