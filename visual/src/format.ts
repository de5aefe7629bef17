import { nameInText } from '@tidemark/shared/contract/name-in-text';
import { DAY_MS, HOUR_MS } from '@tidemark/shared/forecasting';
import { valueFormatter } from 'powerbi-visuals-utils-formattingutils';
import { ensureCulture } from './culture.ts';
import { type FormatString, readFormat } from './format-string.ts';
import type { Options, Units } from './options.ts';

/**
 * Numbers and instants as this report's readers write them. Those from right to left are set apart, so that signs and words
 * beside them keep their places.
 */
export interface Formats {
  readonly locale: string;
  /** A volume with as many figures as fit an axis or a headline: `1.2M`. */
  short(value: number): string;
  /** The same for the values an axis marks, with as many more figures as tell them apart. */
  axis(values: readonly number[]): (value: number) => string;
  /** A volume in full, by the model's format string; `format` overrides it for one row. */
  full(value: number, format?: string | null): string;
  /** A share as a percentage: `38 %`. */
  percent(share: number): string;
  /** A coverage, which may need a decimal: `99.9 %`. */
  coverage(share: number): string;
  /** Like `short`, with a sign always. */
  signed(value: number): string;
  /** Day and time. */
  instant(time: number): string;
  /** Time of day alone, or with the day where it is not that of `reference`. */
  near(time: number, reference: number): string;
  /** How far a zone is from UTC at an instant, such as `UTC−6`; empty for a zone nobody knows. */
  zone(timeZone: string, time: number): string;
  /** A length of time in days and hours. */
  duration(ms: number): string;
  /** Axis tick: what the instant adds to its neighbours; the first one tells the year, where it is not this one. */
  tick(time: number, spanMs: number, isFirst: boolean): string;
}

const SCALE: Record<Exclude<Units, 'auto'>, number> = { none: 1, thousand: 1e3, million: 1e6, billion: 1e9 };

/** What volumes are written in the light of. */
export interface Measured {
  /** The measure's format string, from the model. */
  readonly format: string | null;
  /** Largest absolute value drawn: sets the unit. */
  readonly largest: number;
}

/** What instants are written in the light of. */
export interface Calendar {
  /** The present, in ms; its year goes without saying. */
  readonly now: number;
  /** Length of the buckets, in ms: days and months have no time of day. */
  readonly stepMs: number;
}

/**
 * The formats of a report in a language.
 * @param locale BCP 47, from the host
 */
export function createFormats(
  locale: string,
  options: Options['numbers'],
  { format, largest }: Measured,
  { now, stepMs }: Calendar,
): Formats {
  const tongue = known(locale);
  ensureCulture(tongue);
  const clock = dateFormat(tongue, { hour: '2-digit', minute: '2-digit', hour12: false });
  const dayMonth = dateFormat(tongue, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
  });
  const dayOnly = dateFormat(tongue, { day: 'numeric', month: 'short' });
  const dated = dateFormat(tongue, { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' });
  const thisYear = new Date(now).getUTCFullYear();
  const isThisYear = (time: number) => new Date(time).getUTCFullYear() === thisYear;
  const isMonthly = stepMs >= 27 * DAY_MS;
  const isDaily = stepMs >= DAY_MS;
  const monthYear = dateFormat(tongue, { month: 'short', year: 'numeric' });
  const percent = numberFormat(tongue, { style: 'percent', maximumFractionDigits: 0 });
  const measured = { format, largest };
  const short = shortFormat(tongue, options, measured);
  const custom = options.dateFormat.trim();
  const customDate = custom === '' ? null : valueFormatter.create({ format: custom, cultureSelector: tongue });
  const day = (time: number) => {
    if (isMonthly) return monthYear.format(time);
    return (isThisYear(time) ? dayMonth : dated).format(time).replaceAll(',', '');
  };
  // The formatter reads local parts; wall-clock instants are kept as if they were UTC.
  const localOf = (time: number) => {
    const utc = new Date(time);
    return new Date(utc.getUTCFullYear(), utc.getUTCMonth(), utc.getUTCDate(), utc.getUTCHours(), utc.getUTCMinutes());
  };
  const instant = (time: number) =>
    customDate?.format(localOf(time)) ??
    (isDaily && time % DAY_MS === 0 ? day(time) : `${day(time)} ${clock.format(time)}`);
  return {
    locale: tongue,
    short: (value) => nameInText(short(value)),
    axis: (values) => {
      for (let more = 0; ; more += 1) {
        const write = shortFormat(tongue, options, measured, more);
        const words = values.map(write);
        if (new Set(words).size === words.length || more === MOST_MORE) return (value) => nameInText(write(value));
      }
    },
    full: (value, own) => nameInText(trueMinus(fullFormat(tongue, own ?? format, largest)(value))),
    percent: (share) => nameInText(trueMinus(percent.format(Math.abs(share) < 0.005 ? 0 : share))),
    coverage: (share) => nameInText(numberFormat(tongue, { style: 'percent', maximumFractionDigits: 1 }).format(share)),
    signed: (value) => nameInText(`${value < 0 ? '−' : '+'}${short(Math.abs(value))}`),
    instant: (time) => nameInText(instant(time)),
    near: (time, reference) =>
      !isDaily && Math.floor(time / DAY_MS) === Math.floor(reference / DAY_MS)
        ? clock.format(time)
        : nameInText(instant(time)),
    zone: (timeZone, time) => {
      const parts = offsetFormat(timeZone)?.formatToParts(time) ?? [];
      const words = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
      return words.replace('GMT', 'UTC').replace('-', '−');
    },
    duration: (ms) => nameInText(durationIn(tongue, ms)),
    tick: (time, spanMs, isFirst) => {
      if (customDate !== null) return customDate.format(localOf(time));
      if (spanMs > 300 * DAY_MS || isMonthly) return monthYear.format(time);
      if (time % DAY_MS !== 0) return clock.format(time);
      if (isFirst && !isThisYear(time)) return day(time);
      return (spanMs > 21 * DAY_MS ? dayOnly : dayMonth).format(time).replaceAll(',', '');
    },
  };
}

/** A length of time in its two largest units, rounded to the smaller one: no day has 24 hours left. */
function durationIn(locale: string, ms: number): string {
  if (ms >= 730 * DAY_MS) return unit(locale, Math.floor(ms / (365.25 * DAY_MS)), 'year');
  if (ms >= 90 * DAY_MS) return unit(locale, Math.floor(ms / DAY_MS), 'day');
  const minutes = Math.round(ms / 60_000);
  if (minutes < 60) return unit(locale, minutes, 'minute');
  const tenths = Math.round(ms / (HOUR_MS / 10));
  if (tenths < 240) return unit(locale, tenths / 10, 'hour');
  const hours = Math.round(ms / HOUR_MS);
  const days = unit(locale, Math.floor(hours / 24), 'day');
  return hours % 24 === 0 ? days : `${days} ${unit(locale, hours % 24, 'hour')}`;
}

/** A minus as typographers set it: the hyphen of number formats is too short to be seen across a room. */
function trueMinus(text: string): string {
  return text.replaceAll(/-(?=[^-]*\d)/g, '−');
}

function unit(locale: string, value: number, name: string): string {
  return numberFormat(locale, { style: 'unit', unit: name, unitDisplay: 'narrow' }).format(value);
}

/** Making a formatter costs more than a thousand uses of it: each is made once. */
const made = new Map<string, unknown>();

function numberFormat(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const figures = { ...options, numberingSystem: 'latn' };
  return once(`number ${locale} ${JSON.stringify(options)}`, () => new Intl.NumberFormat(locale, figures));
}

function dateFormat(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const utc = { ...options, timeZone: 'UTC', numberingSystem: 'latn' };
  return once(`date ${locale} ${JSON.stringify(utc)}`, () => new Intl.DateTimeFormat(locale, utc));
}

/** Writes the offset of a zone; `null` for a zone nobody knows. */
function offsetFormat(timeZone: string): Intl.DateTimeFormat | null {
  try {
    return once(
      `offset ${timeZone}`,
      () => new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'shortOffset' }),
    );
  } catch {
    return null;
  }
}

