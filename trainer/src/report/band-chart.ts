import { bandAt, DAY_MS } from '@tidemark/shared/forecasting';
import type { Judged } from '../evaluation/backtest.ts';
import { type Frame, plotOf } from './plot.ts';
import { picture } from './svg.ts';

const FRAME: Frame = { width: 960, height: 240, edge: { left: 56, right: 8, top: 10, bottom: 26 } };

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
  const plot = plotOf(rows, FRAME, [first.at, last.at], [low, high]);
  const days: string[] = [];
  for (let day = Math.ceil(first.at / DAY_MS) * DAY_MS; day <= last.at; day += 2 * DAY_MS) {
    const text = new Date(day).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone });
    const x = plot.x(day).toFixed(1);
    days.push(`<text class="tick" x="${x}" y="${FRAME.height - 8}" text-anchor="middle">${text}</text>`);
  }
  const misses = rows.filter((row) => row.actual < row.lower || row.actual > row.upper);
  return picture(
    FRAME.width,
    FRAME.height,
    `${id}: actual volume against its band; ${misses.length} of ${rows.length} buckets outside`,
    [
      plot.grid(4),
      ...days,
      plot.band(
        ({ lower }) => lower,
        ({ upper }) => upper,
      ),
      plot.line('median', ({ median }) => median),
      plot.line('actual', ({ actual }) => actual),
      ...misses.map((row) => plot.mark(row, row.actual, 4.5)),
    ].join(''),
  );
}
