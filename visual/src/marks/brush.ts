import {
  area,
  type BrushBehavior,
  brushX,
  type D3BrushEvent,
  line,
  type ScaleTime,
  scaleLinear,
  scaleUtc,
  select,
} from 'd3';
import type { JudgedSeries } from '../judged.ts';
import type { Layout } from '../layout.ts';
import type { Options } from '../options.ts';
import { rollUpOf, rollUpStep } from '../rollup.ts';
import type { Theme } from '../theme.ts';
import type { ViewModel } from '../view-model.ts';
import { straight } from './frame.ts';
import { thinLine } from './thin.ts';

export interface BrushInput {
  readonly view: ViewModel;
  readonly domain: readonly [number, number];
  readonly layout: Layout;
  readonly width: number;
  readonly left: number;
  readonly theme: Theme;
  readonly options: Options;
}

/** The strip below the chart: the whole time in small, and the part that is shown above. */
export class BrushStrip {
  private readonly svg: SVGSVGElement;
  private readonly chosen: (domain: readonly [number, number] | null, final: boolean) => void;
  private readonly brush: BrushBehavior<unknown>;
  private whole: readonly [number, number] = [0, 1];
  private width = 1;
  private moving = false;

  constructor(svg: SVGSVGElement, chosen: (domain: readonly [number, number] | null, final: boolean) => void) {
    this.svg = svg;
    this.chosen = chosen;
    this.brush = brushX<unknown>()
      .on('brush', (event: D3BrushEvent<unknown>) => this.heard(event, false))
      .on('end', (event: D3BrushEvent<unknown>) => this.heard(event, true));
  }

  draw(input: BrushInput): void {
    const { view, layout, theme, left } = input;
    const svg = select(this.svg).style('display', () => (layout.brush.show ? null : 'none'));
    if (!layout.brush.show) return;
    const height = layout.brush.height - 10;
    this.whole = view.domain;
    this.width = Math.max(1, input.width - left - 8);
    svg.attr('width', input.width).attr('height', layout.brush.height);
    const x = scaleUtc([new Date(view.domain[0]), new Date(view.domain[1])], [0, this.width]);
    const strip = child(this.svg, 'g', 'strip').attr('transform', `translate(${left},6)`);
    const node = strip.node() as SVGGElement;
    child(node, 'rect', 'ground')
      .attr('width', this.width)
      .attr('height', height)
      .attr('fill', theme.faint)
      .attr('fill-opacity', 0.45)
      .attr('rx', 2);
    const lines = view.panels
      .slice(0, 6)
      .map(({ series }) => linesOf(series, x, { height, fromZero: input.options.axes.fromZero }));
    const under = area<Dot>(
      (dot) => dot.x,
      height,
      (dot) => dot.y,
    ).digits(1);
    child(node, 'g', 'areas')
      .selectAll<SVGPathElement, readonly Dot[]>('path')
      .data(lines[0] ?? [])
      .join('path')
      .attr('d', (dots) => under(dots as Dot[]))
      .attr('fill', theme.band)
      .attr('fill-opacity', 0.14);
    child(node, 'g', 'ends')
      .selectAll('line')
      .data([0, this.width])
      .join('line')
      .attr('x1', (place) => place)
      .attr('x2', (place) => place)
      .attr('y1', height / 2 - 6)
      .attr('y2', height / 2 + 6)
      .attr('stroke', theme.muted)
      .attr('stroke-width', 3)
      .attr('stroke-linecap', 'round');
    child(node, 'g', 'lines')
      .selectAll('path')
      .data(lines.flat())
      .join('path')
      .attr('d', (dots) =>
        line<Dot>(
          (dot) => dot.x,
          (dot) => dot.y,
        ).digits(1)(dots as Dot[]),
      )
      .attr('fill', 'none')
      .attr('stroke', theme.muted)
      .attr('stroke-width', 0.75)
      .attr('stroke-opacity', 0.8);
    const alarms = view.panels.flatMap((panel) => panel.series.incidents);
    child(node, 'g', 'alarms')
      .selectAll('line')
      .data(alarms)
      .join('line')
      .attr('x1', (incident) => x(incident.startTime))
      .attr('x2', (incident) => x(incident.startTime))
      .attr('y1', height - 6)
      .attr('y2', height)
      .attr('stroke', (incident) => theme.severity[incident.severity])
      .attr('stroke-width', 2);
    this.brush.extent([
      [0, 0],
      [this.width, height],
    ]);
    this.moving = true;
    const brushed = child(node, 'g', 'brush');
    brushed.call(this.brush as never);
    const all = input.domain[0] <= view.domain[0] && input.domain[1] >= view.domain[1];
    const range = all ? null : [Math.max(0, x(input.domain[0])), Math.min(this.width, x(input.domain[1]))];
    brushed.call(this.brush.move as never, range as never);
    this.moving = false;
    select(node)
      .select('.brush .selection')
      .attr('fill', theme.band)
      .attr('fill-opacity', 0.18)
      .attr('stroke', theme.band);
  }

  private heard(event: D3BrushEvent<unknown>, final: boolean): void {
    if (this.moving || event.sourceEvent === null || event.sourceEvent === undefined) return;
    const range = event.selection as [number, number] | null;
    if (range === null || range[1] - range[0] < 4) {
      if (final) this.chosen(null, true);
      return;
    }
    const [from, to] = this.whole;
    const at = (place: number) => from + (place / this.width) * (to - from);
    this.chosen([at(range[0]), at(range[1])], final);
  }
}

interface Dot {
  readonly x: number;
  readonly y: number;
}

/** The line of one series on a scale of its own, broken where nothing is known. */
function linesOf(
  series: JudgedSeries,
  x: ScaleTime<number, number>,
  { height, fromZero }: { readonly height: number; readonly fromZero: boolean },
): (readonly Dot[])[] {
  const [from, to] = x.domain().map(Number) as [number, number];
  const coarse = rollUpStep(series.stepMs, Number(x.range()[1]) / (to - from));
  const points = coarse === null ? series.points : rollUpOf(series, coarse).points;
  let most = fromZero ? 0 : Number.NEGATIVE_INFINITY;
  let least = fromZero ? 0 : Number.POSITIVE_INFINITY;
  for (const { actual } of points) {
    if (actual === null) continue;
    if (actual > most) most = actual;
    if (actual < least) least = actual;
  }
  const [px, py] = [straight(x), straight(scaleLinear(least < most ? [least, most] : [0, most || 1], [height - 2, 3]))];
  const runs: Dot[][] = [];
  let run: Dot[] | null = null;
  for (const { time, actual } of points) {
    if (actual === null) run = null;
    else {
      if (run === null) {
        run = [];
        runs.push(run);
      }
      run.push({ x: px(time), y: py(actual) });
    }
  }
  return runs.map((dots) => thinLine(dots));
}

function child(parent: Element, tag: string, name: string) {
  const found = select(parent).select<SVGGElement>(`:scope > .${name}`);
  return found.empty() ? (select(parent).append(tag).attr('class', name) as unknown as typeof found) : found;
}
