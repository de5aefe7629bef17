import { expect, test } from 'vitest';
import { createRandom } from '../../forecasting/random.ts';
import { HOUR_MS } from '../../forecasting/time/duration.ts';
import { zoneClock } from '../../forecasting/time/zone.ts';
import { testTargets } from '../budget.ts';
import { createWatch } from '../watch.ts';

const PER_WEEK = 84;
const FIRST = Date.UTC(2025, 0, 6) / (2 * HOUR_MS);
const BUDGET = 0.36;
const CLIENTS = 40;
/** Weeks in which nothing is said, and weeks after which a client is no longer young. */
const WEEKS = [4, 14] as const;

const watch = createWatch({
  stepMs: 2 * HOUR_MS,
  clock: zoneClock('UTC'),
  dimensions: [],
  falsePerSeriesWeek: BUDGET,
});

/** Times that attempts come to stand against a calm client whose buckets vary by 7 % and days by 5 %. */
function alarmsOf(seed: number, mean: number): number {
  const random = createRandom(seed);
  const state = watch.start();
  let alarms = 0;
  let stood = 0;
  let ofDay = 1;
  for (let index = 0; index < WEEKS[1] * PER_WEEK; index++) {
    if (index % 12 === 0) ofDay = 1 + 0.05 * random.normal();
    const ofHour = 1 + 0.8 * Math.sin((2 * Math.PI * (index % 12)) / 12);
    const rate = mean * ofHour * ofDay * (1 + 0.07 * random.normal());
    const attempts = Math.round(Math.max(0, rate + Math.sqrt(Math.max(0, rate)) * random.normal()));
    const counts = { attempts, approved: attempts, sales: 0, logSum: 0, logSquares: 0 };
    watch.observe(state, { bucket: FIRST + index, counts });
    const standing = watch.evidence(state).length;
    if (standing > stood) alarms++;
    stood = standing;
  }
  return alarms;
}

test.each([600, 5_000, 20_000])(
  'a young client of %i attempts in two hours keeps its budget of false alarms',
  (mean) => {
    const { attemptsLow, attemptsHigh } = testTargets(BUDGET, 0);
    let alarms = 0;
    for (let seed = 0; seed < CLIENTS; seed++) alarms += alarmsOf(100 + seed, mean);
    const ratio = alarms / (CLIENTS * (WEEKS[1] - WEEKS[0]) * (attemptsLow + attemptsHigh));
    expect(ratio).toBeGreaterThan(0.7);
    expect(ratio).toBeLessThan(1.5);
  },
);
