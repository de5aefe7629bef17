import { DAY_MS, HOUR_MS } from '@tidemark/shared/forecasting';

/** Longer than any clock is put forward by. */
const BEFORE_MS = 4 * HOUR_MS;

/**
 * Gives rows back the hour that the reader's clock skips in spring. Power BI's dates arrive on that clock, whatever the zone
 * of the rows: 02:00 of a night in which it goes from 02:00 to 03:00 arrives as 03:00. Of two rows that arrive as the same
 * instant the earlier one is moved back, and a single one where that puts it on the grid of the others.
 * @param times wall-clock instants of the rows, in ms; changed in place @param values the dates they were read from
 */
export function restoreSkippedHours(times: Float64Array, values: readonly unknown[]): void {
  const moved = new Map<number, { readonly rows: number[]; readonly skip: number }>();
  let [day, isChange] = [Number.NaN, false];
  values.forEach((value, row) => {
    if (!(value instanceof Date)) return;
    const time = times[row] as number;
    // Most rows lie in the day of the one before.
    if (Math.floor(time / DAY_MS) !== day) {
      day = Math.floor(time / DAY_MS);
      isChange = isNearChange(value);
    }
    const skip = isChange ? skipBefore(value) : 0;
    if (skip === 0) return;
    const alike = moved.get(time);
    if (alike === undefined) moved.set(time, { rows: [row], skip });
    else alike.rows.push(row);
  });
  if (moved.size === 0) return;
  const others = times.filter((time) => !Number.isNaN(time) && !moved.has(time));
  const isRising = (others[0] ?? 0) <= (others.at(-1) ?? 0);
  const grid = gridOf(others.sort());
  for (const [time, { rows, skip }] of moved) {
    const first = (isRising ? rows[0] : rows.at(-1)) as number;
    if (rows.length > 1 || (!grid(time) && grid(time - skip))) times[first] = time - skip;
  }
}

/** Is the clock put forward on the day of a date, or on one beside it? Asking is slow. */
function isNearChange(date: Date): boolean {
  const [before, after] = [-2 * DAY_MS, 2 * DAY_MS].map((ms) => new Date(date.getTime() + ms).getTimezoneOffset());
  return (before as number) > (after as number);
}

/** By how much the clock had just been put forward at a date, in ms; 0 where no time that it skips would arrive as this one. */
function skipBefore(date: Date): number {
  const offset = new Date(date.getTime() - BEFORE_MS).getTimezoneOffset();
  const skip = 60_000 * (offset - date.getTimezoneOffset());
  return skip > 0 && new Date(date.getTime() - skip).getTimezoneOffset() === offset ? skip : 0;
}

/** Tells whether a time lies on the grid of sorted times. */
function gridOf(times: Float64Array): (time: number) => boolean {
  let step = Number.POSITIVE_INFINITY;
  for (let k = 1; k < times.length; k++) {
    const apart = (times[k] as number) - (times[k - 1] as number);
    if (apart > 0 && apart < step) step = apart;
  }
  return (time) => times.length > 1 && (time - (times[0] as number)) % step === 0;
}
