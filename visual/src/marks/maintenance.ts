import type { Interval } from '../maintenance.ts';
import { type Frame, layer } from './frame.ts';

/** Hatched bands over planned work, where alarms are not raised. */
export function drawMaintenance(frame: Frame, windows: readonly Interval[], hatch: string): void {
  const { x, theme, height, width } = frame;
  const group = layer(frame.plot, 'maintenance').style('pointer-events', 'none');
  const visible = windows.filter((window) => x(window.to) > 0 && x(window.from) < width);
  const left = (window: Interval) => Math.max(0, x(window.from));
  group
    .selectAll<SVGRectElement, Interval>('rect')
    .data(visible)
    .join('rect')
    .attr('x', left)
    .attr('width', (window) => Math.max(1, Math.min(width, x(window.to)) - left(window)))
    .attr('height', height)
    .attr('fill', `url(#${hatch})`);
  group
    .selectAll<SVGTextElement, Interval>('text')
    .data(visible.filter((window) => x(window.to) - x(window.from) > 66))
    .join('text')
    .attr('x', (window) => left(window) + 4)
    .attr('y', height - 5)
    .attr('font-size', Math.max(9, frame.options.axes.fontSize - 1))
    .attr('fill', theme.muted)
    .text(frame.translate('Maintenance'));
}
