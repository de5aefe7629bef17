import { expect, test } from 'vitest';
import { HOUR_MS } from '../../forecasting/time/duration.ts';
import { zoneClock } from '../../forecasting/time/zone.ts';
import { createWatch } from '../watch.ts';

const PER_WEEK = 84;
const FIRST = Date.UTC(2025, 0, 6) / (2 * HOUR_MS);
const ADDED = 6 * PER_WEEK;
const WEEKS = 14;

test('a dimension that is added later, whose shares go by the hour of the day, is not judged before that is known', () => {
  const watch = createWatch({
    stepMs: 2 * HOUR_MS,
    clock: zoneClock('UTC'),
    dimensions: [{ name: 'channel', values: ['pos', 'web'] }],
    falsePerSeriesWeek: 0.36,
  });
  const state = watch.start();
  const alarms: number[] = [];
  let stood = false;
  for (let index = 0; index < WEEKS * PER_WEEK; index++) {
    const attempts = 600 + ((index * 37) % 41);
    const isNight = index % 12 < 4;
    const web = Math.round(attempts * (isNight ? 0.5 : 0.25));
    const counts = { attempts, approved: attempts, sales: 0, logSum: 0, logSquares: 0 };
    const part = (value: string, count: number) => ({ dimension: 'channel', value, attempts: count, approved: count });
    const parts = index < ADDED ? [] : [part('pos', attempts - web), part('web', web)];
    watch.observe(state, { bucket: FIRST + index, counts, parts });
    const stands = watch.evidence(state).some(({ cause }) => cause === 'channel');
    if (stands && !stood) alarms.push(index);
    stood = stands;
  }
  expect(alarms).toEqual([]);
});
