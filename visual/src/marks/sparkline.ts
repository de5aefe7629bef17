import { area, line, scaleLinear, select } from 'd3';
import type { Point } from '../judged.ts';
import type { Theme } from '../theme.ts';
import { visible } from '../value-domain.ts';
import type { Panel } from '../view-model.ts';

/** A series in the height of a line of text: the expected range, what happened, and its alarms as dots. */
export function drawSparkline(
  svg: SVGSVGElement,
  { series }: Panel,
  domain: readonly [number, number],
  { width, height, theme }: { readonly width: number; readonly height: number; readonly theme: Theme },
): void {
  const points = visible(series.points, domain);
  const tops = points.map(({ actual, upper }) => Math.max(actual ?? 0, upper ?? 0));
  const x = scaleLinear([...domain], [1, width - 2]);
  const y = scaleLinear(
    [Math.min(0, ...points.map(({ actual }) => actual ?? 0)), Math.max(...tops) || 1],
    [height - 2, 2],
  );
  const range = area<Point>(
    (point) => x(point.time),
    (point) => y(point.lower ?? 0),
    (point) => y(point.upper ?? 0),
  ).defined(({ lower, upper }) => lower !== null && upper !== null);
  const actual = line<Point>(
    (point) => x(point.time),
    (point) => y(point.actual ?? 0),
  ).defined(({ actual, state }) => actual !== null && state !== 'open');
  const drawn = select(svg).attr('width', width).attr('height', height);
  const path = (name: string) => drawn.selectAll(`path.${name}`).data([0]).join('path').attr('class', name);
  path('range')
    .attr('d', range.digits(1)(points as Point[]))
    .attr('fill', theme.band)
    .attr('fill-opacity', 0.18);
  path('line')
    .attr('d', actual.digits(1)(points as Point[]))
    .attr('fill', 'none')
    .attr('stroke', theme.actual)
    .attr('stroke-width', 1.25);
  drawn
    .selectAll<SVGCircleElement, Point>('circle')
    .data(points.filter(({ severity, actual }) => severity !== null && actual !== null))
    .join('circle')
    .attr('cx', (point) => x(point.time))
    .attr('cy', (point) => y(point.actual as number))
    .attr('r', 2.25)
    .attr('fill', (point) => (point.severity === null ? theme.actual : theme.severity[point.severity]));
}
