import { SEVERITIES, type Severity } from '@tidemark/shared/vocabulary';
import { type SymbolType, symbol, symbolCircle, symbolCross, symbolDiamond, symbolSquare, symbolTriangle } from 'd3';
import { amountOf } from '../headline.ts';
import type { DrawnIncident, Point } from '../judged.ts';
import type { Options, Shape } from '../options.ts';
import { crossing, isDistant } from '../status.ts';
import { textWidth } from '../text-width.ts';
import { type Frame, layer } from './frame.ts';

const SYMBOLS: Record<Shape, SymbolType> = {
  triangle: symbolTriangle,
  diamond: symbolDiamond,
  circle: symbolCircle,
  square: symbolSquare,
  cross: symbolCross,
};

/** Outline of a severity's marker at the origin; a triangle points to the side the value left. */
export function markerPath(options: Options['severity'], severity: Severity, size: number): string {
  const shape = shapeOf(options, severity);
  return symbol(SYMBOLS[shape], size * size * 0.5)() ?? '';
}

/** The shape an author has given a severity. */
export function shapeOf(options: Options['severity'], severity: Severity): Shape {
  return options[`${severity}Shape`];
}

/** Markers on alarming buckets, told apart by shape as well as by colour, with words where there is room. */
export function drawAlarms(frame: Frame, colourOf: (point: Point, severity: Severity) => string): void {
  const { theme, options, px, py } = frame;
  const group = layer(frame.plot, 'alarms').style('pointer-events', 'none');
  const size = frame.tiny ? Math.min(8, options.severity.size) : options.severity.size;
  const alarming = thinAlarms(frame, size);
  const place = (point: Point) => `translate(${px(point.time).toFixed(2)},${py(point.actual as number).toFixed(2)})`;
  group
    .selectAll<SVGPathElement, Point>('path')
    .data(alarming, (point) => point.time)
    .join('path')
    .attr('class', (point) => `alarm ${point.severity} ${point.direction}`)
    .attr('transform', (point) => {
      const flipped = point.direction === 'low' && shapeOf(options.severity, point.severity as Severity) === 'triangle';
      return place(point) + (flipped ? ' rotate(180)' : '');
    })
    .attr('d', (point) => markerPath(options.severity, point.severity as Severity, size))
    .attr('fill', (point) => colourOf(point, point.severity as Severity))
    .attr('fill-opacity', (point) => (point.highlighted ? 1 : 0.35))
    .attr('stroke', theme.background)
    .attr('stroke-width', frame.tiny ? 0.75 : 1.25)
    .attr('paint-order', 'stroke');
  const wordColour = (point: Point, severity: Severity) => {
    const colour = colourOf(point, severity);
    return colour === theme.severity[severity] ? theme.severityWords[severity] : colour;
  };
  const labels = options.alarms.labels && !frame.tiny && frame.height >= 64 ? placeLabels(frame, alarming, size) : [];
  group
    .selectAll<SVGTextElement, Label>('text')
    .data(labels, ({ point }) => point.time)
    .join('text')
    .attr('x', ({ x }) => x)
    .attr('y', ({ y }) => y)
    .attr('text-anchor', 'middle')
    .attr('font-size', options.axes.fontSize)
    .attr('font-weight', 600)
    .attr('fill', ({ point }) => wordColour(point, point.severity as Severity))
    .attr('stroke', theme.background)
    .attr('stroke-width', 3)
    .attr('stroke-linejoin', 'round')
    .attr('paint-order', 'stroke')
    .text(({ point }) => labelOf(frame, point));
}

/** What the label of an alarm says: how far beyond the limit. */
function labelOf(frame: Frame, point: Point): string {
  const outside = crossing(point);
  return `${outside.direction === 'low' ? '−' : '+'}${amountOf(outside, frame.formats)}`;
}

/** Heights a label may have, the better first: clear of its incident's markers, on the side the value left; within the plot. */
function labelHeights(frame: Frame, point: Point, own: readonly Point[], size: number): number[] {
  const heights = [point, ...own].map(({ actual }) => frame.py(actual as number));
  const below = Math.max(...heights) + size / 2 + frame.options.axes.fontSize + 1;
  const above = Math.min(...heights) - size / 2 - 5;
  const { labelPlace } = frame.options.alarms;
  if (labelPlace !== 'auto') return [labelPlace === 'above' ? Math.max(10, above) : Math.min(frame.height - 1, below)];
  const fitting = [...(below > frame.height - 1 ? [] : [below]), ...(above < 10 ? [] : [above])];
  if (fitting.length === 0) return [point.direction === 'low' ? above : below];
  return point.direction === 'low' ? fitting : fitting.reverse();
}

