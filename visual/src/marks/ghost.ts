import { WEEK_MS } from '@tidemark/shared/forecasting';
import { line } from 'd3';
import type { Point } from '../judged.ts';
import { visible } from '../value-domain.ts';
import { type Frame, layer } from './frame.ts';

/** What happened a week before, as a thin line behind the present one, where each bucket is drawn. */
export function drawGhost(frame: Frame, shown: boolean): void {
  const { panel, px, py, theme, options, tiny } = frame;
  const group = layer(frame.plot, 'ghost').style('pointer-events', 'none');
  const [from, to] = frame.x.domain().map(Number) as [number, number];
  const before =
    shown && options.lines.lastWeek && !tiny ? visible(panel.series.points, [from - WEEK_MS, to - WEEK_MS]) : [];
  const shape = line<Point>(
    (point) => px(point.time + WEEK_MS),
    (point) => py(point.actual ?? 0),
  ).defined(({ actual, state }) => actual !== null && state !== 'open');
  group
    .selectAll<SVGPathElement, readonly Point[]>('path')
    .data(before.length === 0 ? [] : [before])
    .join('path')
    .attr('d', (points) => shape.digits(1)(points as Point[]))
    .attr('fill', 'none')
    .attr('stroke', theme.muted)
    .attr('stroke-width', 1)
    .attr('stroke-opacity', theme.highContrast ? 1 : 0.55)
    .attr('stroke-dasharray', theme.highContrast ? '1 3' : null);
}
