import { expect, test } from 'vitest';
import { HOUR_MS } from '../../forecasting/time/duration.ts';
import { zoneClock } from '../../forecasting/time/zone.ts';
import { expectCount, learnCount, startExpectation } from './expected-counts.ts';
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
