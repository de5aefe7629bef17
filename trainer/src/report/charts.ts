import { bandAt, DAY_MS, FAN_COVERAGES } from '@tidemark/shared/forecasting';
import type { Judged } from '../evaluation/backtest.ts';
import { percent, promised, type TextTable } from './comparison.ts';
import { DAYS, hourName, type SlotCoverage } from './hour-of-week.ts';
import { escaped, linear, path, picture, short, ticks } from './svg.ts';

const WIDTH = 960;

/** Actual volume against its band, bucket by bucket; what left the band is marked. */
export function bandChart(
  id: string,
  judged: readonly Judged[],
  { stepMs, timeZone }: { readonly stepMs: number; readonly timeZone: string },
  coverage: number,
): string {
  const height = 240;
  const edge = { left: 56, right: 8, top: 10, bottom: 26 };
  const rows = judged.flatMap(({ bucket, actual, fans: [fan] }) =>
    fan ? [{ at: bucket * stepMs, actual, median: fan.median, ...bandAt(fan, coverage) }] : [],
  );
  const [first, last] = [rows[0], rows[rows.length - 1]];
  if (!first || !last) return '';
  const low = Math.min(0, ...rows.map((row) => Math.min(row.lower, row.actual)));
  const high = Math.max(...rows.map((row) => Math.max(row.upper, row.actual)));
  const x = linear(first.at, last.at, edge.left, WIDTH - edge.right);
  const y = linear(low, high, height - edge.bottom, edge.top);
  const band = `${path(rows.map((row) => [x(row.at), y(row.upper)] as const))}${path(
    [...rows].reverse().map((row) => [x(row.at), y(row.lower)] as const),
  ).replace('M', 'L')}Z`;
  const grid = ticks(low, high, 4)
    .map(
      (value) =>
        `<line class="grid" x1="${edge.left}" x2="${WIDTH - edge.right}" y1="${y(value)}" y2="${y(value)}"/><text class="tick" x="${edge.left - 6}" y="${y(value) + 4}" text-anchor="end">${short(value)}</text>`,
    )
    .join('');
  const days: string[] = [];
  for (let day = Math.ceil(first.at / DAY_MS) * DAY_MS; day <= last.at; day += 2 * DAY_MS) {
    const text = new Date(day).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone });
    days.push(`<text class="tick" x="${x(day)}" y="${height - 8}" text-anchor="middle">${text}</text>`);
  }
  const misses = rows
    .filter((row) => row.actual < row.lower || row.actual > row.upper)
    .map((row) => `<circle class="miss" cx="${x(row.at).toFixed(1)}" cy="${y(row.actual).toFixed(1)}" r="4.5"/>`);
  return picture(
    WIDTH,
    height,
    `${id}: actual volume against its band; ${misses.length} of ${rows.length} buckets outside`,
    `${grid}${days.join('')}<path class="band" d="${band}"/><path class="median" d="${path(rows.map((row) => [x(row.at), y(row.median)] as const))}"/><path class="actual" d="${path(rows.map((row) => [x(row.at), y(row.actual)] as const))}"/>${misses.join('')}`,
  );
}

