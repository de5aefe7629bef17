import { UserError } from '../../errors.ts';
import { HOUR_MS } from './duration.ts';

/** Wall-clock time of one instant in one time zone. */
export interface LocalTime {
  readonly year: number;
  /** 1–12 */
  readonly month: number;
  /** 1–31 */
  readonly day: number;
  /** 0–23 */
  readonly hour: number;
  readonly minute: number;
  /** 0 is Monday, 6 is Sunday. */
  readonly weekday: number;
}

/** Reads wall clocks in one IANA time zone, as the runtime's own zone tables give them. */
export interface ZoneClock {
  readonly timeZone: string;
  /** Local minus UTC at an instant, in ms; −21 600 000 in Mexico City. */
  offsetMs(epochMs: number): number;
  local(epochMs: number): LocalTime;
  /** `2026-03-01T08:00:00`, without offset. */
  localText(epochMs: number): string;
}

/**
 * A clock of an IANA time zone. Offsets are remembered per quarter of an hour, the finest step at which a zone changes.
 * @throws UserError `invalid-time-zone` for a name the runtime does not know.
 * @example
 * zoneClock('America/Lima').offsetMs(Date.UTC(2026, 0, 1)); // −18_000_000
 */
export function zoneClock(timeZone: string): ZoneClock {
  const format = formatOf(timeZone);
  const known = new Map<number, number>();
  const offsetMs = (epochMs: number) => {
    const quarter = Math.floor(epochMs / QUARTER_MS);
    let offset = known.get(quarter);
    if (offset === undefined) {
      offset = wallMs(format, quarter * QUARTER_MS) - quarter * QUARTER_MS;
      known.set(quarter, offset);
    }
    return offset;
  };
  return {
    timeZone,
    offsetMs,
    local(epochMs) {
      const wall = new Date(epochMs + offsetMs(epochMs));
      return {
        year: wall.getUTCFullYear(),
        month: wall.getUTCMonth() + 1,
        day: wall.getUTCDate(),
        hour: wall.getUTCHours(),
        minute: wall.getUTCMinutes(),
        weekday: (wall.getUTCDay() + 6) % 7,
      };
    },
    localText(epochMs) {
      return new Date(epochMs + offsetMs(epochMs)).toISOString().slice(0, 19);
    },
  };
}

/** A change of a zone's offset: from `at` on it is `offsetMs`. */
export interface OffsetChange {
  readonly at: number;
  readonly offsetMs: number;
}

/** The offset at `fromMs` and every change of it in `(fromMs, toMs)`, in order. */
export function offsetChanges(clock: ZoneClock, fromMs: number, toMs: number): OffsetChange[] {
  const changes: OffsetChange[] = [{ at: fromMs, offsetMs: clock.offsetMs(fromMs) }];
  for (let from = fromMs; from < toMs; from += PROBE_MS) {
    let low = from;
    let high = Math.min(from + PROBE_MS, toMs);
    const before = clock.offsetMs(low);
    if (clock.offsetMs(high) === before) continue;
    while (high - low > QUARTER_MS) {
      const middle = Math.floor((low + high) / 2 / QUARTER_MS) * QUARTER_MS;
      if (middle <= low) break;
      if (clock.offsetMs(middle) === before) low = middle;
      else high = middle;
    }
    const at = Math.floor(high / QUARTER_MS) * QUARTER_MS;
    if (at < toMs) changes.push({ at, offsetMs: clock.offsetMs(at) });
  }
  return changes;
}

const QUARTER_MS = HOUR_MS / 4;
// No zone changes its offset twice within a day.
const PROBE_MS = 24 * HOUR_MS;

function formatOf(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'iso8601',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (cause) {
    throw new UserError(
      'invalid-time-zone',
      `invalid time zone; not an IANA name such as America/Mexico_City: ${timeZone}`,
      { cause },
    );
  }
}

function wallMs(format: Intl.DateTimeFormat, epochMs: number): number {
  const part: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(epochMs)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
