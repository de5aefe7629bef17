import { DAY_MS } from '@tidemark/shared/forecasting';
/** A half-open interval of wall-clock instants `[from, to)`. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const WEEKLY = /^([a-z]{3})[a-z]*\s+(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})$/i;
const DATED = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2})\s*(?:\/|–|to|-)\s*(?:(\d{4}-\d{2}-\d{2})[ T])?(\d{2}:\d{2})$/i;

/**
 * Maintenance windows from text, separated by `;`: `Sun 02:00-04:00` each week, or
 * `2026-03-01 22:00 / 2026-03-02 02:00` once. Parts that cannot be read come back in `unread`.
 * @param from first instant of interest @param to last instant of interest
 */
export function parseWindows(text: string, from: number, to: number): { windows: Interval[]; unread: string[] } {
  const windows: Interval[] = [];
  const unread: string[] = [];
  for (const part of text.split(/[;\n]/).map((piece) => piece.trim())) {
    if (part === '') continue;
    const weekly = WEEKLY.exec(part);
    const day = weekly ? DAYS.indexOf((weekly[1] as string).toLowerCase()) : -1;
    const dated = DATED.exec(part);
    if (weekly && day >= 0)
      windows.push(...everyWeek(day, { start: minutes(weekly, 2), end: minutes(weekly, 4) }, { from, to }));
    else if (dated) windows.push({ from: at(dated[1], dated[2]), to: at(dated[3] ?? dated[1], dated[4]) });
    else unread.push(part);
  }
  return {
    windows: windows.filter((window) => window.to > window.from && window.to > from && window.from < to),
    unread,
  };
}

/** The stretches of a series that its rows call maintenance. */
export function maintenanceIn({ points, stepMs }: { points: readonly Stated[]; stepMs: number }): Interval[] {
  const found: { from: number; to: number }[] = [];
  for (const { time, state } of points) {
    if (state !== 'maintenance') continue;
    const last = found.at(-1);
    if (last !== undefined && last.to >= time) last.to = time + stepMs;
    else found.push({ from: time, to: time + stepMs });
  }
  return found;
}

interface Stated {
  readonly time: number;
  readonly state: string;
}

/** Does the bucket `[time, time + stepMs)` touch one of the intervals? */
export function isWithin(time: number, stepMs: number, intervals: readonly Interval[]): boolean {
  return intervals.some((interval) => interval.from < time + stepMs && interval.to > time);
}

function minutes(match: RegExpExecArray, group: number): number {
  return Number(match[group]) * 60 + Number(match[group + 1]);
}

function at(date: string | undefined, clock: string | undefined): number {
  return Date.parse(`${date}T${clock}:00Z`);
}

/** The same minutes of a weekday in every week of an interval; those that end before they start end the next day. */
function everyWeek(
  day: number,
  { start, end }: { readonly start: number; readonly end: number },
  { from, to }: Interval,
): Interval[] {
  const found: Interval[] = [];
  const firstDay = Math.floor(from / DAY_MS) - 1;
  // More than ten years of weeks is a mistake in the rows, not a wish.
  const lastDay = Math.min(Math.ceil(to / DAY_MS), firstDay + 3700);
  for (let number = firstDay; number <= lastDay; number++) {
    if (new Date(number * DAY_MS).getUTCDay() !== day) continue;
    const length = (end > start ? end - start : end + 1440 - start) * 60_000;
    const begin = number * DAY_MS + start * 60_000;
    found.push({ from: begin, to: begin + length });
  }
  return found;
}
