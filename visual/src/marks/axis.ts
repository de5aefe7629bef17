import { type Frame, layer } from './frame.ts';

/** Value axis: gridlines with a word each, no line of its own. */
export function drawValueAxis(frame: Frame): void {
  const { options, theme, y, formats } = frame;
  const group = layer(frame.plot, 'value-axis').style('pointer-events', 'none');
  const ticks = frame.tiny ? [] : valueTicks(frame);
  group
    .selectAll<SVGLineElement, number>('line')
    .data(options.axes.grid ? ticks : [])
    .join('line')
    .attr('x2', frame.width)
    .attr('y1', (tick) => Math.round(y(tick)) + 0.5)
    .attr('y2', (tick) => Math.round(y(tick)) + 0.5)
    .attr('stroke', (tick) => (tick === 0 ? theme.muted : theme.faint))
    .attr('stroke-opacity', (tick) => (tick === 0 ? 0.6 : 1));
  group
    .selectAll<SVGTextElement, number>('text.tick')
    .data(options.axes.y ? ticks : [])
    .join('text')
    .attr('class', 'tick')
    .attr('x', -8)
    .attr('y', (tick) => y(tick))
    .attr('dy', '0.32em')
    .attr('text-anchor', 'end')
    .attr('font-size', options.axes.fontSize)
    .attr('fill', theme.muted)
    .text((tick) => formats.short(tick));
  group
    .selectAll<SVGTextElement, string>('text.title')
    .data(options.axes.title !== '' && options.axes.y && !frame.tiny ? [options.axes.title] : [])
    .join('text')
    .attr('class', 'title')
    .attr('x', 0)
    .attr('y', -5)
    .attr('font-size', options.axes.fontSize)
    .attr('fill', theme.muted)
    .text((title) => title);
}

/** Values the axis marks: about one every 44 px. */
export function valueTicks(frame: Pick<Frame, 'y' | 'height'>): number[] {
  return frame.y.ticks(Math.max(2, Math.min(8, Math.floor(frame.height / 44))));
}

/** Time axis: a tick and a word at round instants. */
export function drawTimeAxis(frame: Frame, shown: boolean): void {
  const { options, theme, x, formats } = frame;
  const group = layer(frame.plot, 'time-axis').style('pointer-events', 'none');
  const [from, to] = x.domain() as [Date, Date];
  const span = to.getTime() - from.getTime();
  const visible = shown && options.axes.x && !frame.tiny;
  const ticks = visible
    ? x.ticks(Math.max(2, Math.floor(frame.width / 96))).filter((tick) => x(tick) <= frame.width)
    : [];
  // A word at the very edge is written to its right, towards the next one.
  const [one, next] = ticks;
  const crowded = one !== undefined && next !== undefined && x(one) < 24 && x(next) - x(one) < 104;
  group.attr('transform', `translate(0,${frame.height})`);
  group
    .selectAll<SVGLineElement, Date>('line')
    .data(ticks)
    .join('line')
    .attr('x1', (tick) => Math.round(x(tick)) + 0.5)
    .attr('x2', (tick) => Math.round(x(tick)) + 0.5)
    .attr('y2', 4)
    .attr('stroke', theme.muted)
    .attr('stroke-opacity', 0.6);
  group
    .selectAll<SVGTextElement, Date>('text')
    .data(ticks.filter((tick, k) => x(tick) >= 0 && x(tick) < frame.width + 4 && !(k === 0 && crowded)))
    .join('text')
    .attr('x', (tick) => x(tick))
    .attr('y', 16)
    .attr('text-anchor', (tick) => (x(tick) > frame.width - 28 ? 'end' : x(tick) < 24 ? 'start' : 'middle'))
    .attr('font-size', options.axes.fontSize)
    .attr('fill', theme.muted)
    .text((tick) => formats.tick(tick.getTime(), span));
}
