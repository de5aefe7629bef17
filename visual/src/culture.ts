import { Globalize } from 'powerbi-visuals-utils-formattingutils/lib/globalize/globalize.js';

/**
 * Lets format strings write numbers and dates as a locale does. Of their library's locales a package of the visual holds
 * those it is translated into; to any other the library would give the separators of `en-US`, which in much of Latin
 * America turn thousands into decimals. What it lacks is asked of the browser.
 * @param locale BCP 47, one that `Intl` supports
 */
export function ensureCulture(locale: string): void {
  if (Globalize.cultures[locale] !== undefined) return;
  const separators = separatorsOf(locale);
  Globalize.addCultureInfo(locale, 'default', {
    name: locale,
    language: locale.split('-')[0],
    numberFormat: { ...separators, percent: separators, currency: separators },
    calendars: { standard: { days: daysOf(locale), months: monthsOf(locale) } },
  });
}

/** Separators and the sizes of groups of digits, from the decimal point on: 3 and 2 in India. */
function separatorsOf(locale: string) {
  const parts = new Intl.NumberFormat(locale, { numberingSystem: 'latn' }).formatToParts(123_456_789.5);
  const signOf = (type: string) => parts.find((part) => part.type === type)?.value;
  const groups = parts.filter(({ type }) => type === 'integer').map(({ value }) => value.length);
  const [first = 3, second = first] = groups.reverse();
  return { ',': signOf('group') ?? ',', '.': signOf('decimal') ?? '.', groupSizes: [first, second] };
}

function daysOf(locale: string) {
  // The fourth of January 1970 was a Sunday.
  const names = (weekday: 'long' | 'short' | 'narrow') =>
    namesIn(locale, { weekday }, 7, (k) => Date.UTC(1970, 0, 4 + k));
  return { names: names('long'), namesAbbr: names('short'), namesShort: names('narrow') };
}

function monthsOf(locale: string) {
  const names = (month: 'long' | 'short') => namesIn(locale, { month }, 12, (k) => Date.UTC(1970, k));
  return { names: names('long'), namesAbbr: names('short') };
}

function namesIn(locale: string, part: Intl.DateTimeFormatOptions, count: number, at: (k: number) => number): string[] {
  const format = new Intl.DateTimeFormat(locale, { ...part, calendar: 'gregory', timeZone: 'UTC' });
  return Array.from({ length: count }, (_, k) => format.format(at(k)));
}
