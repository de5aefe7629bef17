import { bisector } from 'd3';
import type { DrawnIncident, JudgedSeries, Point } from './judged.ts';

const { left } = bisector<Point, number>((point) => point.time);

/** The points drawn within an incident, oldest first; found by halving, so that long ranges cost no more than short ones. */
export function pointsOf(
  { points }: Pick<JudgedSeries, 'points'>,
  { startTime, endTime }: Pick<DrawnIncident, 'startTime' | 'endTime'>,
): Point[] {
  return points.slice(left(points as Point[], startTime), left(points as Point[], endTime));
}
