import { DAY_MS } from '@tidemark/shared/forecasting';
import { utcDay } from 'd3';
import { type Frame, layer } from './frame.ts';

/** Most days that are told apart by a shade. */
const MOST_DAYS = 120;

/** A shade behind Saturdays and Sundays. */
export function drawWeekends(frame: Frame): void {
  const { x, theme, height, width, options, tiny } = frame;
  const group = layer(frame.plot, 'weekends').style('pointer-events', 'none');
  const [from, to] = x.domain() as [Date, Date];
  const isShown = options.axes.weekends && !tiny && Number(to) - Number(from) <= MOST_DAYS * DAY_MS;
  const off = isShown ? utcDay.range(utcDay.floor(from), to).filter((day) => day.getUTCDay() % 6 === 0) : [];
  const left = (day: Date) => Math.max(0, x(day));
  group
    .selectAll<SVGRectElement, Date>('rect')
    .data(off)
    .join('rect')
    .attr('x', left)
    .attr('width', (day) => Math.max(0, Math.min(width, x(utcDay.offset(day, 1))) - left(day)))
    .attr('height', height)
    .attr('fill', theme.muted)
    .attr('fill-opacity', 0.07);
}
