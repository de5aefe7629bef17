import { type ScaleLinear, scaleLinear } from 'd3-scale';
import { area, line } from 'd3-shape';
import { short } from './svg.ts';

/** Sizes of a chart in SVG units; the plot lies within the edges. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly edge: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number };
}

/** The scales of a chart and its shapes over rows, as SVG. */
export interface Plot<Row> {
  readonly x: ScaleLinear<number, number>;
  readonly y: ScaleLinear<number, number>;
  /** An area between two values of each row. */
  band(lower: (row: Row) => number, upper: (row: Row) => number): string;
  /** A line of one class through a value of each row, broken where there is none. */
  line(name: string, value: (row: Row) => number): string;
  /** A circle of class `miss`. */
  mark(row: Row, value: number, radius: number): string;
  /** Horizontal lines at about `count` round values, labelled on the left. */
  grid(count: number): string;
}

/** A plot of rows by their place `at`, from the lowest to the highest value. */
export function plotOf<Row extends { readonly at: number }>(
  rows: readonly Row[],
  { width, height, edge }: Frame,
  [from, to]: readonly [number, number],
  [low, high]: readonly [number, number],
): Plot<Row> {
  const x = scaleLinear([from, to], [edge.left, width - edge.right]);
  const y = scaleLinear([low, high], [height - edge.bottom, edge.top]);
  const xOf = ({ at }: Row) => x(at);
  return {
    x,
    y,
    band(lower, upper) {
      const shape = area<Row>(
        xOf,
        (row) => y(lower(row)),
        (row) => y(upper(row)),
      ).digits(1);
      return `<path class="band" d="${shape(rows) ?? ''}"/>`;
    },
    line(name, value) {
      const shape = line<Row>(xOf, (row) => y(value(row)))
        .defined((row) => Number.isFinite(value(row)))
        .digits(1);
      return `<path class="${name}" d="${shape(rows) ?? ''}"/>`;
    },
    mark: (row, value, radius) =>
      `<circle class="miss" cx="${xOf(row).toFixed(1)}" cy="${y(value).toFixed(1)}" r="${radius}"/>`,
    grid: (count) =>
      y
        .ticks(count)
        .map((value) => {
          const at = y(value).toFixed(1);
          return `<line class="grid" x1="${edge.left}" x2="${width - edge.right}" y1="${at}" y2="${at}"/><text class="tick" x="${edge.left - 6}" y="${at}" dy="4" text-anchor="end">${short(value)}</text>`;
        })
        .join(''),
  };
}
