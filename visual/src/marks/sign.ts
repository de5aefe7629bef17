import { select } from 'd3';
import type { Options } from '../options.ts';
import type { Status } from '../status.ts';
import type { Theme } from '../theme.ts';
import { markerPath } from './alarm.ts';

/** Colour of a status' word and sign. */
export function statusColour(status: Status, theme: Theme): string {
  if (status.kind === 'alarm') return theme.severityWords[status.severity];
  if (status.kind === 'no-data') return theme.severityWords.warning;
  if (status.kind === 'unjudged' && status.reason !== null) return theme.severityWords.warning;
  return status.kind === 'ok' ? theme.ok : theme.muted;
}

/** Outline of a status' sign in a box of `size` around the origin. */
export function signPath(status: Status, options: Options, size: number): { path: string; filled: boolean } {
  const r = size * 0.36;
  if (status.kind === 'alarm')
    return { path: markerPath(options.severity, status.severity, size * 0.95), filled: true };
  if (status.kind === 'ok') return { path: `M${-r},0L${-r * 0.25},${r * 0.75}L${r},${-r * 0.75}`, filled: false };
  if (status.kind === 'no-data') return { path: `M${-r},${-r}L${r},${r}M${r},${-r}L${-r},${r}`, filled: false };
  return { path: `M${-r},0H${r}`, filled: false };
}

/** What signs look like. */
export interface Look {
  readonly options: Options;
  readonly theme: Theme;
}

/** Draws the sign of a status into a small picture; a triangle points to the side the value left. */
export function drawStatusSign(svg: SVGSVGElement, status: Status, { options, theme }: Look, size: number): void {
  const { path, filled } = signPath(status, options, size);
  const colour = statusColour(status, theme);
  const isFlipped =
    status.kind === 'alarm' && status.direction === 'low' && options.severity[`${status.severity}Shape`] === 'triangle';
  select(svg)
    .attr('class', 'sign')
    .attr('aria-hidden', 'true')
    .attr('width', size)
    .attr('height', size)
    .attr('viewBox', `${-size / 2} ${-size / 2} ${size} ${size}`)
    .selectAll('path')
    .data([path])
    .join('path')
    .attr('d', path)
    .attr('transform', isFlipped ? `translate(0,${-size * 0.08}) rotate(180)` : null)
    .attr('fill', filled ? colour : 'none')
    .attr('stroke', filled ? 'none' : colour)
    .attr('stroke-width', Math.max(1.5, size * 0.13))
    .attr('stroke-linecap', 'round')
    .attr('stroke-linejoin', 'round');
}
