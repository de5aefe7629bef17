import { expect, test } from 'vitest';
import { parseConfig } from '../config.ts';
import { utcDaysNote } from './utc-days.ts';

const note = (timeZone: string, stepHours: number) =>
  utcDaysNote(parseConfig({ timeZone, stepHours }, 'test'), Date.UTC(2026, 10, 1));

test.each([
  ['America/Santiago', /begin at 20:00 or 21:00 in America\/Santiago/],
  ['Europe/Lisbon', /begin at 00:00 or 01:00 in Europe\/Lisbon/],
  ['Asia/Kolkata', /begin at 05:30 in Asia\/Kolkata/],
])('of a day in %s it is said when they begin there', (zone, says) => {
  expect(note(zone, 24)).toMatch(says);
});

test('nothing is to be said where days are those of UTC, nor of shorter buckets', () => {
  expect([note('UTC', 24), note('Atlantic/Reykjavik', 24), note('America/Santiago', 12)]).toEqual([null, null, null]);
});
