import { line } from 'd3';
import type { Point } from '../judged.ts';
import { dashOf, type Frame, layer } from './frame.ts';
import { thinLine } from './thin.ts';

interface Dot {
  readonly x: number;
  readonly y: number;
}

/** What happened: broken where nothing is known, up to the last complete bucket. */
export function drawActual(frame: Frame): void {
  const { options, theme, panel } = frame;
  const dimmed = panel.series.points.some((point) => !point.highlighted);
  const group = layer(frame.plot, 'actual').style('pointer-events', 'none');
  const strokes = strokesOf(frame);
  const width = frame.tiny ? Math.min(options.lines.actualWidth, 1.5) : options.lines.actualWidth;
  group
    .selectAll<SVGPathElement, Dot[]>('path')
    .data(strokes)
    .join('path')
    .attr('class', 'whole')
    .attr('d', (dots) => pathOf(dots))
    .attr('fill', 'none')
    .attr('stroke', theme.actual)
    .attr('stroke-opacity', dimmed ? 0.35 : 1)
    .attr('stroke-width', width)
    .attr('stroke-linejoin', 'round')
    .attr('stroke-linecap', 'round')
    .attr('stroke-dasharray', dashOf(options.lines.actualStyle, width));
  const single = strokes.filter((dots) => dots.length === 1).flat();
  const every = options.lines.points && frame.points.length * 5 < frame.width;
  const lit = dimmed ? frame.points.filter((point) => point.highlighted && point.actual !== null) : [];
  const dots = every
    ? frame.points.filter((point) => point.actual !== null).map((point) => dotOf(frame, point))
    : single;
  group
    .selectAll<SVGCircleElement, Dot>('circle')
    .data([...dots, ...lit.map((point) => dotOf(frame, point))])
    .join('circle')
    .attr('cx', (dot) => dot.x)
    .attr('cy', (dot) => dot.y)
    .attr('r', Math.max(1.6, width))
    .attr('fill', theme.actual);
}

/** What was expected: the median, also beyond now. */
export function drawForecast(frame: Frame): void {
  const { options, theme } = frame;
  const group = layer(frame.plot, 'forecast').style('pointer-events', 'none');
  const runs: Dot[][] = [];
  if (options.lines.forecast && !frame.tiny) {
    const gap = 1.5 * frame.panel.series.stepMs;
    let last = Number.NEGATIVE_INFINITY;
    for (const { time, forecast } of frame.points) {
      if (forecast === null) continue;
      if (time - last > gap) runs.push([]);
      runs.at(-1)?.push({ x: frame.px(time), y: frame.py(forecast) });
      last = time;
    }
  }
  const width = options.lines.forecastWidth;
  group
    .selectAll<SVGPathElement, Dot[]>('path')
    .data(runs)
    .join('path')
    .attr('d', (dots) => pathOf(dots))
    .attr('fill', 'none')
    .attr('stroke', theme.forecast)
    .attr('stroke-width', width)
    .attr('stroke-opacity', theme.highContrast ? 1 : 0.9)
    .attr('stroke-dasharray', dashOf(options.lines.forecastStyle, width));
}

function pathOf(dots: readonly Dot[]): string | null {
  return line<Dot>(
    (dot) => dot.x,
    (dot) => dot.y,
  ).digits(2)(thinned(dots) as Dot[]);
}

function thinned(dots: readonly Dot[]): readonly Dot[] {
  const first = dots[0];
  const last = dots.at(-1);
  if (first === undefined || last === undefined || dots.length < 4 * (last.x - first.x)) return dots;
  return thinLine(dots);
}

function strokesOf(frame: Frame): Dot[][] {
  const strokes: Dot[][] = [];
  let dots: Dot[] = [];
  let last: Point | null = null;
  const gap = 1.5 * frame.panel.series.stepMs;
  for (const point of frame.points) {
    // A bucket still open has a mark of its own: a line to it would look like a plunge.
    if (point.actual === null || point.state === 'open') {
      last = null;
      continue;
    }
    const dot = dotOf(frame, point);
    if (last === null || point.time - last.time > gap) {
      dots = [];
      strokes.push(dots);
    }
    dots.push(dot);
    last = point;
  }
  return strokes;
}

function dotOf(frame: Frame, point: Point): Dot {
  return { x: frame.px(point.time), y: frame.py(point.actual as number) };
}
