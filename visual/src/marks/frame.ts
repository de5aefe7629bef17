import type { ScaleLinear, ScaleTime, Selection } from 'd3';
import type { Formats } from '../format.ts';
import type { Point } from '../judged.ts';
import type { Options } from '../options.ts';
import type { Theme } from '../theme.ts';
import type { Panel } from '../view-model.ts';
import type { Translate } from '../words.ts';

export type Group = Selection<SVGGElement, unknown, null, undefined>;

/** What a mark draws into and with: one panel's plot, its scales and its looks. */
export interface Frame {
  readonly plot: Group;
  readonly panel: Panel;
  /** Points within the visible time, with one neighbour on each side. */
  readonly points: readonly Point[];
  readonly x: ScaleTime<number, number>;
  readonly y: ScaleLinear<number, number>;
  /** The same as `x` and `y` for plain numbers, many times as fast: what draws every point uses these. */
  readonly px: (time: number) => number;
  readonly py: (value: number) => number;
  /** Inner size of the plot, in px. */
  readonly width: number;
  readonly height: number;
  /** A sparkline: no words, no axes. */
  readonly tiny: boolean;
  readonly theme: Theme;
  readonly options: Options;
  readonly formats: Formats;
  readonly translate: Translate;
}

/** Dash pattern of a line style, in px. */
export function dashOf(style: 'solid' | 'dashed' | 'dotted', width: number): string | null {
  if (style === 'solid') return null;
  return style === 'dashed' ? `${4 * width} ${3 * width}` : `${width} ${2 * width}`;
}

/** The group of a mark's own inside the plot, made on first use; order of first use is order of painting. */
export function layer(plot: Group, name: string): Group {
  const found = plot.select<SVGGElement>(`:scope > g.${name}`);
  return (found.empty() ? plot.append('g').attr('class', name) : found) as unknown as Group;
}

/** Farther than any screen, in px. */
const FAR = 1e5;

/** A scale of one straight line as the arithmetic it is. */
export function straight(scale: { domain(): (Date | number)[]; range(): number[] }): (value: number) => number {
  const [from, to] = scale.domain().map(Number) as [number, number];
  const [start, end] = scale.range() as [number, number];
  const slope = (end - start) / (to - from);
  // A limit far outside the picture ends some way beyond its edge: SVG reads no numbers like 1e296.
  return (value) => Math.max(-FAR, Math.min(FAR, start + (value - from) * slope));
}
