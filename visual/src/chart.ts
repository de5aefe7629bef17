import { nameInText } from '@tidemark/shared/contract/name-in-text';
import { type ScaleLinear, scaleLinear, scaleUtc, select } from 'd3';
import type { Formats } from './format.ts';
import { statusWords } from './headline.ts';
import type { Point } from './judged.ts';
import type { Layout } from './layout.ts';
import { maintenanceIn } from './maintenance.ts';
import { drawAlarms } from './marks/alarm.ts';
import { drawTimeAxis, drawValueAxis, valueTicks } from './marks/axis.ts';
import { drawBand } from './marks/band.ts';
import { drawDeviation } from './marks/deviation.ts';
import { drawEnvelope } from './marks/envelope.ts';
import { drawEvents } from './marks/events.ts';
import { drawFlags } from './marks/flags.ts';
import { type Frame, type Group, layer, straight } from './marks/frame.ts';
import { drawGhost } from './marks/ghost.ts';
import { bracketRoom, drawIncidents } from './marks/incident.ts';
import { drawLearning } from './marks/learning.ts';
import { drawActual, drawForecast } from './marks/line.ts';
import { drawMaintenance } from './marks/maintenance.ts';
import { drawNow } from './marks/now.ts';
import { drawOpen } from './marks/open.ts';
import { drawReferences } from './marks/reference.ts';
import { signPath, statusColour } from './marks/sign.ts';
import { drawSilence } from './marks/silence.ts';
import { drawStrip, STRIP_ROOM } from './marks/strip.ts';
import { drawWeekends } from './marks/weekends.ts';
import type { Options } from './options.ts';
import { type RollUp, rollUpOf, rollUpStep } from './rollup.ts';
import { fitText, textWidth } from './text-width.ts';
import type { Theme } from './theme.ts';
import { valueDomain, visible } from './value-domain.ts';
import type { Panel, ViewModel } from './view-model.ts';
import type { Translate } from './words.ts';

/** What the chart is drawn from. */
export interface ChartInput {
  readonly view: ViewModel;
  /** Visible time. */
  readonly domain: readonly [number, number];
  readonly layout: Layout;
  readonly theme: Theme;
  readonly options: Options;
  readonly formats: Formats;
  readonly translate: Translate;
  /** Colour of an alarm, where a rule of the author's may speak. */
  readonly colourOf: (panel: Panel, point: Point) => string | null;
  /** What a well says of a bucket; `null` where it says nothing, or where nothing is bound to it. */
  readonly noteOf: ((panel: Panel, point: Point) => string | null) | null;
  /** Identifier of the hatch pattern, unique on the page. */
  readonly hatch: string;
  /** Name of the zone the times are in; `null` where it is the reader's own. */
  readonly zone: string | null;
}

/** A panel as drawn, with what pointing at it needs. */
export interface DrawnPanel {
  readonly frame: Frame;
  readonly node: SVGGElement;
  /** Left and top of the plot within the chart, in px. */
  readonly left: number;
  readonly top: number;
  /** Length of the stretches its lines are drawn by; `null` where each bucket is. */
  readonly rolledMs: number | null;
}

/** Draws every panel; panels keep their elements from one update to the next. */
export function drawChart(svg: SVGSVGElement, input: ChartInput): DrawnPanel[] {
  const { view, layout, theme } = input;
  select(svg)
    .attr('width', layout.panel.width * layout.columns)
    .attr('height', layout.chartHeight);
  drawHatch(svg, input.hatch, theme);
  const { options, domain } = input;
  const plots = view.panels.map((_, k) => plotOf(input, Math.floor(k / layout.columns)));
  const lowest = Math.min(...plots.map(({ height }) => height));
  const hasNames = !layout.tiny && view.events.some(({ from, to }) => to > domain[0] && from < domain[1]);
  const shared = options.multiples.sharedScale
    ? valueDomain(view.panels, domain, options, { height: lowest, hasNames })
    : null;
  const scales = view.panels.map((panel, k) => {
    const { height } = plots[k] as Plot;
    return {
      y: scaleLinear(shared ?? valueDomain([panel], domain, options, { height, hasNames }), [height, 0]),
      height,
    };
  });
  // One room for all: panels below one another share their time, to the pixel.
  const rooms = scales.map(({ y, height }) =>
    labelRoom(valueTicks({ y, height, options }), input.formats, options.axes.fontSize),
  );
  const left = layout.tiny || !options.axes.y ? 2 : Math.max(...rooms);
  const nodes = select(svg)
    .selectAll<SVGGElement, Panel>('g.panel')
    .data(view.panels, (panel) => panel.series.group)
    .join((enter) => enter.append('g').attr('class', 'panel').attr('tabindex', 0).attr('role', 'img'))
    .order();
  return nodes.nodes().map((node, k) =>
    drawPanel(node, k, input, {
      ...(scales[k] as { y: ScaleLinear<number, number>; height: number }),
      left,
      top: (plots[k] as Plot).top,
      bracket: (plots[k] as Plot).bracket,
    }),
  );
}

