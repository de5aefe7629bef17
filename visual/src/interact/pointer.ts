import { bisector } from 'd3';
import type { DrawnPanel } from '../chart.ts';
import type { Point } from '../judged.ts';
import type { Panel } from '../view-model.ts';

/** What somebody points at. */
export interface Pointed {
  readonly drawn: DrawnPanel;
  readonly panel: Panel;
  readonly point: Point;
}

const byTime = bisector<Point, number>((point) => point.time);

/** The bucket nearest in time to a place in the chart; `null` outside every plot. */
export function pointAt(drawn: readonly DrawnPanel[], x: number, y: number): Pointed | null {
  const hit = drawn.find(
    ({ frame, left, top }) =>
      x >= left - 4 && x <= left + frame.width + 4 && y >= top - 20 && y <= top + frame.height + 8,
  );
  if (hit === undefined || hit.frame.points.length === 0) return null;
  const { points, panel } = hit.frame;
  const time = hit.frame.x.invert(x - hit.left).getTime();
  const after = byTime.left(points as Point[], time);
  const near = [points[after - 1], points[after]].filter((point) => point !== undefined);
  const point = near.reduce((one, other) => (Math.abs(other.time - time) < Math.abs(one.time - time) ? other : one));
  return { drawn: hit, panel, point };
}
