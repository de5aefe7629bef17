import { bandAt, FAN_COVERAGES } from '@tidemark/shared';
import type { Judged } from '../model/backtest.ts';
import { escaped, linear, path, picture, short, ticks } from './svg.ts';

const WIDTH = 960;

/** Actual volume against its band, bucket by bucket; what left the band is marked. */
export function bandChart(id: string, judged: readonly Judged[], stepMs: number, coverage: number): string {
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
    const text = new Date(day).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
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
    return `<circle class="point" cx="${x(1 - coverage).toFixed(1)}" cy="${y(1 - kept).toFixed(1)}" r="5"><title>promised ${percent(coverage)}, kept ${percent(kept)}</title></circle>`;
  }).join('');
  const axis = [0.8, 0.95, 0.99, 0.999]
    .map((coverage) => {
      const at = 1 - coverage;
      return `<text class="tick" x="${x(at)}" y="${size - edge + 18}" text-anchor="middle">${percent(coverage)}</text><text class="tick" x="${edge - 6}" y="${y(at) + 4}" text-anchor="end">${percent(coverage)}</text>`;
    })
    .join('');
  return picture(
    size,
    size,
    'Coverage promised and kept',
    `<line class="grid" x1="${x(0.25)}" y1="${y(0.25)}" x2="${x(0.0005)}" y2="${y(0.0005)}"/>${axis}${marks}<text class="tick" x="${(size + edge) / 2}" y="${size - 8}" text-anchor="middle">promised</text><text class="tick" transform="translate(11 ${(size - edge) / 2}) rotate(-90)" text-anchor="middle">kept</text>`,
  );
}

/** Share of buckets inside the band by day of week and hour; dark is where the promise is broken. */
export function hourOfWeekChart(inside: Float64Array, counted: Float64Array, perDay: number, coverage: number): string {
  const cell = { width: 44, height: 26 };
  const left = 44;
  const top = 20;
  const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
  const cells = Array.from({ length: 7 * perDay }, (_, slot) => {
    const n = counted[slot] as number;
    const share = n === 0 ? Number.NaN : (inside[slot] as number) / n;
    const x = left + (slot % perDay) * cell.width;
    const y = top + Math.floor(slot / perDay) * cell.height;
    const short = Math.max(0, Math.min(1, (coverage - share) / (4 * (1 - coverage))));
    const text = n === 0 ? '' : Math.round(100 * share);
    return `<rect x="${x}" y="${y}" width="${cell.width - 2}" height="${cell.height - 2}" rx="3" fill="${n === 0 ? '#f2f2ef' : shade(short)}"/><text class="cell" x="${x + cell.width / 2 - 1}" y="${y + 17}" text-anchor="middle"${short > 0.6 ? ' fill="#fff"' : ''}>${text}</text>`;
  }).join('');
  const hours = Array.from({ length: perDay }, (_, slot) => {
    const hour = String((slot * 24) / perDay).padStart(2, '0');
    return `<text class="tick" x="${left + slot * cell.width + cell.width / 2 - 1}" y="13" text-anchor="middle">${hour}:00</text>`;
  }).join('');
  const names = days
    .map(
      (day, k) =>
        `<text class="tick" x="${left - 8}" y="${top + k * cell.height + 17}" text-anchor="end">${day}</text>`,
    )
    .join('');
  return picture(
    left + perDay * cell.width,
    top + 7 * cell.height,
    `Share of buckets inside the ${percent(coverage)} band by hour of the week`,
    hours + names + cells,
  );
}

/** A table of text; the first column is a heading. */
export function htmlTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]) =>
    row.map((text) => `<${tag}>${escaped(text)}</${tag}>`).join('');
  return `<table><thead><tr>${cells('th', head)}</tr></thead><tbody>${rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('')}</tbody></table>`;
}

/** `99.5 %` */
export function percent(share: number): string {
  return Number.isFinite(share) ? `${Number((100 * share).toFixed(1))} %` : '–';
}

const DAY_MS = 86_400_000;

/** From pale blue-grey (kept) to deep orange (broken), readable for the colour-blind. */
function shade(short: number): string {
  const mix = (from: number, to: number) => Math.round(from + (to - from) * short);
  return `rgb(${mix(222, 188)},${mix(233, 76)},${mix(242, 12)})`;
}
