import { dashOf, type Frame, layer } from './frame.ts';

/** The author's own constant line, from the analytics pane. */
export function drawReference(frame: Frame): void {
  const { reference } = frame.options;
  const { theme, y, width, height } = frame;
  const group = layer(frame.plot, 'reference').style('pointer-events', 'none');
  const at = reference.value === null ? Number.NaN : y(reference.value);
  const shown = reference.show && at >= 0 && at <= height ? [at] : [];
  group
    .selectAll<SVGLineElement, number>('line')
    .data(shown)
    .join('line')
    .attr('x2', width)
    .attr('y1', (place) => place)
    .attr('y2', (place) => place)
    .attr('stroke', theme.reference)
    .attr('stroke-width', 1.25)
    .attr('stroke-dasharray', dashOf(reference.style, 1.25));
  group
    .selectAll<SVGTextElement, number>('text')
    .data(frame.tiny ? [] : shown)
    .join('text')
    .attr('x', 4)
    .attr('y', (place) => (place < 14 ? place + 12 : place - 4))
    .attr('font-size', frame.options.axes.fontSize)
    .attr('fill', theme.reference)
    .attr('stroke', theme.background)
    .attr('stroke-width', 3)
    .attr('paint-order', 'stroke')
    .text(reference.label || frame.formats.short(reference.value ?? 0));
}
