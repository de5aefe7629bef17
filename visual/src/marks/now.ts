import { type Frame, layer } from './frame.ts';
import { labelsOpen } from './open.ts';

/** The line between what is known and what is expected. */
export function drawNow(frame: Frame): void {
  const { panel, x, theme } = frame;
  const group = layer(frame.plot, 'now').style('pointer-events', 'none');
  const hasFuture = panel.series.points.findLast(({ state }) => state === 'future' || state === 'open') !== undefined;
  const at = panel.now === null ? Number.NaN : x(panel.now);
  const shown = hasFuture && at >= 0 && at <= frame.width ? [at] : [];
  group
    .selectAll<SVGLineElement, number>('line')
    .data(shown)
    .join('line')
    .attr('x1', (place) => place)
    .attr('x2', (place) => place)
    .attr('y1', 0)
    .attr('y2', frame.height)
    .attr('stroke', theme.muted)
    .attr('stroke-width', 1)
    .attr('stroke-dasharray', '2 3');
  group
    .selectAll<SVGTextElement, number>('text')
    .data(frame.tiny || frame.height < 90 || frame.width < 420 || labelsOpen(frame) ? [] : shown)
    .join('text')
    .attr('x', (place) => place + 4)
    .attr('y', frame.height - 5)
    .attr('font-size', Math.max(9, frame.options.axes.fontSize - 1))
    .attr('fill', theme.muted)
    .attr('stroke', theme.background)
    .attr('stroke-width', 3)
    .attr('paint-order', 'stroke')
    .text(frame.translate('Now'));
}
