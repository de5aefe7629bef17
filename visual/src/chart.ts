import { bisector, scaleLinear, scaleUtc, select } from 'd3';
import type { Formats } from './format.ts';
import { statusWords } from './headline.ts';
import type { Point } from './judged.ts';
import type { Layout } from './layout.ts';
import { drawAlarms } from './marks/alarm.ts';
import { drawTimeAxis, drawValueAxis } from './marks/axis.ts';
import { drawBand } from './marks/band.ts';
import { drawDeviation } from './marks/deviation.ts';
import { type Frame, type Group, layer, straight } from './marks/frame.ts';
import { signPath, statusColour } from './marks/header.ts';
import { BRACKET_ROOM, drawIncidents } from './marks/incident.ts';
import { drawActual, drawForecast } from './marks/line.ts';
import { drawMaintenance } from './marks/maintenance.ts';
import { drawNow } from './marks/now.ts';
import { drawReference } from './marks/reference.ts';
import { drawSilence } from './marks/silence.ts';
import type { Options } from './options.ts';
import type { Theme } from './theme.ts';
import type { Panel, ViewModel } from './view-model.ts';
import type { Say } from './words.ts';

/** What the chart is drawn from. */
export interface ChartInput {
  readonly view: ViewModel;
  /** Visible time. */
  readonly domain: readonly [number, number];
  readonly layout: Layout;
  readonly theme: Theme;
  readonly options: Options;
  readonly formats: Formats;
  readonly say: Say;
  /** Colour of an alarm, where a rule of the author's may speak. */
  readonly colourOf: (panel: Panel, point: Point) => string | null;
  /** Identifier of the hatch pattern, unique on the page. */
  readonly hatch: string;
}

/** A panel as drawn, with what pointing at it needs. */
export interface DrawnPanel {
  readonly frame: Frame;
  readonly node: SVGGElement;
  /** Left and top of the plot within the chart, in px. */
  readonly left: number;
  readonly top: number;
}

const byTime = bisector<Point, number>((point) => point.time);

/** Draws every panel; panels keep their elements from one update to the next. */
export function drawChart(svg: SVGSVGElement, input: ChartInput): DrawnPanel[] {
  const { view, layout, theme } = input;
  select(svg)
    .attr('width', layout.panel.width * layout.columns)
    .attr('height', layout.chartHeight);
  drawHatch(svg, input.hatch, theme);
  const shared = input.options.multiples.sharedScale ? valueDomain(view.panels, input) : null;
  const nodes = select(svg)
    .selectAll<SVGGElement, Panel>('g.panel')
    .data(view.panels, (panel) => panel.series.group)
    .join((enter) => enter.append('g').attr('class', 'panel').attr('tabindex', 0).attr('role', 'img'))
    .order();
  return nodes.nodes().map((node, k) => drawPanel(node, view.panels[k] as Panel, k, input, shared));
}

