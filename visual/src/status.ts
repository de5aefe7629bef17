import { type Direction, SEVERITIES, type Severity } from '@tidemark/shared/vocabulary';
import type { DrawnIncident, JudgedSeries, Point } from './judged.ts';

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
      /** Σ (actual − forecast) since it began. */
      readonly volume: number;
    }
  | { readonly kind: 'no-data'; readonly since: number }
  | { readonly kind: 'ok'; readonly last: DrawnIncident | null }
  /** Values but nothing to judge them by. */
  | { readonly kind: 'unjudged' /** Newest actual. */; readonly value: number }
  | { readonly kind: 'empty' };

/** The status of a series at its newest complete bucket. */
export function statusOf(series: JudgedSeries): Status {
  const known = series.points.findLastIndex((point) => isComplete(point) && point.actual !== null);
  const silent = series.points.findLastIndex((point) => point.state === 'missing');
  if (silent > known) {
    const first = series.points[known + 1] as Point;
    return { kind: 'no-data', since: first.time };
  }
  const newest = series.points[known];
  if (newest === undefined) return { kind: 'empty' };
  const ongoing = series.incidents.findLast((incident) => incident.open);
  const end = newest.time + series.stepMs;
  if (ongoing !== undefined && newest.severity !== null && ongoing.endTime >= end) {
    return {
      kind: 'alarm',
      severity: ongoing.severity,
      since: ongoing.startTime,
      ...crossing(newest),
      volume: ongoing.volume,
    };
  }
  if (newest.lower === null && newest.upper === null && series.incidents.length === 0)
    return { kind: 'unjudged', value: newest.actual ?? 0 };
  return { kind: 'ok', last: series.incidents.at(-1) ?? null };
}

/** How far a point lies outside the limit it crossed. */
export function crossing(point: Point): { direction: Direction; share: number | null; distance: number } {
  const actual = point.actual ?? 0;
  const direction = point.direction ?? 'low';
  const limit = (direction === 'low' ? point.lower : point.upper) ?? point.forecast ?? actual;
  const distance = Math.abs(actual - limit);
  return { direction, distance, share: limit > 0 ? distance / limit : null };
}

/** Order for panels and the overall header: the severest first, the deepest first among those. */
export function urgency(status: Status): number {
  if (status.kind === 'alarm') return 10 + SEVERITIES.indexOf(status.severity) + Math.min(status.share ?? 0.99, 0.99);
  return { 'no-data': 9, ok: 2, unjudged: 1, empty: 0 }[status.kind];
}

function isComplete(point: Point): boolean {
  return point.state === 'observed' || point.state === 'zero';
}
