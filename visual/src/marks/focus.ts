import type { Point } from '../judged.ts';
import { type Frame, layer } from './frame.ts';

/** A hairline and a ring at the bucket pointed at or reached by keyboard. */
export function drawFocus(frame: Frame, point: Point | null, byKeyboard: boolean): void {
  const group = layer(frame.plot, 'focus').style('pointer-events', 'none');
  const shown = point === null ? [] : [point];
  group
    .selectAll<SVGLineElement, Point>('line')
    .data(shown)
    .join('line')
    .attr('x1', (one) => frame.x(one.time))
    .attr('x2', (one) => frame.x(one.time))
    .attr('y1', 0)
    .attr('y2', frame.height)
    .attr('stroke', frame.theme.muted)
    .attr('stroke-width', byKeyboard ? 1.5 : 1)
    .attr('stroke-opacity', 0.7);
  group
    .selectAll<SVGCircleElement, Point>('circle')
    .data(shown.filter((one) => one.actual !== null || one.forecast !== null))
    .join('circle')
    .attr('cx', (one) => frame.x(one.time))
    .attr('cy', (one) => frame.y((one.actual ?? one.forecast) as number))
    .attr('r', byKeyboard ? 6 : 4)
    .attr('fill', 'none')
    .attr('stroke', frame.theme.foreground)
    .attr('stroke-width', byKeyboard ? 2 : 1.5);
}

/** Rings around the buckets that are selected. */
export function drawSelected(frame: Frame, isSelected: (point: Point) => boolean, any: boolean): void {
  const group = layer(frame.plot, 'selected').style('pointer-events', 'none');
  const chosen = any ? frame.points.filter((point) => point.actual !== null && isSelected(point)) : [];
  group
    .selectAll<SVGCircleElement, Point>('circle')
    .data(chosen)
    .join('circle')
    .attr('cx', (point) => frame.x(point.time))
    .attr('cy', (point) => frame.y(point.actual as number))
    .attr('r', 7)
    .attr('fill', frame.theme.selected)
    .attr('fill-opacity', 0.15)
    .attr('stroke', frame.theme.selected)
    .attr('stroke-width', 1.75);
}