function once<F>(key: string, make: () => F): F {
  const known = made.get(key) as F | undefined;
  if (known !== undefined) return known;
  const fresh = make();
  made.set(key, fresh);
  return fresh;
}

function known(locale: string): string {
  try {
    return Intl.NumberFormat.supportedLocalesOf(locale)[0] ?? 'en-US';
  } catch {
    return 'en-US';
  }
}

/** A format string, read once, since dynamic format strings may bring one per row; `null` where there is none. */
function formatString(locale: string, format: string | null): FormatString | null {
  return format === null || format === '' ? null : once(`string ${locale} ${format}`, () => readFormat(format, locale));
}

function fullFormat(locale: string, format: string | null, largest: number): (value: number) => string {
  const own = formatString(locale, format);
  if (own !== null) return own.write;
  const digits = Math.max(2, decimalsOf(largest));
  const plain = numberFormat(locale, { maximumFractionDigits: digits });
  return (value) => plain.format(Math.abs(value) < 0.5 * 10 ** -digits ? 0 : value);
}

/** Most figures that the values of an axis get beyond the usual ones. */
const MOST_MORE = 9;

/** Decimals that leave the largest value three figures; below 0 for large ones. */
function decimalsOf(largest: number): number {
  return largest > 0 ? Math.min(20, 2 - Math.floor(Math.log10(largest))) : 0;
}

/**
 * Compact figures dressed as the model's format string dresses them: its currency sign or unit, not its digits.
 * @param more figures beyond the usual ones, where the author has not fixed the decimals
 */
function shortFormat(locale: string, options: Options['numbers'], { format, largest }: Measured, more = 0) {
  const own = formatString(locale, format);
  if (own?.isPercent) return (value: number) => trueMinus(own.write(value));
  const { before, after } = own ?? { before: '', after: '' };
  const digits =
    options.decimals < 0 ? null : { minimumFractionDigits: options.decimals, maximumFractionDigits: options.decimals };
  if (options.units === 'auto') {
    const compact = numberFormat(locale, {
      notation: 'compact',
      ...(digits ?? { maximumSignificantDigits: 3 + more }),
    });
    return (value: number) => signFirst(value, (size) => before + compact.format(size) + after);
  }
  const scale = SCALE[options.units];
  const suffix = { none: '', thousand: 'K', million: 'M', billion: 'B' }[options.units];
  const usual = Math.max(scale === 1 ? 0 : 1, largest < (scale === 1 ? 100 : scale) ? decimalsOf(largest / scale) : 0);
  const plain = numberFormat(locale, digits ?? { maximumFractionDigits: Math.min(20, usual + more) });
  return (value: number) => signFirst(value, (size) => before + plain.format(size / scale) + suffix + after);
}

/** A minus before the currency sign: `−$12K`; none before what reads as zero. */
function signFirst(value: number, write: (size: number) => string): string {
  const size = write(Math.abs(value));
  return value < 0 && size !== write(0) ? `−${size}` : size;
}
