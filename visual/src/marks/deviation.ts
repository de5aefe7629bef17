import { type Direction, SEVERITIES, type Severity } from '@tidemark/shared/vocabulary';
import { area } from 'd3';
import type { Point } from '../judged.ts';
import { isBeyond } from '../loss.ts';
import { type Frame, layer } from './frame.ts';

interface Slice {
  readonly x: number;
  readonly actual: number;
  readonly limit: number;
}

/** A stretch outside the limits; what only the counts have seen lies inside. */
interface Run {
  readonly slices: Slice[];
  worst: Severity;
}

/** Shading between the actual and the limit it crossed, from crossing to crossing, in the colour of its alarms. */
export function drawDeviation(frame: Frame): void {
  const group = layer(frame.plot, 'deviation').style('pointer-events', 'none');
  const { theme, options } = frame;
  const runs = options.alarms.shading ? [...runsOf(frame, 'low'), ...runsOf(frame, 'high')] : [];
  const shape = area<Slice>(
    (s) => s.x,
    (s) => s.limit,
    (s) => s.actual,
  ).digits(2);
  group
    .selectAll<SVGPathElement, Run>('path')
    .data(runs)
    .join('path')
    .attr('d', (run) => shape(run.slices))
    .attr('fill', (run) => theme.severity[run.worst])
    .attr('fill-opacity', theme.highContrast ? 0.6 : 0.3);
}

function runsOf(frame: Frame, side: Direction): Run[] {
  const limitOf = (point: Point) => (side === 'low' ? point.lower : point.upper);
  const runs: Run[] = [];
  let run: Run | null = null;
  for (let k = 0; k < frame.points.length; k++) {
    const point = frame.points[k] as Point;
    const slice = sliceOf(frame, point, limitOf(point));
    if (slice === null || point.direction !== side || point.severity === null || !isBeyond(point)) {
      if (run !== null) closeRun(run.slices, slice);
      run = null;
      continue;
    }
    if (run === null) {
      run = { slices: [], worst: point.severity };
      runs.push(run);
      const before = frame.points[k - 1];
      const entry = before === undefined ? null : sliceOf(frame, before, limitOf(before));
      if (entry !== null) run.slices.push(meeting(entry, slice));
    }
    if (SEVERITIES.indexOf(point.severity) > SEVERITIES.indexOf(run.worst)) run.worst = point.severity;
    run.slices.push(slice);
  }
  return runs;
}

function closeRun(run: Slice[], next: Slice | null): void {
  const last = run.at(-1) as Slice;
  if (next !== null) run.push(meeting(next, last));
}

function sliceOf(frame: Frame, point: Point, limit: number | null): Slice | null {
  if (point.actual === null || limit === null || point.state === 'open') return null;
  return { x: frame.px(point.time), actual: frame.py(point.actual), limit: frame.py(limit) };
}

/** Where actual and limit meet between a slice inside and its neighbour outside. */
function meeting(inside: Slice, outside: Slice): Slice {
  const gapInside = inside.actual - inside.limit;
  const gapOutside = outside.actual - outside.limit;
  const share = gapInside === gapOutside ? 0 : Math.min(1, Math.max(0, gapInside / (gapInside - gapOutside)));
  const between = (from: number, to: number) => from + share * (to - from);
  const level = between(inside.limit, outside.limit);
  return { x: between(inside.x, outside.x), actual: level, limit: level };
}
