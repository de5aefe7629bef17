import { createRequire } from 'node:module';
import { UserError } from '@tidemark/shared/errors';
import { DAY_MS } from '@tidemark/shared/forecasting';
import type Holidays from 'date-holidays';

/** Every country's rules take a while to load: only who asks for holidays waits for them. */
const library = (): typeof Holidays => createRequire(import.meta.url)('date-holidays');

/** A public holiday: its English name, where the library knows one, and its local date. */
export interface Holiday {
  readonly name: string;
  /** `YYYY-MM-DD` */
  readonly date: string;
}

const NOON_MS = DAY_MS / 2;
/** Wall time of the country as if it were UTC: only dates are of interest. */
const OPTIONS = { types: ['public', 'bank'] as ('public' | 'bank')[], languages: 'en', timezone: 'UTC' };

/**
 * Public and bank holidays of a country (ISO 3166-1) or of one of its regions (ISO 3166-2 without the country), with
 * their substitute days, from January of `firstYear` to December of `lastYear`, in order. A holiday counts on the dates
 * at whose noon it has begun and not ended; one that fills an afternoon only does not.
 * @throws UserError `unknown-country` or `unknown-region`, with what is meant or accepted.
 */
export function publicHolidays(
  country: string,
  region: string | undefined,
  firstYear: number,
  lastYear: number,
): Holiday[] {
  checkPlace(country, region);
  const Holidays = library();
  const source = region === undefined ? new Holidays(country, OPTIONS) : new Holidays(country, region, OPTIONS);
  const found = new Map<string, Holiday>();
  for (let year = firstYear; year <= lastYear; year++) {
    for (const { start, end, name } of source.getHolidays(year)) {
      const first = Math.floor((start.getTime() - NOON_MS) / DAY_MS) + 1;
      for (let day = first; day * DAY_MS + NOON_MS < end.getTime(); day++) {
        const date = new Date(day * DAY_MS).toISOString().slice(0, 10);
        if (!found.has(date)) found.set(date, { date, name: name.replace(/ \(substitute day\)$/, '') });
      }
    }
  }
  return [...found.values()].sort((a, b) => (a.date < b.date ? -1 : 1));
}

/** @throws UserError as `publicHolidays` does. */
export function checkPlace(country: string, region: string | undefined): void {
  const Holidays = library();
  const countries = new Holidays().getCountries('en');
  if (!(country in countries)) {
    const meant = alike(country, countries);
    throw new UserError(
      'unknown-country',
      `unknown country: ${country}; ${
        meant.length > 0 ? `did you mean ${meant.join(' or ')}?` : `known are ${Object.keys(countries).join(', ')}`
      }`,
    );
  }
  if (region === undefined) return;
  const regions = new Holidays().getStates(country, 'en') ?? {};
  if (region in regions) return;
  const known = Object.entries(regions).map(([code, name]) => `${code} (${name})`);
  throw new UserError(
    'unknown-region',
    `unknown region of ${country}: ${region}; ${known.length > 0 ? `known are ${known.join(', ')}` : 'it has none: leave the region out'}`,
  );
}

/** Countries whose code, name, or name's first letters are like what was written: `uk`, `usa`, `mexico`. */
function alike(text: string, countries: Record<string, string>): string[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  const initials = (name: string) =>
    name
      .split(/[^\p{L}]+/u)
      .map((word) => (/^\p{Lu}/u.test(word) ? word.charAt(0) : ''))
      .join('');
  return Object.entries(countries)
    .filter(
      ([code, name]) =>
        code.toLowerCase() === wanted ||
        (wanted.length > 3 && name.toLowerCase().includes(wanted)) ||
        initials(name).toLowerCase().startsWith(wanted),
    )
    .map(([code, name]) => `${code} (${name})`)
    .slice(0, 5);
}
