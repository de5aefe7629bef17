import { area, line } from 'd3';
import type { Point } from '../judged.ts';
import { type Frame, type Group, layer } from './frame.ts';
import { type Slice, thinBand } from './thin.ts';

/** The area between the limits, its inner band and its edges. A row with one limit only has no area, only an edge. */
export function drawBand(frame: Frame): void {
  const { options, theme, plot, points } = frame;
  const group = layer(plot, 'band').style('pointer-events', 'none');
  const shown = options.band.show;
  const outer = shown
    ? runsOf(
        frame,
        points,
        (p) => p.lower,
        (p) => p.upper,
      )
    : [];
  const inner =
    shown && options.band.nested
      ? runsOf(
          frame,
          points,
          (p) => p.innerLower,
          (p) => p.innerUpper,
        )
      : [];
  const opacity = theme.highContrast ? 0.22 : options.band.opacity;
  drawAreas(group, 'outer', outer, theme.band, opacity);
  drawAreas(group, 'inner', inner, theme.band, Math.min(1, opacity * 1.1));
  const edges = shown && (options.band.edges || theme.highContrast) && !frame.tiny;
  const missing = points.some((point) => (point.lower === null) !== (point.upper === null));
  const runs = (limit: (point: Point) => number | null) => (edges ? (missing ? edgeRuns(frame, limit) : outer) : []);
  drawEdges(
    group,
    'lower',
    runs((p) => p.lower),
    (s) => s.bottom,
    theme.band,
    theme.highContrast,
  );
  drawEdges(
    group,
    'upper',
    runs((p) => p.upper),
    (s) => s.top,
    theme.band,
    theme.highContrast,
  );
}

function runsOf(
  frame: Frame,
  points: readonly Point[],
  low: (point: Point) => number | null,
  high: (point: Point) => number | null,
): (readonly Slice[])[] {
  const runs: Slice[][] = [];
  let run: Slice[] = [];
  let last = Number.NaN;
  for (const point of points) {
    const bottom = low(point);
    const top = high(point);
    if (bottom === null || top === null) {
      run = [];
      continue;
    }
    if (run.length === 0 || point.time - last > 1.5 * frame.panel.series.stepMs) {
      run = [];
      runs.push(run);
    }
    run.push({ x: frame.px(point.time), top: frame.py(top), bottom: frame.py(bottom) });
    last = point.time;
  }
  return runs.map((slices) => (slices.length > 2 * frame.width ? thinBand(slices) : slices));
}

function edgeRuns(frame: Frame, limit: (point: Point) => number | null): (readonly Slice[])[] {
  return runsOf(frame, frame.points, limit, limit);
}

function drawAreas(group: Group, name: string, runs: (readonly Slice[])[], colour: string, opacity: number): void {
  const shape = area<Slice>(
    (s) => s.x,
    (s) => s.bottom,
    (s) => s.top,
  ).digits(2);
  group
    .selectAll<SVGPathElement, readonly Slice[]>(`path.${name}`)
    .data(runs)
    .join('path')
    .attr('class', name)
    .attr('d', (run) => shape(run as Slice[]))
    .attr('fill', colour)
    .attr('fill-opacity', opacity);
}

function drawEdges(
  group: Group,
  name: string,
  runs: (readonly Slice[])[],
  limit: (slice: Slice) => number,
  colour: string,
  strong: boolean,
): void {
  const shape = line<Slice>((s) => s.x, limit).digits(2);
  group
    .selectAll<SVGPathElement, readonly Slice[]>(`path.edge-${name}`)
    .data(runs)
    .join('path')
    .attr('class', `edge-${name}`)
    .attr('d', (run) => shape(run as Slice[]))
    .attr('fill', 'none')
    .attr('stroke', colour)
    .attr('stroke-opacity', strong ? 1 : 0.45)
    .attr('stroke-width', 0.75)
    .attr('stroke-dasharray', strong ? '1 2' : null);
}
