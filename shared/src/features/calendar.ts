import { UserError } from '../errors.ts';
import { bucketStart, bucketsPerDay, HOUR_MS } from '../time/bucket.ts';

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
  const offsetAt = createOffsets(timeZone);
  return {
    perDay,
    slotOfWeek(bucket) {
      const start = bucketStart(bucket, stepMs);
      const local = start + offsetAt(start);
      const day = Math.floor(local / DAY_MS);
      // 1970-01-01 was a Thursday: day 3 of a week that starts on Monday.
      return ((((day + 3) % 7) + 7) % 7) * perDay + Math.floor((local - day * DAY_MS) / stepMs);
    },
  };
}

/** Offset of local from UTC time, in ms, at an instant. Looked up once per hour asked for, at most. */
function createOffsets(timeZone: string): (epochMs: number) => number {
  if (timeZone === 'UTC') return () => 0;
  const format = formatOf(timeZone);
  const lookUp = (epochMs: number) => {
    const part: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(epochMs)) part[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(epochMs / 1000) * 1000;
  };
  // A UTC day with the same offset at both ends has no change inside; others are looked up every time.
  const days = new Map<number, number | null>();
  return (epochMs) => {
    const day = Math.floor(epochMs / DAY_MS);
    let known = days.get(day);
    if (known === undefined) {
      const before = lookUp(day * DAY_MS);
      known = before === lookUp((day + 1) * DAY_MS) ? before : null;
      days.set(day, known);
    }
    return known ?? lookUp(epochMs);
  };
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (error) {
    throw new UserError(
      'invalid-time-zone',
      `invalid time zone: ${timeZone}; expected an IANA name, e.g. Europe/London`,
      {
        cause: error,
      },
    );
  }
}
