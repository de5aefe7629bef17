import type { Point } from '../judged.ts';
import { fitText, textWidth } from '../text-width.ts';
import { type Frame, layer } from './frame.ts';

interface Flag {
  readonly x: number;
  readonly words: string;
  readonly whole: string;
}

/** Most of a note that is written on its flag, in px. */
const MOST_WIDTH = 150;
const GAP = 6;

/** Notes on buckets as flags at the upper edge of the plot; the words of each end before the next one. */
export function drawFlags(frame: Frame, noteOf: ((point: Point) => string | null) | null): void {
  const { theme, height, width, px, options, tiny } = frame;
  const group = layer(frame.plot, 'flags');
  const fontSize = Math.max(9, options.axes.fontSize - 1);
  const noted =
    tiny || noteOf === null
      ? []
      : frame.points.flatMap((point) => {
          const whole = noteOf(point);
          const x = px(point.time);
          return whole === null || x < 0 || x > width ? [] : [{ x, whole }];
        });
  // Neighbouring buckets with the same note are one note.
  const first = noted.filter(({ whole }, k) => noted[k - 1]?.whole !== whole);
  const flags: Flag[] = first.map(({ x, whole }, k) => {
    const room = Math.min(MOST_WIDTH, (first[k + 1]?.x ?? width) - x - 2 * GAP);
    return { x, whole, words: room < 12 ? '' : fitText(whole, room, fontSize) };
  });
  const one = group
    .selectAll<SVGGElement, Flag>('g')
    .data(flags)
    .join((enter) => {
      const made = enter.append('g');
      for (const tag of ['path', 'rect', 'text', 'title']) made.append(tag);
      return made;
    })
    .attr('transform', ({ x }) => `translate(${x.toFixed(1)},0)`);
  one.select('path').attr('d', `M0,0V${height}`).attr('stroke', theme.muted).attr('stroke-opacity', 0.45);
  one
    .select('rect')
    .attr('y', 1)
    .attr('width', ({ words }) => (words === '' ? 5 : textWidth(words, fontSize) + GAP))
    .attr('height', fontSize + 5)
    .attr('fill', theme.background)
    .attr('stroke', theme.muted)
    .attr('stroke-opacity', 0.6);
  one
    .select('text')
    .attr('x', GAP / 2)
    .attr('y', fontSize + 2)
    .attr('font-size', fontSize)
    .attr('fill', theme.foreground)
    .text(({ words }) => words);
  one.select('title').text(({ whole }) => whole);
}
