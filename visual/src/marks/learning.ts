import type { Interval } from '../maintenance.ts';
import { fitText } from '../text-width.ts';
import { type Frame, layer } from './frame.ts';

/** A quiet shade where limits are drawn that are not judged by: the model does not remember enough yet. */
export function drawLearning(frame: Frame): void {
  const { theme, height, width, panel, px } = frame;
  const group = layer(frame.plot, 'learning').style('pointer-events', 'none');
  const { learning } = panel;
  const shown = learning === null || frame.tiny || px(learning.to) <= 0 || px(learning.from) >= width ? [] : [learning];
  const left = (interval: Interval) => Math.max(0, px(interval.from));
  const room = (interval: Interval) => Math.max(1, Math.min(width, px(interval.to)) - left(interval));
  group
    .selectAll<SVGRectElement, Interval>('rect')
    .data(shown)
    .join('rect')
    .attr('x', left)
    .attr('width', room)
    .attr('height', height)
    .attr('fill', theme.muted)
    .attr('fill-opacity', 0.08);
  const { fontSize } = frame.options.axes;
  group
    .selectAll<SVGTextElement, Interval>('text')
    .data(shown)
    .join('text')
    .attr('x', (interval) => left(interval) + 4)
    .attr('y', height - 5)
    .attr('font-size', fontSize)
    .attr('fill', theme.muted)
    .text((interval) => fitText(frame.translate('Learning'), room(interval) - 8, fontSize));
}
