import { expect, test } from 'vitest';
import { createRandom } from '../../forecasting/random.ts';
import { HOUR_MS } from '../../forecasting/time/duration.ts';
import { zoneClock } from '../../forecasting/time/zone.ts';
import { testTargets } from '../budget.ts';
import { createWatch } from '../watch.ts';

const BUDGET = 0.36;
const CLIENTS = 40;
/** Weeks in which nothing is said. */
const COLD_WEEKS = 4;

/** Calm clients: attempts in two hours, hours of a bucket, weeks watched. */
interface Calm {
  readonly mean: number;
  readonly hours: number;
  readonly weeks: number;
}

/** Times that attempts come to stand against a calm client whose buckets vary by 7 % and days by 5 %. */
function alarmsOf(seed: number, { mean, hours, weeks }: Calm): number {
  const stepMs = hours * HOUR_MS;
  const watch = createWatch({ stepMs, clock: zoneClock('UTC'), dimensions: [], falsePerSeriesWeek: BUDGET });
  const first = Date.UTC(2025, 0, 6) / stepMs;
  const perDay = 24 / hours;
  const random = createRandom(seed);
  const state = watch.start();
  let alarms = 0;
  let stood = 0;
  let ofDay = 1;
  for (let index = 0; index < weeks * 7 * perDay; index++) {
    if (index % perDay === 0) ofDay = 1 + 0.05 * random.normal();
    const ofHour = 1 + 0.8 * Math.sin((2 * Math.PI * (index % perDay)) / perDay);
    const rate = ((mean * hours) / 2) * ofHour * ofDay * (1 + 0.07 * random.normal());
    const attempts = Math.round(Math.max(0, rate + Math.sqrt(Math.max(0, rate)) * random.normal()));
    const counts = { attempts, approved: attempts, sales: 0, logSum: 0, logSquares: 0 };
    watch.observe(state, { bucket: first + index, counts });
    const standing = watch.evidence(state).length;
    if (standing > stood) alarms++;
    stood = standing;
  }
  return alarms;
}

/** False alarms of attempts to what the budget gives them. */
function ratioOf(calm: Calm): number {
  const { attemptsLow, attemptsHigh } = testTargets(BUDGET, 0);
  let alarms = 0;
  for (let seed = 0; seed < CLIENTS; seed++) alarms += alarmsOf(100 + seed, calm);
  return alarms / (CLIENTS * (calm.weeks - COLD_WEEKS) * (attemptsLow + attemptsHigh));
}

test.each([600, 5_000, 20_000])(
  'a young client of %i attempts in two hours keeps its budget of false alarms',
  (mean) => {
    const ratio = ratioOf({ mean, hours: 2, weeks: 14 });
    expect(ratio).toBeGreaterThan(0.7);
    expect(ratio).toBeLessThan(1.5);
  },
);

test.each([4, 6, 12])('buckets of %i hours raise as many false alarms as budgeted', (hours) => {
  const ratio = ratioOf({ mean: 120, hours, weeks: 26 });
  expect(ratio).toBeGreaterThan(0.7);
  expect(ratio).toBeLessThan(1.5);
});
