import { bandAt, DAY_MS } from '@tidemark/shared/forecasting';
import { type ScaleLinear, scaleLinear } from 'd3-scale';
import { area, line } from 'd3-shape';
import type { Judged } from '../evaluation/backtest.ts';
import { picture, short } from './svg.ts';

const WIDTH = 960;
const HEIGHT = 240;
const EDGE = { left: 56, right: 8, top: 10, bottom: 26 };

/** Actual volume against its band, bucket by bucket; values outside the band are marked. */
export function bandChart(
  id: string,
  judged: readonly Judged[],
  { stepMs, timeZone }: { readonly stepMs: number; readonly timeZone: string },
  coverage: number,
): string {
  const rows = judged.flatMap(({ bucket, actual, fans: [fan] }) =>
    fan ? [{ at: bucket * stepMs, actual, median: fan.median, ...bandAt(fan, coverage) }] : [],
  );
  const [first, last] = [rows[0], rows[rows.length - 1]];
  if (!first || !last) return '';
  const low = Math.min(0, ...rows.map((row) => Math.min(row.lower, row.actual)));
  const high = Math.max(...rows.map((row) => Math.max(row.upper, row.actual)));
  const x = scaleLinear([first.at, last.at], [EDGE.left, WIDTH - EDGE.right]);
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
    ).digits(1)(rows) ?? '';
  const days: string[] = [];
  for (let day = Math.ceil(first.at / DAY_MS) * DAY_MS; day <= last.at; day += 2 * DAY_MS) {
    const text = new Date(day).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone });
    days.push(`<text class="tick" x="${x(day).toFixed(1)}" y="${HEIGHT - 8}" text-anchor="middle">${text}</text>`);
  }
  const misses = rows
    .filter((row) => row.actual < row.lower || row.actual > row.upper)
    .map((row) => `<circle class="miss" cx="${x(row.at).toFixed(1)}" cy="${y(row.actual).toFixed(1)}" r="4.5"/>`);
  return picture(
    WIDTH,
    HEIGHT,
    `${id}: actual volume against its band; ${misses.length} of ${rows.length} buckets outside`,
    `${gridLines(y, 4, EDGE.left, WIDTH - EDGE.right)}${days.join('')}<path class="band" d="${band(rows) ?? ''}"/><path class="median" d="${lineOf(({ median }) => median)}"/><path class="actual" d="${lineOf(({ actual }) => actual)}"/>${misses.join('')}`,
  );
}

/** Horizontal lines at round values, with their labels on the left. */
export function gridLines(y: ScaleLinear<number, number>, count: number, from: number, to: number): string {
  return y
    .ticks(count)
    .map((value) => {
      const at = y(value).toFixed(1);
      return `<line class="grid" x1="${from}" x2="${to}" y1="${at}" y2="${at}"/><text class="tick" x="${from - 6}" y="${at}" dy="4" text-anchor="end">${short(value)}</text>`;
    })
    .join('');
}
