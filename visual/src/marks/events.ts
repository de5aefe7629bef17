import type { NamedDays } from '../events.ts';
import { fitText } from '../text-width.ts';
import { type Frame, layer } from './frame.ts';

/** Holidays, events and whatever else an author names: a line at the foot of the plot over its days, with its name. */
export function drawEvents(frame: Frame, events: readonly NamedDays[]): void {
  const { px, theme, height, width, options, tiny } = frame;
  const group = layer(frame.plot, 'events').style('pointer-events', 'none');
  const fontSize = Math.max(9, options.axes.fontSize - 1);
  const shown = tiny ? [] : events.filter(({ from, to }) => px(to) > 0 && px(from) < width);
  const left = ({ from }: NamedDays) => Math.max(0, px(from));
  const room = (event: NamedDays) => Math.max(1, Math.min(width, px(event.to)) - left(event));
  const one = group
    .selectAll<SVGGElement, NamedDays>('g')
    .data(shown)
    .join((enter) => {
      const made = enter.append('g');
      for (const tag of ['rect', 'path', 'text']) made.append(tag);
      return made;
    })
    .attr('transform', (event) => `translate(${left(event).toFixed(1)},0)`);
  one
    .select('rect')
    .attr('width', room)
    .attr('height', height)
    .attr('fill', theme.maintenance)
    .attr('fill-opacity', 0.08);
  one
    .select('path')
    .attr('d', (event) => `M0,${height - 1}H${room(event).toFixed(1)}`)
    .attr('stroke', theme.maintenance)
    .attr('stroke-width', 2);
  one
    .select('text')
    .attr('x', 3)
    .attr('y', 2 + fontSize)
    .attr('font-size', fontSize)
    .attr('fill', theme.muted)
    .text((event) => fitText(event.name, room(event) - 6, fontSize));
}
