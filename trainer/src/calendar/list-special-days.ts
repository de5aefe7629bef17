import { UserError } from '@tidemark/shared/errors';
import type { NamedDays, Series, SpecialDays } from '@tidemark/shared/forecasting';
import { DAY_MS } from '@tidemark/shared/forecasting';
import type { Config } from '../config.ts';
import { completeLength } from '../training/split.ts';
import { checkPlace, publicHolidays } from './holidays.ts';
import { paydays } from './paydays.ts';

/** What a configuration says about special days. */
export type CalendarConfig = Omit<Config['calendar'], 'use'>;

/** The list reaches this far beyond the last bucket: a model is retrained long before. */
const YEARS_AHEAD = 2;

/**
 * Special local dates from one date to another, both included, for the artifact; `undefined` where nothing is configured.
 * @throws UserError `unknown-country` or `unknown-region`.
 */
export function listSpecialDays(config: CalendarConfig, from: string, through: string): SpecialDays | undefined {
  checkCalendarPlace(config);
  if (config.country === undefined && config.paydays.length === 0 && config.events.length === 0) return undefined;
  const inside = (date: string) => date >= from && date <= through;
  const yearOf = (date: string) => Number(date.slice(0, 4));
  const holidays =
    config.country === undefined
      ? []
      : publicHolidays(config.country.toUpperCase(), config.region?.toUpperCase(), yearOf(from), yearOf(through) + 1);
  const named = new Map<string, { kind: NamedDays['kind']; name: string; dates: string[] }>();
  const add = (kind: NamedDays['kind'], name: string, date: string) => {
    if (!inside(date)) return;
    const key = `${kind} ${name}`;
    const entry = named.get(key) ?? { kind, name, dates: [] };
    entry.dates.push(date);
    named.set(key, entry);
  };
  for (const { name, from: first, to = first } of config.events)
    for (const date of datesOf(first, to)) add('event', name, date);
  for (const { name, date } of holidays) add('holiday', name, date);
  const holidayDates = new Set(holidays.map(({ date }) => date));
  for (const date of paydays(config.paydays, from, through, (day) => holidayDates.has(day)))
    add('payday', 'payday', date);
  return {
    through,
    days: [...named.values()].map(({ dates, ...rest }) => ({ ...rest, dates: [...new Set(dates)].sort() })),
  };
}

/** @throws UserError `unknown-country` or `unknown-region` for a configured place without a list of holidays. */
export function checkCalendarPlace({ country, region }: CalendarConfig): void {
  if (country !== undefined) checkPlace(country.toUpperCase(), region?.toUpperCase());
  else if (region !== undefined)
    throw new UserError('unknown-region', `a region without a country: ${region}; name the country, too`);
}

/**
 * What a calendar says about the history of some series and the two years beyond; `undefined` where it is not to be
 * used.
 */
export function specialDaysFor(series: readonly Series[], config: Config['calendar']): SpecialDays | undefined {
  const { from, through } = spanOf(series);
  return config.use === 'never' ? undefined : listSpecialDays(config, from, through);
}

/** Local dates that a list for some series has to cover: their history and two years beyond its end. */
export function spanOf(series: readonly Series[]): { readonly from: string; readonly through: string } {
  const first = Math.min(...series.map(({ firstBucket, stepMs }) => firstBucket * stepMs));
  const last = Math.max(...series.map((one) => (one.firstBucket + completeLength(one)) * one.stepMs));
  // A day more on both sides, whatever the zone.
  return { from: textOf(first - DAY_MS), through: textOf(last + DAY_MS + YEARS_AHEAD * 366 * DAY_MS) };
}

function* datesOf(from: string, to: string): Generator<string> {
  for (let at = Date.parse(from); at <= Date.parse(to); at += DAY_MS) yield textOf(at);
}

function textOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
