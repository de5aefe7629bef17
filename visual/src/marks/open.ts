import { textWidth } from '../text-width.ts';
import { type Frame, layer } from './frame.ts';

interface Mark {
  readonly x: number;
  readonly actual: number;
  /** Height of what should be there by now; `null` without a forecast. */
  readonly expected: number | null;
}

/** Distance of "so far" from the middle of its dot, in pixels. */
const LABEL_GAP = 9;

/** Is the open bucket labelled "so far"? It lies at now, so that one label is enough for both. */
export function labelsOpen({ panel, px, width, height, tiny }: Frame): boolean {
  const at = panel.soFar === null ? Number.NaN : px(panel.soFar.point.time);
  return at >= 0 && at <= width && !tiny && height >= 90 && width >= 300;
}

/** The bucket still open: what it holds so far as a hollow dot, what it should hold by now as a bar beside it. */
export function drawOpen(frame: Frame): void {
  const { theme, panel, px, py, width } = frame;
  const group = layer(frame.plot, 'open').style('pointer-events', 'none');
  const { soFar } = panel;
  const at = soFar === null ? Number.NaN : px(soFar.point.time);
  const marks: Mark[] =
    soFar === null || !(at >= 0 && at <= width)
      ? []
      : [{ x: at, actual: py(soFar.actual), expected: soFar.expected === null ? null : py(soFar.expected) }];
  group
    .selectAll<SVGCircleElement, Mark>('circle')
    .data(marks)
    .join('circle')
    .attr('cx', (mark) => mark.x)
    .attr('cy', (mark) => mark.actual)
    .attr('r', frame.tiny ? 2 : 3.5)
    .attr('fill', theme.background)
    .attr('stroke', theme.actual)
    .attr('stroke-width', 1.5);
  group
    .selectAll<SVGPathElement, Mark>('path')
    .data(frame.tiny ? [] : marks.filter((mark) => mark.expected !== null))
    .join('path')
    .attr('d', (mark) => `M${mark.x - 6},${mark.expected}H${mark.x + 6}`)
    .attr('stroke', theme.forecast)
    .attr('stroke-width', 2);
  const fontSize = Math.max(9, frame.options.axes.fontSize - 1);
  const label = frame.translate('SoFar_Mark');
  // To the right, away from the alarms, where it fits.
  const fits = (mark: Mark) => mark.x + LABEL_GAP + textWidth(label, fontSize) <= width;
  group
    .selectAll<SVGTextElement, Mark>('text')
    .data(labelsOpen(frame) ? marks : [])
    .join('text')
    .attr('x', (mark) => mark.x + (fits(mark) ? LABEL_GAP : -LABEL_GAP))
    .attr('y', (mark) => Math.min(frame.height - 4, mark.actual - 3))
    .attr('text-anchor', (mark) => (fits(mark) ? 'start' : 'end'))
    .attr('font-size', fontSize)
    .attr('fill', theme.muted)
    .attr('stroke', theme.background)
    .attr('stroke-width', 3)
    .attr('paint-order', 'stroke')
    .text(label);
}
