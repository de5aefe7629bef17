import { expect, test } from 'vitest';
import { parseConfig } from '../config.ts';
import { calendarConfig } from './calendar-options.ts';
import { listSpecialDays, spanOf } from './list-special-days.ts';

const from = '2025-01-01';
const through = '2027-12-31';
const list = (calendar: object) => listSpecialDays(parseConfig({ calendar }, 'x').calendar, from, through);
const datesOf = (calendar: object, name: string) => list(calendar)?.days.find((one) => one.name === name)?.dates;

test('nothing configured, nothing listed', () => {
  expect(list({})).toBeUndefined();
  expect(list({ use: 'always' })).toBeUndefined();
});

test('holidays, paydays and events are listed by name, each with all its dates, future ones too', () => {
  const calendar = {
    country: 'gb',
    region: 'eng',
    paydays: ['last'],
    events: [
      { name: 'sale', from: '2025-11-28', to: '2025-12-01' },
      { name: 'sale', from: '2027-11-26' },
      { name: 'long ago', from: '1999-01-01' },
    ],
  };
  expect(list(calendar)?.through).toBe(through);
  expect(datesOf(calendar, 'Christmas Day')).toEqual(['2025-12-25', '2026-12-25', '2027-12-25', '2027-12-27']);
  expect(datesOf(calendar, 'sale')).toEqual(['2025-11-28', '2025-11-29', '2025-11-30', '2025-12-01', '2027-11-26']);
  expect(datesOf(calendar, 'long ago')).toBeUndefined();
  const paid = datesOf(calendar, 'payday') ?? [];
  expect(paid).toHaveLength(36);
  // 31 May 2026 is a Sunday, and Monday 31 August 2026 a bank holiday.
  expect(paid).toEqual(expect.arrayContaining(['2026-05-29', '2026-08-28']));
});

test('the list covers the history and two years beyond, and is the same when it is made again', () => {
  const states = Array.from({ length: 84 }, () => 'observed' as const);
  const series = {
    id: 'a',
    measure: 'net',
    stepMs: 7_200_000,
    firstBucket: 240_000,
    values: new Float64Array(84),
    states,
  };
  const span = spanOf([series as never]);
  const date = (bucket: number) => new Date(bucket * 7_200_000).toISOString().slice(0, 10);
  expect(span.from < date(240_000)).toBe(true);
  expect(span.through >= date(240_084 + 2 * 366 * 12)).toBe(true);
  const calendar = parseConfig({ calendar: { country: 'US', paydays: [15] } }, 'x').calendar;
  expect(listSpecialDays(calendar, span.from, span.through)).toEqual(
    listSpecialDays(calendar, span.from, span.through),
  );
});

test.each([
  [{ calendar: { paydays: [32] } }, /calendar.paydays.0: not a day of the month from 1 to 31 or "last": 32/],
  [{ calendar: { paydays: ['first'] } }, /calendar.paydays.0: .*"first"/],
  [{ calendar: { events: [{ name: 'x', from: 'soon' }] } }, /calendar.events.0.from: not a date such as .*: "soon"/],
  [{ calendar: { events: [{ name: 'x', from: '2026-02-30' }] } }, /calendar.events.0.from: not a date/],
  [{ calendar: { events: [{ name: 'x', from: '2026-02-03', to: '2026-02-01' }] } }, /it ends before it begins/],
  [{ calendar: { holidays: true } }, /calendar: .*holidays/],
])('%j is refused by key and value', (config, message) => {
  expect(() => parseConfig(config, 'tidemark.config.json')).toThrow(message);
});

test('a region without a country, and an unknown country, are refused', () => {
  expect(() => list({ region: 'ENG' })).toThrow(/a region without a country: ENG/);
  expect(() => list({ country: 'UK' })).toThrow(/did you mean GB/);
});

test('what is typed takes the place of what is configured, and a new country forgets the old region', () => {
  const { calendar } = parseConfig({ calendar: { country: 'GB', region: 'ENG', paydays: [1] } }, 'x');
  expect(calendarConfig(calendar, {})).toEqual(calendar);
  expect(calendarConfig(calendar, { country: 'US', paydays: '15, last', calendar: 'always' })).toMatchObject({
    country: 'US',
    region: undefined,
    paydays: [15, 'last'],
    use: 'always',
  });
  expect(() => calendarConfig(calendar, { paydays: '15,0' })).toThrow(
    /invalid configuration in --paydays; 1: not a day of the month from 1 to 31 or "last": 0/,
  );
  expect(() => calendarConfig(calendar, { events: 'nowhere.json' })).toThrow(/no file of events: nowhere.json/);
});
