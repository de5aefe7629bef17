import { bisector } from 'd3';
import type { Point } from './judged.ts';
import type { Options } from './options.ts';
import type { Panel } from './view-model.ts';

const byTime = bisector<Point, number>((point) => point.time);

/** Share of the height that limits below zero may lose where nothing else is below zero. */
const SLIGHT = 0.15;
const AIR = 0.05;

/** Points in view, with one more at each side so that lines leave the picture instead of ending in it. */
export function visible(points: readonly Point[], [from, to]: readonly [number, number]): readonly Point[] {
  const first = Math.max(0, byTime.left(points as Point[], from) - 1);
  const last = Math.min(points.length, byTime.right(points as Point[], to) + 1);
  return first === 0 && last === points.length ? points : points.slice(first, last);
}

/**
 * Lowest and highest value of the axis: what is in view and a little air, never rounded to whole ticks, which would
 * waste the plot. Where volumes are all above zero, a limit that dips slightly below ends at the zero line.
 * @param plot its height in px, and whether names of days stand at its upper edge
 */
export function valueDomain(
  panels: readonly Panel[],
  domain: readonly [number, number],
  options: Options,
  plot: { readonly height: number; readonly hasNames: boolean },
): readonly [number, number] {
  const { axes, band, reference } = options;
  const found = extremesOf(panels, domain, options.lines.forecast);
  const seen = {
    low: Math.min(found.low, axes.fromZero ? 0 : Number.POSITIVE_INFINITY),
    high: Math.max(found.high, axes.fromZero ? 0 : Number.NEGATIVE_INFINITY),
  };
  const include = (value: number | null) => {
    if (value === null) return;
    if (value < seen.low) seen.low = value;
    if (value > seen.high) seen.high = value;
  };
  const grounded = seen.low >= 0;
  if (band.show) for (const limit of limitsWithin(found, seen.low, seen.high)) include(limit);
  const slight = grounded && seen.low < 0 && seen.low >= -SLIGHT * seen.high;
  if (slight) seen.low = 0;
  if (reference.show) include(reference.value);
  for (const value of referencesIn(panels, domain)) include(value);
  const [low, high] = spread(seen.low, seen.high);
  const air = (high - low) * AIR;
  const isRefused = axes.minimum !== null && axes.maximum !== null && axes.minimum >= axes.maximum;
  const bottom = (isRefused ? null : axes.minimum) ?? (low === 0 && grounded ? 0 : low - air);
  const top =
    (isRefused ? null : axes.maximum) ??
    Math.max(high + air, labelTop(found.spike, bottom, plot.height, roomAbove(axes, plot)));
  return bottom < top ? [bottom, top] : [bottom, bottom + 1];
}

/** Room above a spike for its marker and its label, and for the names of days above them, in px. */
function roomAbove({ fontSize }: Options['axes'], { hasNames }: { readonly hasNames: boolean }): number {
  return 16 + fontSize + (hasNames ? fontSize + 2 : 0);
}

/** Top of an axis that leaves room for the words over the highest spike. */
function labelTop(spike: number, bottom: number, height: number, room: number): number {
  const share = height < 3 * room ? 0 : room / height;
  return (spike - share * bottom) / (1 - share);
}

/** What the points in view reach; ±Infinity where there is none. */
interface Extremes {
  /** Of what happened and, where it is drawn, of what was expected. */
  low: number;
  high: number;
  lowestLimit: number;
  highestLimit: number;
  /** The highest alarm above a maximum. */
  spike: number;
}

/** The extremes of all panels, from one look at each point. */
function extremesOf(panels: readonly Panel[], domain: readonly [number, number], forecasts: boolean): Extremes {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [lowestLimit, highestLimit, spike] = [low, high, high];
  for (const { series } of panels) {
    for (const { actual, forecast, lower, upper, severity, direction } of visible(series.points, domain)) {
      if (actual !== null) {
        if (actual < low) low = actual;
        if (actual > high) high = actual;
        if (severity !== null && direction === 'high' && actual > spike) spike = actual;
      }
      if (forecasts && forecast !== null) {
        if (forecast < low) low = forecast;
        if (forecast > high) high = forecast;
      }
      if (lower !== null && lower < lowestLimit) lowestLimit = lower;
      if (upper !== null && upper > highestLimit) highestLimit = upper;
    }
  }
  return { low, high, lowestLimit, highestLimit, spike };
}

/** Limits far from everything that happens may leave the picture: the line keeps at least half of it. */
function limitsWithin({ lowestLimit, highestLimit }: Extremes, low: number, high: number): [number, number] {
  const lowest = Math.min(low, lowestLimit);
  const highest = Math.max(high, highestLimit);
  const need = low <= high ? high - low : 0;
  return need === 0 ? [lowest, highest] : [Math.max(lowest, low - 0.4 * need), Math.min(highest, high + 0.6 * need)];
}

/** Values of the lines from measures in view. */
function referencesIn(panels: readonly Panel[], [from, to]: readonly [number, number]): (number | null)[] {
  return panels.flatMap(({ references, series: { points } }) =>
    references.flatMap(({ constant, values }) =>
      constant !== null
        ? [constant]
        : values.filter((_, k) => {
            const time = points[k]?.time;
            return time !== undefined && time >= from && time <= to;
          }),
    ),
  );
}

/** A domain of some length, whatever was seen. */
function spread(low: number, high: number): [number, number] {
  if (!(low <= high)) return [0, 1];
  if (low < high) return [low, high];
  return low === 0 ? [0, 1] : [Math.min(low, low * 0.5, low * 1.5), Math.max(low, low * 0.5, low * 1.5)];
}
