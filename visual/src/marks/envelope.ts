import { area } from 'd3';
import type { Reach, RollUp } from '../rollup.ts';
import { type Frame, layer } from './frame.ts';

/** Opacity of the reach of a day or week. */
export const ENVELOPE_OPACITY = 0.16;

/** How far actuals reached within each day or week, from lowest to highest, broken where nothing is known. */
export function drawEnvelope(frame: Frame, rollUp: RollUp | null): void {
  const group = layer(frame.plot, 'envelope').style('pointer-events', 'none');
  const runs: Reach[][] = [];
  for (const one of rollUp?.envelope ?? []) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run === undefined || last === undefined || one.time - last.time > 1.5 * (rollUp?.stepMs ?? 0)) runs.push([one]);
    else run.push(one);
  }
  const shape = area<Reach>(
    (one) => frame.px(one.time),
    (one) => frame.py(one.lowest),
    (one) => frame.py(one.highest),
  ).digits(1);
  group
    .selectAll<SVGPathElement, Reach[]>('path')
    .data(runs)
    .join('path')
    .attr('d', (run) => shape(run))
    .attr('fill', frame.theme.actual)
    .attr('fill-opacity', frame.theme.highContrast ? 0.35 : ENVELOPE_OPACITY);
}