/** Promised against kept coverage; on the diagonal the promise is kept. */
export function calibrationChart(inside: readonly number[]): string {
  const size = 300;
  const edge = 58;
  // Chances of a miss, on a logarithmic scale: that is where 95 % and 99.9 % differ.
  const x = (miss: number) =>
    linear(Math.log(0.25), Math.log(0.0005), edge, size - 10)(Math.log(Math.max(miss, 0.0005)));
  const y = (miss: number) =>
    linear(Math.log(0.25), Math.log(0.0005), size - edge, 10)(Math.log(Math.max(miss, 0.0005)));
  const marks = FAN_COVERAGES.map((coverage, c) => {
    const kept = inside[c] ?? Number.NaN;
    return `<circle class="point" cx="${x(1 - coverage).toFixed(1)}" cy="${y(1 - kept).toFixed(1)}" r="5"><title>promised ${promised(coverage)}, kept ${percent(kept)}</title></circle>`;
  }).join('');
  const axis = [0.8, 0.95, 0.99, 0.999]
    .map((coverage) => {
      const at = 1 - coverage;
      return `<text class="tick" x="${x(at)}" y="${size - edge + 18}" text-anchor="middle">${promised(coverage)}</text><text class="tick" x="${edge - 6}" y="${y(at) + 4}" text-anchor="end">${promised(coverage)}</text>`;
    })
    .join('');
  return picture(
    size,
    size,
    'Coverage promised and kept',
    `<line class="grid" x1="${x(0.25)}" y1="${y(0.25)}" x2="${x(0.0005)}" y2="${y(0.0005)}"/>${axis}${marks}<text class="tick" x="${(size + edge) / 2}" y="${size - 8}" text-anchor="middle">promised</text><text class="tick" transform="translate(11 ${(size - edge) / 2}) rotate(-90)" text-anchor="middle">kept</text>`,
  );
}

/** Share of buckets inside the band by day of week and hour; orange is where the promise is broken. */
export function hourOfWeekChart(slots: readonly SlotCoverage[], coverage: number): string {
  const perDay = slots.length / 7;
  const cell = { width: Math.max(22, 528 / perDay), height: 28 };
  const left = 44;
  const top = 20;
  const cells = slots.map(({ name, buckets, inside, below, above }, slot) => {
    const x = left + (slot % perDay) * cell.width;
    const y = top + Math.floor(slot / perDay) * cell.height;
    const missing = buckets === 0 ? 0 : Math.max(0, Math.min(1, (coverage - inside) / (4 * (1 - coverage))));
    const text = buckets === 0 ? '' : Math.round(100 * inside);
    const says =
      buckets === 0
        ? `${name}: nothing judged`
        : `${name}: ${percent(inside)} of ${buckets} inside, ${percent(below)} below, ${percent(above)} above`;
    return `<g><title>${says}</title><rect class="slot" style="--missing:${(100 * missing).toFixed(0)}%" x="${x}" y="${y}" width="${cell.width - 2}" height="${cell.height - 2}" rx="3"/><text class="cell${missing > 0.6 ? ' deep' : ''}" x="${x + cell.width / 2 - 1}" y="${y + 18}" text-anchor="middle">${text}</text></g>`;
  });
  const every = Math.ceil(perDay / 12);
  const hours = Array.from({ length: perDay }, (_, slot) =>
    slot % every === 0
      ? `<text class="tick" x="${left + slot * cell.width + cell.width / 2 - 1}" y="13" text-anchor="middle">${hourName(slot, perDay)}</text>`
      : '',
  );
  const names = DAYS.map(
    (day, k) => `<text class="tick" x="${left - 8}" y="${top + k * cell.height + 18}" text-anchor="end">${day}</text>`,
  );
  return picture(
    left + perDay * cell.width,
    top + 7 * cell.height,
    `Share of buckets inside the ${promised(coverage)} band by hour of the week`,
    [...hours, ...names, ...cells].join(''),
  );
}

/** A table of text; its last column may hold a bar, as a share of the longest. */
export function htmlTable({ title, head, rows }: TextTable, bars?: readonly number[]): string {
  const cells = (tag: string, row: readonly string[]) =>
    row.map((text) => `<${tag}>${escaped(text)}</${tag}>`).join('');
  const longest = Math.max(...(bars ?? [0]), 1e-9);
  const barOf = (k: number) =>
    bars ? `<td class="bar"><i style="width:${((100 * (bars[k] as number)) / longest).toFixed(1)}%"></i></td>` : '';
  const body = rows.map((row, k) => `<tr>${cells('td', row)}${barOf(k)}</tr>`);
  return `<div class="wide"><table><thead><tr>${cells('th', [title, ...head])}${bars ? '<th></th>' : ''}</tr></thead><tbody>${body.join('')}</tbody></table></div>`;
}
