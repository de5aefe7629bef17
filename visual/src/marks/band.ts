import { area, line, select } from 'd3';
import type { Point } from '../judged.ts';
import type { Theme } from '../theme.ts';
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
  drawAreas(group, 'outer', outer, { colour: theme.band, opacity });
  drawAreas(group, 'inner', inner, { colour: theme.band, opacity: Math.min(1, opacity * 1.1) });
  fadeCutEdges(frame, group, outer);
  const edges = shown && (options.band.edges || theme.highContrast) && !frame.tiny;
  const missing = points.some((point) => (point.lower === null) !== (point.upper === null));
  const look = { theme, isAlone: missing };
  const runs = (limit: (point: Point) => number | null) => (edges ? (missing ? edgeRuns(frame, limit) : outer) : []);
  const lower = runs((p) => p.lower);
  const upper = runs((p) => p.upper);
  drawEdges(group, lower, { name: 'lower', limit: (s) => s.bottom }, look);
  drawEdges(group, upper, { name: 'upper', limit: (s) => s.top }, look);
}

/** Depth of the fade, in px. */
const FADE = 18;

/** Where the axis ends before the band does, the band fades out: it goes on, the picture does not. */
function fadeCutEdges(frame: Frame, group: Group, runs: readonly (readonly Slice[])[]): void {
  const { plot, width, height, y } = frame;
  const top = cutStretches(runs, (slice) => slice.top < -1);
  const bottom = y.domain()[0] === 0 ? [] : cutStretches(runs, (slice) => slice.bottom > height + 1);
  const panel = select(plot.node()?.parentNode as SVGGElement) as unknown as Group;
  const id = `${panel.select('clipPath').attr('id')}-fade`;
  const isCut = top.length + bottom.length > 0;
  group.attr('mask', isCut ? `url(#${id})` : null);
  let mask = panel.select<SVGMaskElement>(':scope > mask');
  if (!isCut) {
    mask.remove();
    return;
  }
  if (mask.empty()) {
    mask = panel.append('mask').attr('maskUnits', 'userSpaceOnUse') as never;
    mask.append('rect').attr('class', 'whole').attr('fill', '#fff');
    for (const side of ['top', 'bottom']) {
      const gradient = mask.append('linearGradient').attr('class', side).attr('x2', 0).attr('y2', 1);
      for (const place of [0, 1]) {
        const dark = (side === 'top') === (place === 0);
        gradient
          .append('stop')
          .attr('offset', place)
          .attr('stop-color', '#000')
          .attr('stop-opacity', dark ? 1 : 0);
      }
    }
  }
  const box = { x: -2, y: -2, width: width + 4, height: height + 4 };
  mask.attr('id', id);
  for (const [name, value] of Object.entries(box)) {
    mask.attr(name, value);
    mask.select('rect.whole').attr(name, value);
  }
  for (const side of ['top', 'bottom']) mask.select(`linearGradient.${side}`).attr('id', `${id}-${side}`);
  mask
    .selectAll<SVGRectElement, Stretch>('rect.cut')
    .data([...top.map((one) => ({ ...one, side: 'top' })), ...bottom.map((one) => ({ ...one, side: 'bottom' }))])
    .join('rect')
    .attr('class', 'cut')
    .attr('x', ({ from }) => from)
    .attr('width', ({ from, to }) => to - from)
    .attr('y', ({ side }) => (side === 'top' ? -2 : height - FADE))
    .attr('height', FADE + 2)
    .attr('fill', ({ side }) => `url(#${id}-${side})`);
}

interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Where a band is cut, from the slice before to the slice after. */
function cutStretches(runs: readonly (readonly Slice[])[], isCut: (slice: Slice) => boolean): Stretch[] {
  const stretches: Stretch[] = [];
  for (const run of runs) {
    let from: number | null = null;
    run.forEach((slice, k) => {
      if (isCut(slice)) from ??= (run[k - 1] ?? slice).x;
      else if (from !== null) {
        stretches.push({ from, to: slice.x });
        from = null;
      }
    });
    if (from !== null) stretches.push({ from, to: (run.at(-1) as Slice).x });
  }
  return stretches;
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

function drawAreas(
  group: Group,
  name: string,
  runs: (readonly Slice[])[],
  { colour, opacity }: { readonly colour: string; readonly opacity: number },
): void {
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
  runs: (readonly Slice[])[],
  { name, limit }: { readonly name: string; readonly limit: (slice: Slice) => number },
  { theme: { band: colour, highContrast: strong }, isAlone }: { readonly theme: Theme; readonly isAlone: boolean },
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
    // Without an area beside it the edge is all there is of the range.
    .attr('stroke-opacity', strong ? 1 : isAlone ? 0.9 : 0.45)
    .attr('stroke-width', isAlone ? 1.25 : 0.75)
    .attr('stroke-dasharray', strong ? '1 2' : null);
}
