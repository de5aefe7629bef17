import { percent, shortPercent } from '../numbers.ts';
import { DAYS, hourName, type SlotCoverage } from './hour-of-week.ts';
import { picture } from './svg.ts';

/** Coverage of the band by day of week and hour; orange where it is below the nominal coverage. */
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
    `Share of buckets inside the ${shortPercent(coverage)} band by hour of the week`,
    [...hours, ...names, ...cells].join(''),
  );
}
