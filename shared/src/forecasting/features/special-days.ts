import { DAY_MS } from '../time/duration.ts';
/**
 * What a local date can be beside its day of the week; where it is several, the first of these counts.
 * The last three are not listed anywhere: they are the days around the others.
 */
export const DAY_KINDS = [
  'event',
  'holiday',
  'payday',
  'day before a holiday',
  'day after a holiday',
  'day after a payday',
] as const;

/** One of `DAY_KINDS`. */
export type DayKind = (typeof DAY_KINDS)[number];

/** Local dates of one name: every 25 December, every payday, one sale of three days. */
export interface NamedDays {
  readonly kind: 'event' | 'holiday' | 'payday';
  readonly name: string;
  /** `YYYY-MM-DD` in the merchants' zone, rising. */
  readonly dates: readonly string[];
}

/** The special days an artifact carries: what they are and until when they are known. */
export interface SpecialDays {
  /** Last local date the list was made for; about later days it says nothing. */
  readonly through: string;
  readonly days: readonly NamedDays[];
}

/** A special local date, by number. */
export interface SpecialDay {
  /** Place of its kind in `DAY_KINDS`. */
  readonly kind: number;
  /** Place among all different (kind, name) of the calendar, [0, `Calendar.occasions`). */
  readonly occasion: number;
  /** Holidays and events: what happens on them is no measure of an ordinary week. */
  readonly exceptional: boolean;
}

const AROUND = [
  ['holiday', -1, 'day before a holiday'],
  ['holiday', 1, 'day after a holiday'],
  ['payday', 1, 'day after a payday'],
] as const;

/** Number of a local date since 1970-01-01, whatever the zone. */
export function dayNumber(date: string): number {
  return Math.round(Date.parse(`${date}T00:00:00Z`) / DAY_MS);
}

/**
 * What to tell people once a list of special days has ended, from when on days are forecast as ordinary ones; `null`
 * until then.
 * @param today local date in the merchants' zone.
 * @example
 * endedWarning({ through: '2026-12-31', days: [] }, '2026-06-01'); // null
 */
export function endedWarning(list: SpecialDays | undefined, today: string): string | null {
  if (list === undefined || today <= list.through) return null;
  return `the model knows special days up to ${list.through} only: train again, or later holidays are forecast as ordinary days`;
}

/**
 * Special days by day number, with the days around them.
 * The number of different occasions is `occasions`; the same list gives the same numbers everywhere.
 */
export function specialDaysByNumber(list: SpecialDays): {
  readonly byDay: ReadonlyMap<number, SpecialDay>;
  readonly occasions: number;
} {
  const byDay = new Map<number, SpecialDay>();
  let occasions = 0;
  const claim = (kind: DayKind, days: readonly number[]) => {
    const rank = DAY_KINDS.indexOf(kind);
    const occasion = occasions++;
    for (const day of days) {
      const claimed = byDay.get(day);
      if (claimed && claimed.kind <= rank) continue;
      byDay.set(day, { kind: rank, occasion, exceptional: kind === 'event' || kind === 'holiday' });
    }
  };
  for (const { kind, name: _name, dates } of list.days) {
    const days = dates.map(dayNumber);
    claim(kind, days);
    for (const [of, apart, around] of AROUND) {
      if (of === kind)
        claim(
          around,
          days.map((day) => day + apart),
        );
    }
  }
  return { byDay, occasions };
}
