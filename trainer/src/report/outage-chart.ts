import { bandAt } from '@tidemark/shared/forecasting';
import { scaleLinear } from 'd3-scale';
import { area, line } from 'd3-shape';
import type { OutageExample } from '../evaluation/synthetic-anomaly-test.ts';
import { gridLines } from './band-chart.ts';
import { picture } from './svg.ts';

const WIDTH = 310;
const HEIGHT = 190;
const EDGE = { left: 40, right: 6, top: 24, bottom: 24 };

/** The day around one synthetic outage: the usual volume, the volume with the outage, the bands issued meanwhile. */
export function outageChart({ rows: example, hours, alarm }: OutageExample, coverage: number): string {
  const rows = example.map(({ fan, ...row }, at) => ({ ...row, at, ...bandAt(fan, coverage) }));
  const x = scaleLinear([0, Math.max(1, rows.length - 1)], [EDGE.left, WIDTH - EDGE.right]);
  const low = Math.min(0, ...rows.map(({ lower }) => lower));
  const high = Math.max(1e-9, ...rows.map(({ upper, usual }) => Math.max(upper, usual || 0)));
  const y = scaleLinear([low, high], [HEIGHT - EDGE.bottom, EDGE.top]);
  type Row = (typeof rows)[number];
  const band = area<Row>(
    ({ at }) => x(at),
    ({ lower }) => y(lower),
    ({ upper }) => y(upper),
  ).digits(1);
  const lineOf = (value: (row: Row) => number) =>
    line<Row>(
      ({ at }) => x(at),
      (row) => y(value(row)),
    )
      .defined((row) => Number.isFinite(value(row)))
      .digits(1)(rows) ?? '';
  const noticed = alarm === null ? 'not noticed' : `noticed after ${alarm.hours} h`;
  const first = rows.findIndex(({ out }) => out);
  const from = x(Math.max(0, first - 0.5));
  const to = x(Math.min(rows.length - 1, first + rows.filter(({ out }) => out).length - 0.5));
  const hit = rows.find(({ bucket }) => bucket === alarm?.bucket);
  const mark = hit ? `<circle class="miss" cx="${x(hit.at).toFixed(1)}" cy="${y(hit.value).toFixed(1)}" r="5.5"/>` : '';
  return picture(
    WIDTH,
    HEIGHT,
    `An outage of ${hours} h: ${noticed}`,
    `<text class="says${hit ? ' loud' : ''}" x="${EDGE.left}" y="14">${noticed}</text>${gridLines(y, 3, EDGE.left, WIDTH - EDGE.right)}<rect class="out" x="${from.toFixed(1)}" width="${(to - from).toFixed(1)}" y="${EDGE.top}" height="${HEIGHT - EDGE.top - EDGE.bottom}"/><path class="band" d="${band(rows) ?? ''}"/><path class="usual" d="${lineOf(({ usual }) => usual)}"/><path class="actual" d="${lineOf(({ value }) => value)}"/>${mark}<text class="tick" x="${((from + to) / 2).toFixed(1)}" y="${HEIGHT - 8}" text-anchor="middle">${hours} h without volume</text>`,
  );
}