function drawPanel(
  node: SVGGElement,
  panel: Panel,
  position: number,
  input: ChartInput,
  shared: readonly [number, number] | null,
): DrawnPanel {
  const { layout, options, formats, theme, say, view } = input;
  const several = view.panels.length > 1;
  const { tiny } = layout;
  const points = visible(panel.series.points, input.domain);
  const [low, high] = shared ?? valueDomain([panel], input);
  const title = several && !tiny ? 20 : 0;
  const anyBracket = view.panels.some((one) => one.series.incidents.some((incident) => incident.buckets > 1));
  const brackets = options.alarms.brackets && layout.panel.height >= 130;
  const bracket = !tiny && brackets && anyBracket ? BRACKET_ROOM : 0;
  // Panels below one another share their time: words under the lowest of each column are enough.
  const lowest = position + layout.columns >= view.panels.length;
  const gutter = several ? 10 : 0;
  const column = position % layout.columns;
  const boxTop = Math.floor(position / layout.columns) * layout.panel.height;
  const top = title + bracket + (tiny ? 2 : options.axes.title !== '' && bracket === 0 ? 16 : 7);
  const height = Math.max(1, layout.panel.height - top - (several ? 6 : 2));
  const y = scaleLinear([low, high], [height, 0]);
  if (options.axes.minimum === null && options.axes.maximum === null && !tiny)
    y.nice(Math.max(2, Math.floor(height / 44)));
  const left = tiny || !options.axes.y ? 2 : labelRoom(y.ticks(6), formats, options.axes.fontSize);
  const width = Math.max(1, layout.panel.width - left - gutter - (tiny ? 2 : 8));
  const x = scaleUtc([new Date(input.domain[0]), new Date(input.domain[1])], [0, width]);
  const boxLeft = column * layout.panel.width;
  select(node).attr('transform', `translate(${boxLeft},${boxTop})`);
  const clip = `${input.hatch}-clip-${panel.series.group}`;
  const inside = plotGroup(node, clip, left, top, width, height);
  const frame: Frame = {
    plot: inside.clipped,
    panel,
    points,
    x,
    y,
    px: straight(x),
    py: straight(y),
    width,
    height,
    tiny,
    theme,
    options,
    formats,
    say,
  };
  const open: Frame = { ...frame, plot: inside.open };
  drawTitle(node, panel, input, several && !tiny, left);
  drawValueAxis({ ...frame, plot: inside.behind });
  drawTimeAxis({ ...frame, plot: inside.behind }, layout.axis > 0 && lowest);
  drawSilence(frame);
  drawMaintenance(frame, view.windows, input.hatch);
  drawBand(frame);
  drawDeviation(frame);
  drawForecast(frame);
  drawActual(frame);
  drawReference(frame);
  drawNow(frame);
  drawAlarms(open, (point, severity) => input.colourOf(panel, point) ?? theme.severity[severity]);
  drawIncidents({ ...frame, plot: inside.open }, brackets);
  return { frame, node, left: boxLeft + left, top: boxTop + top };
}

interface PlotGroups {
  /** Axes, behind everything. */
  readonly behind: Group;
  /** Marks that end at the plot's edges. */
  readonly clipped: Group;
  /** Marks that may reach over them. */
  readonly open: Group;
}

function plotGroup(
  node: SVGGElement,
  clip: string,
  left: number,
  top: number,
  width: number,
  height: number,
): PlotGroups {
  const group = select(node) as unknown as Group;
  const place = `translate(${left},${top})`;
  const behind = layer(group, 'behind').attr('transform', place);
  const clipped = layer(group, 'plot').attr('transform', place).attr('clip-path', `url(#${clip})`);
  const open = layer(group, 'over').attr('transform', place);
  let path = group.select<SVGClipPathElement>(':scope > clipPath');
  if (path.empty()) {
    path = group.append('clipPath') as never;
    path.append('rect');
  }
  path
    .attr('id', clip)
    .select('rect')
    .attr('y', -2)
    .attr('width', width)
    .attr('height', height + 4);
  return { behind, clipped, open };
}

function drawTitle(node: SVGGElement, panel: Panel, input: ChartInput, shown: boolean, left: number): void {
  const { theme, formats, say, options, layout } = input;
  const group = layer(select(node) as unknown as Group, 'title').style('pointer-events', 'none');
  const { word, detail } = statusWords(panel, formats, say);
  const sign = signPath(panel.status, options, 12);
  const colour = statusColour(panel.status, theme);
  const flipped =
    panel.status.kind === 'alarm' &&
    panel.status.direction === 'low' &&
    options.severity[`${panel.status.severity}Shape`] === 'triangle';
  const titles = shown ? [panel] : [];
  const room = Math.floor((layout.panel.width - left - 24) / 6.4);
  const quiet = panel.status.kind === 'ok' ? '' : ` ${detail}`;
  group.attr('transform', `translate(${left},14)`);
  group
    .selectAll<SVGPathElement, Panel>('path')
    .data(titles)
    .join('path')
    .attr('transform', `translate(6,-4)${flipped ? ' rotate(180)' : ''}`)
    .attr('d', sign.path)
    .attr('fill', sign.filled ? colour : 'none')
    .attr('stroke', sign.filled ? 'none' : colour)
    .attr('stroke-width', 1.75)
    .attr('stroke-linecap', 'round');
  const text = group
    .selectAll<SVGTextElement, Panel>('text')
    .data(titles)
    .join('text')
    .attr('x', 17)
    .attr('font-size', 12);
  text
    .selectAll<SVGTSpanElement, { words: string; bold: boolean; colour: string }>('tspan')
    .data([
      { words: panel.series.name, bold: true, colour: theme.foreground },
      { words: clip(` ${word}${quiet}`, room - panel.series.name.length), bold: false, colour },
    ])
    .join('tspan')
    .attr('font-weight', (part) => (part.bold ? 600 : 400))
    .attr('fill', (part) => part.colour)
    .text((part) => part.words)
    .attr('xml:space', 'preserve');
}