interface Label {
  readonly point: Point;
  readonly x: number;
  readonly y: number;
  /** Half its width, in px. */
  readonly half: number;
}

/** Half the width of the air that a label and the markers beside it need, in px. */
const LABEL_REACH = 20;

/** One label an incident, at its worst; the worst and newest first, none over another. */
function placeLabels(frame: Frame, points: readonly Point[], size: number): Label[] {
  const kept: Label[] = [];
  const { incidents } = frame.panel.series;
  const said = new Set<DrawnIncident>();
  const running = runningSince(frame);
  const runs = (point: Point) => Number(point.time >= running);
  const depth = (point: Point) => crossing(point).share ?? 0;
  const told = points.filter((point) => isDistant(crossing(point)));
  const order = told.toSorted(
    (a, b) => runs(b) - runs(a) || rankOf(b) - rankOf(a) || depth(b) - depth(a) || b.time - a.time,
  );
  for (const point of order.slice(0, 200)) {
    const at = frame.px(point.time);
    if (at < 0 || at > frame.width) continue;
    const incident = incidents.find(({ startTime, endTime }) => point.time >= startTime && point.time < endTime);
    if (incident !== undefined && said.has(incident)) continue;
    const half = textWidth(labelOf(frame, point), frame.options.axes.fontSize, 600) / 2;
    const own = clamp(at, half - 2, endOf(frame, at) - half + 2);
    const near = points.filter((one) => Math.abs(frame.px(one.time) - own) < LABEL_REACH);
    const isOwn = ({ time }: Point) => incident !== undefined && time >= incident.startTime && time < incident.endTime;
    const heights = labelHeights(frame, point, near.filter(isOwn), size);
    // A label over the marker of another would be taken for that one's.
    const isOver = (one: Point, height: number) =>
      one !== point && Math.abs(frame.py(one.actual as number) - (height - 4)) < (size + 9) / 2;
    const isClear = (height: number) => !near.some((one) => isOver(one, height));
    const y = heights.find(isClear) ?? (runs(point) > 0 ? heights[0] : undefined);
    if (y === undefined) continue;
    const label = { point, x: own, y, half };
    const isFree = kept.every(
      (other) =>
        Math.abs(other.x - label.x) > Math.max(2 * LABEL_REACH + 2, other.half + half + 4) ||
        Math.abs(other.y - label.y) > frame.options.axes.fontSize + 2,
    );
    if (!isFree) continue;
    kept.push(label);
    if (incident !== undefined) said.add(incident);
    if (kept.length > 40) break;
  }
  return kept;
}

/** Where a label at a place has to end: before the line of now, at whose other side a word stands, or before the edge. */
function endOf({ panel, px, width }: Frame, at: number): number {
  const now = panel.now === null ? width : px(panel.now);
  return at < now && now < width ? now - 4 : width;
}

function rankOf(point: Point): number {
  return SEVERITIES.indexOf(point.severity as Severity);
}

/** Markers that do not smear into one another: of those closer than a marker's width, the worst. */
function thinAlarms(frame: Frame, size: number): Point[] {
  // A line goes on beyond the edge, a marker does not.
  const isInPlot = ({ time }: Point) => frame.px(time) >= -0.5 && frame.px(time) <= frame.width + 0.5;
  const alarming = frame.points.filter((one) => one.severity !== null && one.actual !== null && isInPlot(one));
  const [begin, end] = frame.x.domain().map(Number) as [number, number];
  const apart = (frame.width * frame.panel.series.stepMs) / (end - begin);
  if (apart >= 0.75 * size) return alarming;
  const running = runningSince(frame);
  const kept: Point[] = [];
  let from = Number.NEGATIVE_INFINITY;
  for (const point of alarming) {
    // What alarms now is all there.
    if (point.time >= running) {
      kept.push(point);
      continue;
    }
    const at = frame.px(point.time);
    if (at - from >= size) {
      kept.push(point);
      from = at;
    } else if (isWorse(point, kept.at(-1) as Point)) kept[kept.length - 1] = point;
  }
  return kept;
}

/** Start of the alarm that runs now; Infinity without one. */
function runningSince({ panel: { status } }: Frame): number {
  return status.kind === 'alarm' ? status.since : Number.POSITIVE_INFINITY;
}

function isWorse(one: Point, other: Point): boolean {
  const bySeverity = rankOf(one) - rankOf(other);
  return (bySeverity || (crossing(one).share ?? 0) - (crossing(other).share ?? 0)) > 0;
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