/** Where a plot lies within its panel from top to bottom, in px. */
interface Plot {
  readonly top: number;
  /** Room of the brackets above it. */
  readonly bracket: number;
  readonly height: number;
}

/** Where the plot lies within its panel, in px. */
interface Place extends Plot {
  readonly left: number;
}

/** Top and height of the plots in a row: the same in all of its panels. */
function plotOf({ layout, options, view, domain }: ChartInput, row: number): Plot {
  const several = view.panels.length > 1;
  const title = several && !layout.tiny ? 20 : 0;
  const inRow = view.panels.slice(row * layout.columns, (row + 1) * layout.columns);
  const anyBracket = inRow.some((one) =>
    one.series.incidents.some(
      ({ buckets, startTime, endTime }) => buckets > 1 && endTime > domain[0] && startTime < domain[1],
    ),
  );
  const bracket = !layout.tiny && hasBrackets(layout, options) && anyBracket ? bracketRoom(options) : 0;
  const strip = hasStrip(layout, options) ? STRIP_ROOM : 0;
  const top = title + strip + bracket + (layout.tiny ? 2 : options.axes.title !== '' && bracket === 0 ? 16 : 7);
  return { top, bracket, height: Math.max(1, layout.panel.height - top - (several ? 6 : 2)) };
}

function hasStrip(layout: Layout, options: Options): boolean {
  return options.band.strip && !layout.tiny && layout.panel.height >= 160;
}

function hasBrackets(layout: Layout, options: Options): boolean {
  return options.alarms.brackets && layout.panel.height >= 130;
}

function drawPanel(
  node: SVGGElement,
  position: number,
  input: ChartInput,
  place: Place & { readonly y: ScaleLinear<number, number> },
): DrawnPanel {
  const { layout, options, formats, theme, translate, view } = input;
  const panel = view.panels[position] as Panel;
  const several = view.panels.length > 1;
  const { tiny } = layout;
  const points = visible(panel.series.points, input.domain);
  // Panels below one another share their time: words under the lowest of each column are enough.
  const lowest = position + layout.columns >= view.panels.length;
  const column = position % layout.columns;
  const boxTop = Math.floor(position / layout.columns) * layout.panel.height;
  const { left, top, height, y } = place;
  const width = Math.max(1, layout.panel.width - left - (several ? 10 : 0) - (tiny ? 2 : 8));
  const x = scaleUtc([new Date(input.domain[0]), new Date(input.domain[1])], [0, width]);
  const boxLeft = column * layout.panel.width;
  select(node).attr('transform', `translate(${boxLeft},${boxTop})`);
  const clip = `${input.hatch}-clip-${panel.series.group}`;
  const inside = plotGroup(node, clip, { left, top, width, height });
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
    translate,
  };
  const open: Frame = { ...frame, plot: inside.open };
  drawTitle(node, panel, input, left);
  drawValueAxis({ ...frame, plot: inside.behind });
  drawTimeAxis({ ...frame, plot: inside.behind }, layout.axis > 0 && lowest, { zone: input.zone, room: left - 6 });
  drawWeekends(frame);
  drawEvents(frame, view.events);
  drawSilence(frame);
  drawLearning(frame);
  drawMaintenance(frame, [...view.windows, ...maintenanceIn(panel.series)], input.hatch);
  const coarse = rollUpStep(panel.series.stepMs, width / (input.domain[1] - input.domain[0]));
  const rolled = coarse === null ? null : rollUpOf(panel.series, coarse);
  const lines = rolled === null ? frame : withPoints(frame, rolled);
  drawBand(lines);
  drawEnvelope(frame, rolled);
  drawDeviation(rolled === null ? frame : { ...frame, points: [] });
  drawGhost(frame, rolled === null);
  drawForecast(lines);
  drawActual(lines);
  drawOpen(frame);
  drawReferences(frame);
  drawNow(frame);
  const { noteOf } = input;
  drawFlags(frame, noteOf === null ? null : (point) => noteOf(panel, point));
  drawAlarms(open, (point, severity) => input.colourOf(panel, point) ?? theme.severity[severity]);
  drawStrip(open, rolled === null && hasStrip(layout, options), place.bracket);
  drawIncidents(open, hasBrackets(layout, options));
  return { frame, node, left: boxLeft + left, top: boxTop + top, rolledMs: coarse };
}

