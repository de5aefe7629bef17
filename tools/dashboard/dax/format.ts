import { Moment } from '../m/values.ts';
import type { Cell } from '../tables.ts';
import { numberOf, textOf } from './values.ts';

/**
 * What `FORMAT` gives for the format strings of the model: letters of a date, or digits of a number.
 * @param locale whose names of days and months, decimal point and grouping are used.
 */
export function formatCell(cell: Cell, format: string, locale = 'en-US'): string {
  if (cell === null) return '';
  if (cell instanceof Moment) return formatDate(cell.ms, format, locale);
  if (typeof cell === 'string') return textOf(cell);
  return formatNumber(numberOf(cell), format, locale);
}

function formatNumber(value: number, format: string, locale: string): string {
  const [first = '', below] = format.split(';');
  if (value < 0 && below !== undefined) return formatNumber(-value, below.replace(/^-/, ''), locale).replace(/^/, '-');
  const decimals = /\.(0+)/.exec(first)?.[1]?.length ?? 0;
  const options = {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
    useGrouping: first.includes(','),
  };
  const style = first.endsWith('%') ? ({ style: 'percent' } as const) : {};
  return new Intl.NumberFormat(locale, { ...options, ...style }).format(value);
}

/** A date by the letters of a format string. */
export function formatDate(ms: number, format: string, locale = 'en-US'): string {
  const date = new Date(ms);
  const part = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' }).format(date).replace(/\.$/, '');
  const two = (value: number) => String(value).padStart(2, '0');
  const parts: Record<string, () => string> = {
    yyyy: () => String(date.getUTCFullYear()),
    mmm: () => part({ month: 'short' }),
    mm: () => two(date.getUTCMonth() + 1),
    ddd: () => part({ weekday: 'short' }),
    dd: () => two(date.getUTCDate()),
    d: () => String(date.getUTCDate()),
    hh: () => two(date.getUTCHours()),
    nn: () => two(date.getUTCMinutes()),
  };
  return format.replace(/yyyy|mmm|mm|ddd|dd|d|hh|nn/g, (letters) => parts[letters]?.() as string);
}
