import { bucketStart, bucketsPerDay, HOUR_MS } from '../time/bucket.ts';
import { zoneClock } from '../time/zone.ts';

const DAY_MS = 24 * HOUR_MS;

/** Where a bucket lies in the merchants' day and week. */
export interface Calendar {
  readonly perDay: number;
  /** Slot of the local week, [0, 7·perDay): day of week (0 = Monday) · perDay + slot of day. */
  slotOfWeek(bucket: number): number;
}

/**
 * Local day and week of buckets in one IANA time zone.
 * @throws UserError `invalid-time-zone`; `invalid-step` unless the step divides a day.
 */
export function createCalendar(stepMs: number, timeZone: string): Calendar {
  const perDay = bucketsPerDay(stepMs);
  const clock = zoneClock(timeZone);
  const utc = timeZone === 'UTC';
  return {
    perDay,
    slotOfWeek(bucket) {
      const start = bucketStart(bucket, stepMs);
      const local = utc ? start : start + clock.offsetMs(start);
      const day = Math.floor(local / DAY_MS);
      // 1970-01-01 was a Thursday: day 3 of a week that starts on Monday.
      return ((((day + 3) % 7) + 7) % 7) * perDay + Math.floor((local - day * DAY_MS) / stepMs);
    },
  };
}
