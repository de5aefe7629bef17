import { bucketStart } from '../time/bucket.ts';
import { DAY_MS } from '../time/duration.ts';
import { createGrid } from '../time/grid.ts';
import { type ZoneClock, zoneClock } from '../time/zone.ts';
import { type SpecialDay, type SpecialDays, specialDaysByNumber } from './special-days.ts';

/** Where a bucket lies in the merchants' day, week and year. */
export interface Calendar {
  readonly perDay: number;
  /** Slot of the local week, [0, 7·perDay): day of week (0 = Monday) · perDay + slot of day. */
  slotOfWeek(bucket: number): number;
  /**
   * Whole buckets by which the local clock is ahead of the zone's standard time: 0 in winter, and wherever a bucket is
   * longer than the clocks move.
   */
  shift(bucket: number): number;
  /** The bucket that the local clock showed `lag` buckets earlier, across changes of the clocks: `lag` a week, the same slot. */
  earlier(bucket: number, lag: number): number;
  /** Number of the local date on which a bucket starts; see `dayNumber`. */
  dayOf(bucket: number): number;
  /** What the local date on which a bucket starts is, where it is not an ordinary one. */
  special(bucket: number): SpecialDay | undefined;
  /** Different occasions among the special days; 0 where none are configured. */
  readonly occasions: number;
}

/**
 * A calendar of buckets: local day and week in one IANA time zone, and what is special about some dates.
 * @throws UserError `invalid-time-zone`; `invalid-step` unless the step divides a day.
 * @example
 * createCalendar(7_200_000, 'America/Lima').perWeek; // 84
 */
export function createCalendar(stepMs: number, timeZone: string, specialDays?: SpecialDays): Calendar {
  const { perDay } = createGrid(stepMs);
  const clock = zoneClock(timeZone);
  const utc = timeZone === 'UTC';
  const localMs = (bucket: number) => {
    const start = bucketStart(bucket, stepMs);
    return utc ? start : start + clock.offsetMs(start);
  };
  const dayOf = (bucket: number) => Math.floor(localMs(bucket) / DAY_MS);
  const shift = shiftOf(clock, stepMs);
  const { byDay, occasions } = specialDaysByNumber(specialDays ?? { through: '', days: [] });
  return {
    perDay,
    occasions,
    dayOf,
    shift,
    earlier: (bucket, lag) => bucket - lag + shift(bucket) - shift(bucket - lag),
    slotOfWeek(bucket) {
      const local = localMs(bucket);
      const day = Math.floor(local / DAY_MS);
      // 1970-01-01 was a Thursday: day 3 of a week that starts on Monday.
      return ((((day + 3) % 7) + 7) % 7) * perDay + Math.floor((local - day * DAY_MS) / stepMs);
    },
    special: occasions === 0 ? () => undefined : (bucket) => byDay.get(dayOf(bucket)),
  };
}

/** Years whose Januaries and Julys show by how much a zone's clocks move. */
const YEARS = [2010, 2015, 2020, 2025];

function shiftOf(clock: ZoneClock, stepMs: number): (bucket: number) => number {
  const offsets = YEARS.flatMap((year) => [0, 6].map((month) => clock.offsetMs(Date.UTC(year, month, 1))));
  const standard = Math.min(...offsets);
  if (Math.max(...offsets) - standard < stepMs) return () => 0;
  return (bucket) => Math.trunc((clock.offsetMs(bucketStart(bucket, stepMs)) - standard) / stepMs);
}
