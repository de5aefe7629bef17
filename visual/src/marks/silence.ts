import type { Interval } from '../maintenance.ts';
import { type Frame, layer } from './frame.ts';

/** A quiet shade where nothing is known, so that a silent feed is not taken for a quiet day. */
export function drawSilence(frame: Frame): void {
  const { theme, height } = frame;
  const group = layer(frame.plot, 'silence').style('pointer-events', 'none');
  const runs = frame.tiny ? [] : silentRuns(frame);
  group
    .selectAll<SVGRectElement, Interval>('rect')
    .data(runs)
    .join('rect')
    .attr('x', (run) => frame.x(run.from))
    .attr('width', (run) => Math.max(1, frame.x(run.to) - frame.x(run.from)))
    .attr('height', height)
    .attr('fill', theme.muted)
    .attr('fill-opacity', 0.09);
  group
    .selectAll<SVGTextElement, Interval>('text')
    .data(runs.filter((run) => frame.x(run.to) - frame.x(run.from) > 48))
    .join('text')
    .attr('x', (run) => (frame.x(run.from) + frame.x(run.to)) / 2)
    .attr('y', 14)
    .attr('text-anchor', 'middle')
    .attr('font-size', frame.options.axes.fontSize)
    .attr('fill', theme.muted)
    .text(frame.translate('State_missing'));
}

/** From the last value known to the next one. */
function silentRuns({ points, panel }: Frame): Interval[] {
  const runs: Interval[] = [];
  let from: number | null = null;
  for (const point of points) {
    if (point.state === 'missing') from ??= point.time;
    else if (from !== null) {
      runs.push({ from, to: point.time });
      from = null;
    }
  }
  if (from !== null) runs.push({ from, to: (points.at(-1)?.time ?? from) + panel.series.stepMs });
  return runs;
}
