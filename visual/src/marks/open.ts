import { type Frame, layer } from './frame.ts';

interface Mark {
  readonly x: number;
  readonly actual: number;
  /** Height of what should be there by now; `null` without a forecast. */
  readonly expected: number | null;
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
  group
    .selectAll<SVGTextElement, Mark>('text')
    .data(frame.tiny || frame.height < 90 || frame.width < 300 ? [] : marks)
    .join('text')
    .attr('x', (mark) => mark.x - 9)
    .attr('y', (mark) => Math.min(frame.height - 4, mark.actual + 4))
    .attr('text-anchor', 'end')
    .attr('font-size', fontSize)
    .attr('fill', theme.muted)
    .attr('stroke', theme.background)
    .attr('stroke-width', 3)
    .attr('paint-order', 'stroke')
    .text(frame.translate('SoFar_Mark'));
}
