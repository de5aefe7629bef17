import { bandAt, DAY_MS, zoneClock } from '@tidemark/shared/forecasting';
import type { JudgedNext } from '../evaluation/backtest.ts';
import { type Frame, plotOf } from './plot.ts';
import { picture } from './svg.ts';

const FRAME: Frame = { width: 960, height: 240, edge: { left: 56, right: 8, top: 10, bottom: 26 } };

/** Half the width of a date such as 21 Nov. */
const HALF_A_DATE = 20;

/** Actual volume against its band, bucket by bucket; values outside the band are marked. */
export function bandChart(
  id: string,
  judged: readonly JudgedNext[],
  { stepMs, timeZone }: { readonly stepMs: number; readonly timeZone: string },
  coverage: number,
): string {
  const rows = judged.map(({ bucket, actual, fan }) => ({
    at: bucket * stepMs,
    actual,
    median: fan.median,
    ...bandAt(fan, coverage),
  }));
  const [first, last] = [rows[0], rows[rows.length - 1]];
  if (!first || !last) return '';
  const low = Math.min(0, ...rows.map((row) => Math.min(row.lower, row.actual)));
  const high = Math.max(...rows.map((row) => Math.max(row.upper, row.actual)));
  const plot = plotOf(rows, FRAME, [first.at, last.at], [low, high]);
  const days = localMidnights(first.at, last.at, timeZone).map(({ at, name }) => {
    const x = plot.x(at);
    const anchor = x > FRAME.width - HALF_A_DATE ? 'end' : 'middle';
    return `<text class="tick" x="${x.toFixed(1)}" y="${FRAME.height - 8}" text-anchor="${anchor}">${name}</text>`;
  });
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

/** Every second local midnight between two instants, with its date. */
function localMidnights(from: number, to: number, timeZone: string): { at: number; name: string }[] {
  const clock = zoneClock(timeZone);
  const found: { at: number; name: string }[] = [];
  for (let wall = Math.ceil((from + clock.offsetMs(from)) / DAY_MS) * DAY_MS; ; wall += 2 * DAY_MS) {
    const at = wall - clock.offsetMs(wall - clock.offsetMs(from));
    if (at > to) return found;
    const name = new Date(wall).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
    found.push({ at, name });
  }
}
