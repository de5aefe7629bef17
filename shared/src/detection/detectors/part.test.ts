import { expect, test } from 'vitest';
import { HOUR_MS } from '../../forecasting/time/duration.ts';
import { zoneClock } from '../../forecasting/time/zone.ts';
import { createWatch } from '../watch.ts';

const PER_WEEK = 84;
const FIRST = Date.UTC(2025, 0, 6) / (2 * HOUR_MS);
const WEEKS = 14;

/**
 * Buckets in which a trouble of the dimension comes to stand, of a client that sells less at night, when half of that
 * is on the web, and a quarter by day.
 * @param added bucket from which the dimension is known.
 * @param fallen bucket with which a night begins that sells as by day.
 */
function alarmsOf(added: number, fallen = Number.POSITIVE_INFINITY): number[] {
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
    const isNight = index % 12 < 4;
    const attempts = Math.round((600 + ((index * 37) % 41)) * (isNight ? 0.2 : 1));
    const isFallen = index >= fallen && index < fallen + 4;
    const web = Math.round(attempts * (isNight && !isFallen ? 0.5 : 0.25));
    const counts = { attempts, approved: attempts, sales: 0, logSum: 0, logSquares: 0 };
    const part = (value: string, count: number) => ({ dimension: 'channel', value, attempts: count, approved: count });
    const parts = index < added ? [] : [part('pos', attempts - web), part('web', web)];
    watch.observe(state, { bucket: FIRST + index, counts, parts });
    const stands = watch.evidence(state).some(({ cause }) => cause === 'channel');
    if (stands && !stood) alarms.push(index);
    stood = stands;
  }
  return alarms;
}

test.each([0, 6 * PER_WEEK])(
  'shares that go by the hour of the day raise nothing where they are known from bucket %i on',
  (added) => {
    expect(alarmsOf(added)).toEqual([]);
  },
);

test('a value that falls at night to what it has by day is seen', () => {
  const fallen = 8 * PER_WEEK + 12;
  expect(alarmsOf(0, fallen)).toEqual([fallen]);
});

test('what stands of one value is not over because the others are well while nothing comes of it', () => {
  const watch = createWatch({
    stepMs: 2 * HOUR_MS,
    clock: zoneClock('UTC'),
    dimensions: [{ name: 'issuer', values: ['E1', 'E2'] }],
    falsePerSeriesWeek: 0.36,
  });
  const state = watch.start();
  const part = (value: string, attempts: number, approved: number) => ({
    dimension: 'issuer',
    value,
    attempts,
    approved,
  });
  // Of E2 one attempt comes in every other bucket; then ten that are declined, and none for most of a day.
  const from = 10 * PER_WEEK;
  const standing: (string | null)[] = [];
  for (let index = 0; index < from + 10; index++) {
    const rare = index < from ? index % 2 : index === from ? 10 : 0;
    // Once the other is weak, too, though not enough to be told, and well after that.
    const approved = index === from + 7 ? 80 : 89 + (index % 3);
    const parts = [part('E1', 100, approved), part('E2', rare, index === from ? 0 : rare)];
    const passed = parts.reduce((sum, one) => sum + one.approved, 0);
    // As many are of values that nobody watches.
    const counts = { attempts: 200 + rare, approved: passed + 90, sales: 0, logSum: 0, logSquares: 0 };
    watch.observe(state, { bucket: FIRST + index, counts, parts });
    if (index >= from) standing.push(watch.evidence(state).find(({ cause }) => cause === 'issuer')?.causeValue ?? null);
  }
  expect(standing).toEqual(Array.from({ length: 10 }, () => 'E2'));
});
