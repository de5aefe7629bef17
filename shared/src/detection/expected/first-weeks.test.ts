import { expect, test } from 'vitest';
import { HOUR_MS } from '../../forecasting/time/duration.ts';
import { zoneClock } from '../../forecasting/time/zone.ts';
import { dateSlot, expectCount, learnCount, learnDate, startExpectation } from './expected-counts.ts';
import { localHours } from './local-hours.ts';

const STEP_MS = 2 * HOUR_MS;
const PER_DAY = 12;
const FIRST = Date.UTC(2025, 0, 6) / STEP_MS;
const hoursOf = localHours(STEP_MS, zoneClock('America/Lima'));

/** Counts by the hour of the day, and half of them on the last two days of the week. */
const countAt = (size: number, index: number) =>
  size * (1 + 0.6 * Math.sin((2 * Math.PI * index) / PER_DAY)) * (Math.floor(index / PER_DAY) % 7 < 5 ? 1 : 0.5);

test.each([60, 3_000, 100_000])('what is expected of a series of %d is right from its fourth week on', (size) => {
  const state = startExpectation();
  for (let day = 0; day < 84; day++) {
    let [expected, seen] = [0, 0];
    for (let index = day * PER_DAY; index < (day + 1) * PER_DAY; index++) {
      const at = hoursOf(FIRST + index);
      expected += expectCount(state, at, 0.06).mean;
      seen += countAt(size, index);
      learnCount(state, at, countAt(size, index), { dispersion: 0.06, perDay: PER_DAY });
    }
    if (day >= 28) expect(Math.abs(expected / seen - 1)).toBeLessThan(0.12);
  }
});

test('a date that rests on one day is less sure than one that rests on none or on many', () => {
  const state = startExpectation();
  const at = hoursOf(FIRST);
  for (let index = 0; index < 28 * PER_DAY; index++) {
    learnCount(state, hoursOf(FIRST + index), countAt(3_000, index), { dispersion: 0.01, perDay: PER_DAY });
  }
  const doubts = [0, 1, 20].map((days) => {
    const known = { ...state, dateRatios: new Float64Array(40), dateWeights: new Float64Array(40) };
    for (let day = 0; day < days; day++) learnDate(known, dateSlot(at), 1, 1 / 0.01);
    return expectCount(known, at, 0.01).doubt;
  });
  expect(doubts[1]).toBeGreaterThan(doubts[0]! + 0.002);
  expect(doubts[2]).toBeLessThan(doubts[1]!);
});
