import { expect, test } from 'vitest';
import { checkPlace, publicHolidays } from './holidays.ts';

const datesOf = (country: string, region: string | undefined, year: number) =>
  publicHolidays(country, region, year, year).map(({ date, name }) => `${date} ${name}`);

test('holidays of a country and of its regions, substitute days included, under one name', () => {
  expect(datesOf('GB', 'ENG', 2026)).toEqual([
    "2026-01-01 New Year's Day",
    '2026-04-03 Good Friday',
    '2026-04-06 Easter Monday',
    '2026-05-04 Early May bank holiday',
    '2026-05-25 Spring bank holiday',
    '2026-08-31 Summer bank holiday',
    '2026-12-25 Christmas Day',
    '2026-12-26 Boxing Day',
    '2026-12-28 Boxing Day',
  ]);
  expect(publicHolidays('GB', 'SCT', 2026, 2026).map(({ date }) => date)).toContain('2026-01-02');
  expect(datesOf('US', undefined, 2026)).toContain('2026-11-26 Thanksgiving Day');
});

test('a holiday of several days is each of them, and one that starts at noon is none', () => {
  const names = publicHolidays('SA', undefined, 2026, 2026).map(({ name }) => name);
  expect(names.filter((name) => name.startsWith('End of Ramadan'))).toHaveLength(4);
  expect(publicHolidays('CN', undefined, 2026, 2026).map(({ date }) => date)).not.toContain('2026-05-04');
});

test.each([
  ['UK', undefined, /^unknown country: UK; did you mean GB \(United Kingdom\)\?$/],
  ['usa', undefined, /did you mean US \(United States of America\)\?/],
  ['mexico', undefined, /did you mean MX \(Mexico\)\?/],
  ['QQ', undefined, /^unknown country: QQ; known are AD, AE, /],
  ['GB', 'LDN', /^unknown region of GB: LDN; known are ALD \(Alderney\), ENG \(England\)/],
  ['LU', 'X', /^unknown region of LU: X; it has none: leave the region out$/],
])('%s %s is refused, and what is meant or accepted is said', (country, region, message) => {
  expect(() => checkPlace(country, region)).toThrow(message);
});
