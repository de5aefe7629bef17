import { bandAt } from '@tidemark/shared/forecasting';
import type { OutageExample } from '../evaluation/synthetic-anomaly-test.ts';
import { type Frame, plotOf } from './plot.ts';
import { picture } from './svg.ts';

const FRAME: Frame = { width: 310, height: 190, edge: { left: 40, right: 6, top: 24, bottom: 24 } };

/** The day around one synthetic outage: the usual volume, the volume with the outage, the bands issued meanwhile. */
export function outageChart({ rows: example, hours, alarm }: OutageExample, coverage: number): string {
  const { width, height, edge } = FRAME;
  const rows = example.map(({ fan, ...row }, at) => ({ ...row, at, ...bandAt(fan, coverage) }));
  const low = Math.min(0, ...rows.map(({ lower }) => lower));
  const high = Math.max(1e-9, ...rows.map(({ upper, usual }) => Math.max(upper, usual || 0)));
  const plot = plotOf(rows, FRAME, [0, Math.max(1, rows.length - 1)], [low, high]);
  const noticed = alarm === null ? 'not noticed' : `noticed after ${alarm.hours} h`;
  const first = rows.findIndex(({ out }) => out);
  const from = plot.x(Math.max(0, first - 0.5));
  const to = plot.x(Math.min(rows.length - 1, first + rows.filter(({ out }) => out).length - 0.5));
  const hit = rows.find(({ bucket }) => bucket === alarm?.bucket);
  return picture(
    width,
    height,
    `An outage of ${hours} h: ${noticed}`,
    [
      `<text class="says${hit ? ' loud' : ''}" x="${edge.left}" y="14">${noticed}</text>`,
      plot.grid(3),
      `<rect class="out" x="${from.toFixed(1)}" width="${(to - from).toFixed(1)}" y="${edge.top}" height="${height - edge.top - edge.bottom}"/>`,
      plot.band(
        ({ lower }) => lower,
        ({ upper }) => upper,
      ),
      plot.line('usual', ({ usual }) => usual),
      plot.line('actual', ({ value }) => value),
      hit ? plot.mark(hit, hit.value, 5.5) : '',
      `<text class="tick" x="${((from + to) / 2).toFixed(1)}" y="${height - 8}" text-anchor="middle">${hours} h without volume</text>`,
    ].join(''),
  );
}
