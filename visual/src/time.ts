import type { Level } from './levels.ts';
import { monthByName } from './months.ts';

/** One category column of the Time well. */
export interface TimeColumn {
  readonly values: readonly unknown[];
  /** Level of a date hierarchy, `other` for one that the rest says already, such as weeks; `null` for a plain date. */
  readonly level: Level | 'other' | null;
}

const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?(Z|[+-]\d{2}:?\d{2})?$/;

/** Is it a date by itself, whatever its column is called? */
export function isDate(value: unknown): boolean {
  return value instanceof Date || (typeof value === 'string' && ISO.test(value.trim()));
}

/** Does a text say that it is in UTC? */
export function isUtcText(value: unknown): boolean {
  return typeof value === 'string' && /(Z|[+-]00:?00)$/.test(value.trim());
}

/**
 * Instant of a row, as wall-clock time read as if it were UTC. Power BI's dates carry no zone and arrive
 * as local `Date` objects; from here on no code looks at the machine's zone again.
 * @returns `null` where the row's time cannot be read.
 */
export function wallClock(columns: readonly TimeColumn[], index: number): number | null {
  const plain = columns.find((column) => column.level === null);
  if (plain !== undefined) return plainTime(plain.values[index]);
  return columns.length === 0 ? null : hierarchyTime(columns, index);
}

function plainTime(value: unknown): number | null {
  if (value instanceof Date) {
    const time = Date.UTC(
      value.getFullYear(),
      value.getMonth(),
      value.getDate(),
      value.getHours(),
      value.getMinutes(),
      value.getSeconds(),
    );
    return Number.isNaN(time) ? null : time;
  }
  if (typeof value === 'string') return isoTime(value.trim());
  if (typeof value === 'number' && Number.isFinite(value)) {
    if (Number.isInteger(value) && value >= 1000 && value <= 9999) return Date.UTC(value, 0);
    return Math.abs(value) > 1e10 && Math.abs(value) < 8.64e15 ? value : null;
  }
  return null;
}

function isoTime(text: string): number | null {
  const match = ISO.exec(text);
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const time = Date.UTC(year as number, (month as number) - 1, day, hour, minute, second);
  return new Date(time).getUTCDate() === day ? time : null;
}

function hierarchyTime(columns: readonly TimeColumn[], index: number): number | null {
  let year: number | null = null;
  let month = 0;
  let day = 1;
  let hour = 0;
  for (const { level, values } of columns) {
    const value = values[index];
    const digits = Number(/\d+/.exec(String(value ?? ''))?.[0] ?? Number.NaN);
    if (level === 'Year' && Number.isFinite(digits)) year = digits;
    if (level === 'Quarter' && digits >= 1 && digits <= 4) month = (digits - 1) * 3;
    if (level === 'Month') {
      const named = monthByName(String(value ?? '')) ?? (digits >= 1 && digits <= 12 ? digits - 1 : null);
      // A month that cannot be read is no January.
      if (named === null) return null;
      month = named;
    }
    if (level === 'Day' && digits >= 1 && digits <= 31) day = digits;
    if (level === 'Hour' && digits >= 0 && digits <= 23) hour = digits;
  }
  return year === null ? null : Date.UTC(year, month, day, hour);
}