function clip(words: string, room: number): string {
  return words.length <= room ? words : room > 4 ? `${words.slice(0, room - 1).trimEnd()}…` : '';
}

/** Points in view, with one more at each side so that lines leave the picture instead of ending in it. */
export function visible(points: readonly Point[], [from, to]: readonly [number, number]): readonly Point[] {
  const first = Math.max(0, byTime.left(points as Point[], from) - 1);
  const last = Math.min(points.length, byTime.right(points as Point[], to) + 1);
  return first === 0 && last === points.length ? points : points.slice(first, last);
}

/** Lowest and highest value in view, with a little air above. */
function valueDomain(panels: readonly Panel[], { domain, options }: ChartInput): readonly [number, number] {
  const { axes, band, lines, reference } = options;
  let low = axes.fromZero ? 0 : Number.POSITIVE_INFINITY;
  let high = axes.fromZero ? 0 : Number.NEGATIVE_INFINITY;
  const include = (value: number | null) => {
    if (value === null) return;
    if (value < low) low = value;
    if (value > high) high = value;
  };
  for (const { series } of panels) {
    for (const point of visible(series.points, domain)) {
      include(point.actual);
      if (lines.forecast) include(point.forecast);
    }
  }
  if (band.show) {
    // Limits far from everything that happens may leave the picture: the line keeps at least half of it.
    const need = low <= high ? high - low : 0;
    let lowest = low;
    let highest = high;
    for (const { series } of panels) {
      for (const { lower, upper } of visible(series.points, domain)) {
        if (lower !== null && lower < lowest) lowest = lower;
        if (upper !== null && upper > highest) highest = upper;
      }
    }
    const open = need === 0;
    include(open ? lowest : Math.max(lowest, low - 0.4 * need));
    include(open ? highest : Math.min(highest, high + 0.6 * need));
  }
  if (reference.show) include(reference.value);
  if (!(low <= high)) [low, high] = [0, 1];
  if (low === high)
    [low, high] = low === 0 ? [0, 1] : [Math.min(low, low * 0.5, low * 1.5), Math.max(low, low * 0.5, low * 1.5)];
  const air = (high - low) * 0.05;
  const bottom = axes.minimum ?? (low < 0 || !axes.fromZero ? low - air : low);
  const top = axes.maximum ?? high + air;
  return bottom < top ? [bottom, top] : [bottom, bottom + 1];
}

/** Room for the widest word of the value axis. */
function labelRoom(ticks: readonly number[], formats: Formats, fontSize: number): number {
  const longest = Math.max(1, ...ticks.map((tick) => formats.short(tick).length));
  return Math.ceil(longest * fontSize * 0.6) + 12;
}

function drawHatch(svg: SVGSVGElement, id: string, theme: Theme): void {
  let pattern = select(svg).select<SVGPatternElement>(':scope > defs > pattern');
  if (pattern.empty()) {
    pattern = select(svg).append('defs').append('pattern') as never;
    pattern
      .attr('width', 6)
      .attr('height', 6)
      .attr('patternUnits', 'userSpaceOnUse')
      .attr('patternTransform', 'rotate(45)');
    pattern.append('rect').attr('width', 2).attr('height', 6);
  }
  pattern.attr('id', id).select('rect').attr('fill', theme.maintenance).attr('fill-opacity', 0.28);
}
