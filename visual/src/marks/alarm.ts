import type { Severity } from '@tidemark/shared';
import { SEVERITIES } from '@tidemark/shared';
import { type SymbolType, symbol, symbolCircle, symbolCross, symbolDiamond, symbolSquare, symbolTriangle } from 'd3';
import type { Point } from '../judged.ts';
import type { Options, Shape } from '../options.ts';
import { crossing } from '../status.ts';
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
  return { critical: options.criticalShape, warning: options.warningShape, info: options.infoShape }[severity];
}

/** Markers on alarming buckets, told apart by shape as well as by colour, with words where there is room. */
export function drawAlarms(frame: Frame, colourOf: (point: Point, severity: Severity) => string): void {
  const { theme, options, px: x, py: y } = frame;
  const group = layer(frame.plot, 'alarms').style('pointer-events', 'none');
  const alarming = thinAlarms(frame);
  const size = frame.tiny ? Math.min(8, options.severity.size) : options.severity.size;
  const place = (point: Point) => `translate(${x(point.time).toFixed(2)},${y(point.actual as number).toFixed(2)})`;
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
  const labelled = options.alarms.labels && !frame.tiny && frame.height >= 64 ? roomFor(frame, alarming) : [];
  group
    .selectAll<SVGTextElement, Point>('text')
    .data(labelled, (point) => point.time)
    .join('text')
    .attr('x', (point) => clamp(x(point.time), 16, frame.width - 16))
    .attr('y', (point) => labelHeight(frame, point, size))
    .attr('text-anchor', 'middle')
    .attr('font-size', options.axes.fontSize)
    .attr('font-weight', 600)
    .attr('fill', (point) => colourOf(point, point.severity as Severity))
    .attr('stroke', theme.background)
    .attr('stroke-width', 3)
    .attr('stroke-linejoin', 'round')
    .attr('paint-order', 'stroke')
    .text((point) => labelOf(frame, point));
}

/** What the label of an alarm says: how far beyond the limit. */
function labelOf(frame: Frame, point: Point): string {
  const { share, distance, direction } = crossing(point);
  const sign = direction === 'low' ? '−' : '+';
  return sign + (share === null || share > 9.99 ? frame.formats.short(distance) : frame.formats.percent(share));
}

function labelHeight(frame: Frame, point: Point, size: number): number {
  const at = frame.py(point.actual as number);
  const below = at + size / 2 + 12;
  const above = at - size / 2 - 5;
  if (point.direction === 'low') return below > frame.height - 1 ? above : below;
  return above < 10 ? below : above;
}

/** Labels for the worst and newest first, none over another. */
function roomFor(frame: Frame, points: readonly Point[]): Point[] {
  const kept: Point[] = [];
  const rank = (point: Point) => SEVERITIES.indexOf(point.severity as Severity);
  const depth = (point: Point) => crossing(point).share ?? 0;
  const order = points.toSorted((a, b) => rank(b) - rank(a) || depth(b) - depth(a) || b.time - a.time);
  for (const point of order) {
    const at = frame.px(point.time);
    if (at < 0 || at > frame.width) continue;
    if (kept.every((other) => Math.abs(frame.px(other.time) - at) > 44)) kept.push(point);
    if (kept.length > 40) break;
  }
  return kept;
}

/** Where alarms crowd, the worst of every two pixels. */
function thinAlarms(frame: Frame): Point[] {
  const alarming = frame.points.filter((point) => point.severity !== null && point.actual !== null);
  if (alarming.length < 200) return alarming;
  const worst = new Map<number, Point>();
  for (const point of alarming) {
    const column = Math.floor(frame.px(point.time) / 3);
    const known = worst.get(column);
    const rank = (one: Point) => SEVERITIES.indexOf(one.severity as Severity);
    if (known === undefined || rank(point) > rank(known)) worst.set(column, point);
  }
  return [...worst.values()];
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
