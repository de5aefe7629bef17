import type { Point } from './judged.ts';
import type { RowSeries, Rows } from './rows.ts';

/** The bucket that is not complete yet: what it holds so far, and what it should hold by now. */
export interface SoFar {
  readonly point: Point;
  readonly actual: number;
  /** Share of the bucket that has passed, in [0, 1]. */
  readonly share: number;
  /** Forecast of the whole bucket times `share`; `null` without a forecast. */
  readonly expected: number | null;
}

/**
 * The rows with the newest bucket open where it ends after now. Rows that carry a state are left alone: the service
 * knows better what is complete.
 */
export function withOpenBucket(rows: Rows, now: number): Rows {
  if (rows.bound.has('state')) return rows;
  return { ...rows, series: rows.series.map((series) => openNewest(series, now)) };
}

function openNewest(series: RowSeries, now: number): RowSeries {
  const { stepMs, rows } = series;
  const newest = rows.findLastIndex((row) => row.actual !== null);
  const row = rows[newest];
  if (row === undefined || stepMs === null || row.time + stepMs <= now) return series;
  return { ...series, rows: rows.with(newest, { ...row, state: 'open' }) };
}

/** What the open bucket of a series holds so far; `null` where none is open. */
export function soFarOf(points: readonly Point[], stepMs: number, now: number): SoFar | null {
  const point = points.findLast((one) => one.state === 'open');
  if (point === undefined || point.actual === null) return null;
  const share = Math.max(0, Math.min(1, (now - point.time) / stepMs));
  return { point, actual: point.actual, share, expected: point.forecast === null ? null : point.forecast * share };
}
