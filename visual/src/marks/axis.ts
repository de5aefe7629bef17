import { DAY_MS } from '@tidemark/shared/forecasting';
import { textWidth } from '../text-width.ts';
import { type Frame, layer } from './frame.ts';

/** Value axis: gridlines with a word each, no line of its own. */
export function drawValueAxis(frame: Frame): void {
  const { options, theme, y, formats } = frame;
  const group = layer(frame.plot, 'value-axis').style('pointer-events', 'none');
  const ticks = frame.tiny ? [] : valueTicks(frame);
  const words = formats.axis(ticks);
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
    .text(words);
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
export function valueTicks(frame: Pick<Frame, 'y' | 'height' | 'options'>): number[] {
  return frame.y.ticks(
    Math.max(2, Math.min(8, Math.floor(frame.height / Math.max(44, 2.2 * frame.options.axes.fontSize)))),
  );
}

/**
 * Time axis: a tick at round instants, and as many words as stand apart from each other; at its left how far the zone is
 * from UTC, where there is room.
 */
export function drawTimeAxis(
  frame: Frame,
  shown: boolean,
  { zone, room }: { readonly zone: string | null; readonly room: number },
): void {
  const { options, theme, x, formats } = frame;
  const group = layer(frame.plot, 'time-axis').style('pointer-events', 'none');
  const visible = shown && options.axes.x && !frame.tiny;
  const { ticks, labels } = visible ? timeLabels(frame) : { ticks: [], labels: [] };
  group.attr('transform', `translate(0,${frame.height})`);
  const zoneWords = visible && zone !== null ? formats.zone(zone, Number(x.domain()[1])) : '';
  const isRoom = zoneWords !== '' && textWidth(zoneWords, options.axes.fontSize - 1) <= room;
  group
    .selectAll<SVGTextElement, string>('text.zone')
    .data(isRoom ? [zoneWords] : [])
    .join((enter) => {
      const made = enter.append('text').attr('class', 'zone').attr('text-anchor', 'end');
      made.append('tspan');
      made.append('title');
      return made;
    })
    .attr('x', -6)
    .attr('y', options.axes.fontSize + 5)
    .attr('font-size', options.axes.fontSize - 1)
    .attr('fill', theme.muted)
    .each(function (words) {
      this.querySelector('tspan')?.replaceChildren(words);
      this.querySelector('title')?.replaceChildren(zone ?? '');
    });
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
    .selectAll<SVGTextElement, TimeLabel>('text.tick')
    .data(labels)
    .join('text')
    .attr('class', 'tick')
    .attr('x', (label) => label.centre)
    .attr('y', options.axes.fontSize + 5)
    .attr('text-anchor', 'middle')
    .attr('font-size', options.axes.fontSize)
    .attr('fill', theme.muted)
    .text((label) => label.words);
}

interface TimeLabel {
  readonly words: string;
  /** In px; at most so far from the tick that the words stay within the plot. */
  readonly centre: number;
}

/** Gap between two words of the axis, in px. */
const GAP = 12;

/** Ticks of the densest rhythm at which no word touches the next. */
function timeLabels(frame: Frame): { ticks: readonly Date[]; labels: readonly TimeLabel[] } {
  const { x, width, options } = frame;
  const { fontSize } = options.axes;
  const [from, to] = x.domain() as [Date, Date];
  const span = to.getTime() - from.getTime();
  for (let count = Math.max(2, Math.floor(width / (fontSize * 4))); count >= 1; count--) {
    const all = x.ticks(count).filter((tick) => x(tick) >= 0 && x(tick) <= width);
    // Between days and weeks the calendar has no rhythm: every second or third day.
    const areDays = all.every((tick) => tick.getTime() % DAY_MS === 0);
    for (const stride of areDays ? [1, 2, 3] : [1]) {
      const ticks = all.filter((_, k) => k % stride === 0);
      const labels = ticks.map((tick, k) => {
        const words = frame.formats.tick(tick.getTime(), span, k === 0);
        const half = textWidth(words, fontSize) / 2;
        return { words, half, centre: Math.max(half - 2, Math.min(width - half + 6, x(tick))) };
      });
      const isApart = labels.every((label, k) => {
        const before = labels[k - 1];
        return before === undefined || label.centre - label.half - (before.centre + before.half) >= GAP;
      });
      if (labels.length > 0 && isApart && labels.every(({ half }) => 2 * half <= width)) return { ticks, labels };
    }
  }
  return { ticks: [], labels: [] };
}