/** A frame whose lines are drawn by day or week. */
function withPoints(frame: Frame, { points, stepMs }: RollUp): Frame {
  const { panel } = frame;
  const [from, to] = frame.x.domain().map(Number) as [number, number];
  return { ...frame, points: visible(points, [from, to]), panel: { ...panel, series: { ...panel.series, stepMs } } };
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
  { left, top, width, height }: Pick<Place, 'left' | 'top' | 'height'> & { readonly width: number },
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

/** The name of a panel and its status, where there are several. */
function drawTitle(node: SVGGElement, panel: Panel, input: ChartInput, left: number): void {
  const { theme, formats, translate, options, layout, view } = input;
  const shown = view.panels.length > 1 && !layout.tiny;
  const group = layer(select(node) as unknown as Group, 'title').style('pointer-events', 'none');
  const sign = signPath(panel.status, options, 12);
  const colour = statusColour(panel.status, theme);
  const flipped =
    panel.status.kind === 'alarm' &&
    panel.status.direction === 'low' &&
    options.severity[`${panel.status.severity}Shape`] === 'triangle';
  const titles = shown ? [panel] : [];
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
  const room = layout.panel.width - left - 27;
  // The status is worth more than the end of a long name.
  const status = shown ? titleStatus(panel, formats, translate, 0.6 * room) : '';
  const name = fitText(panel.series.name, room - textWidth(` ${status}`, TITLE_SIZE), TITLE_SIZE, 600);
  const text = group
    .selectAll<SVGTextElement, Panel>('text')
    .data(titles)
    .join('text')
    .attr('x', 17)
    .attr('font-size', TITLE_SIZE);
  text
    .selectAll<SVGTSpanElement, { words: string; bold: boolean; colour: string }>('tspan')
    .data([
      { words: nameInText(name), bold: true, colour: theme.foreground },
      {
        words: ` ${titleStatus(panel, formats, translate, room - textWidth(`${name} `, TITLE_SIZE, 600))}`,
        bold: false,
        colour,
      },
    ])
    .join('tspan')
    .attr('font-weight', (part) => (part.bold ? 600 : 400))
    .attr('fill', (part) => part.colour)
    .text((part) => part.words)
    .attr('xml:space', 'preserve');
  text.selectAll('title').data(titles).join('title').text(panel.series.name);
}

const TITLE_SIZE = 12;

/** As much of a status as there is room for, in px; never half a sentence. */
function titleStatus(panel: Panel, formats: Formats, translate: Translate, room: number): string {
  const { word, details } = statusWords(panel, formats, translate);
  const isOk = panel.status.kind === 'ok';
  const loud = isOk ? [] : [...details.map((detail) => `${word} ${detail}`.trim()), ...details];
  return [...loud, word].find((words) => words !== '' && textWidth(words, TITLE_SIZE) <= room) ?? '';
}

/** Room for the widest word of the value axis. */
function labelRoom(ticks: readonly number[], formats: Formats, fontSize: number): number {
  const words = ticks.map(formats.axis(ticks));
  return Math.ceil(Math.max(fontSize, ...words.map((word) => textWidth(word, fontSize)))) + 12;
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
