import type { SpecialDay } from '../../forecasting/features/special-days.ts';
import { DAY_MS, HOUR_MS } from '../../forecasting/time/duration.ts';
import type { ZoneClock } from '../../forecasting/time/zone.ts';

/** Hours of a local week. */
export const WEEK_HOURS = 168;
/** Buckets whose hours are remembered: those of five weeks, of two hours each. */
const BUCKETS_KEPT = 420;

/** Where a bucket lies on the merchants' clock. */
export interface LocalHours {
  /** Number of the local date on which the bucket starts, since 1970-01-01. */
  readonly day: number;
  /** Day of the month, 1–31, of that date. */
  readonly monthDay: number;
  /** Hours of the local week the bucket overlaps, 0 = Monday from 0 to 1 o'clock. */
  readonly hours: readonly number[];
  /** Hours of overlap with each, (0, 1]; they add up to the bucket's length. */
  readonly overlaps: readonly number[];
  /** What the date is beside its day of the week; `null` for an ordinary one. */
  readonly special: Pick<SpecialDay, 'kind' | 'exceptional'> | null;
}

/**
 * The local hours each bucket overlaps. Buckets are counted in UTC, so a clock change moves them against the local day:
 * hours, not buckets, are what repeats from week to week.
 * @param special what the local date of a bucket is, see `Calendar.special`.
 * @example
 * const hoursOf = localHours(7_200_000, zoneClock('Europe/Madrid'));
 * hoursOf(bucketAt(Date.parse('2026-11-16T12:00:00Z'))).hours; // [13, 14]: Monday from 13 to 15 o'clock
 */
export function localHours(
  stepMs: number,
  clock: Pick<ZoneClock, 'offsetMs'>,
  special: (bucket: number) => Pick<SpecialDay, 'kind' | 'exceptional'> | undefined = () => undefined,
): (bucket: number) => LocalHours {
  const hoursOf = (bucket: number): LocalHours => {
    const start = bucket * stepMs;
    const from = start + clock.offsetMs(start);
    const to = from + stepMs;
    const day = Math.floor(from / DAY_MS);
    const hours: number[] = [];
    const overlaps: number[] = [];
    for (let hour = Math.floor(from / HOUR_MS); hour * HOUR_MS < to; hour++) {
      // 1970-01-01 was a Thursday: day 3 of a week that starts on Monday.
      hours.push((((hour + 72) % WEEK_HOURS) + WEEK_HOURS) % WEEK_HOURS);
      overlaps.push((Math.min(to, (hour + 1) * HOUR_MS) - Math.max(from, hour * HOUR_MS)) / HOUR_MS);
    }
    return { day, monthDay: new Date(day * DAY_MS).getUTCDate(), hours, overlaps, special: special(bucket) ?? null };
  };
  // All series are asked about the same few buckets.
  const known = new Map<number, LocalHours>();
  return (bucket) => {
    const before = known.get(bucket);
    if (before) return before;
    if (known.size >= BUCKETS_KEPT) known.clear();
    const found = hoursOf(bucket);
    known.set(bucket, found);
    return found;
  };
}

/** Hour of the day, 0–23, in whose hour the middle of a bucket lies. */
export function middleHour({ hours }: Pick<LocalHours, 'hours'>): number {
  return hours[hours.length >> 1]! % 24;
}
