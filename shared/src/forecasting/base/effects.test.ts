import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeModel, encodeModel } from '../../contract/model-file/text.ts';
import type { BucketState } from '../../vocabulary.ts';
import { bandAt } from '../calibration/fan.ts';
import type { NamedDays, SpecialDays } from '../features/special-days.ts';
import { createForecaster } from '../forecaster/create.ts';
import type { Forecaster, SeriesState } from '../forecaster/forecaster.ts';
import { decodeState, encodeState } from '../forecaster/state.ts';
import { SMALL_NETWORK, untrainedArtifact } from '../forecaster/untrained.ts';
import { createRandom } from '../random.ts';
import type { Series } from '../series/series.ts';

const STEP_MS = 7_200_000;
const START = '2026-01-05';
const FIRST = Date.parse(START) / STEP_MS;
const WEEKS = 40;

function dateAt(day: number): string {
  return new Date(Date.parse(START) + day * 86_400_000).toISOString().slice(0, 10);
}

/** A Wednesday every four weeks; the one at 36 weeks is the last within the history. */
const HOLIDAYS = Array.from({ length: 12 }, (_, k) => 4 * 7 * (k + 1) + 2);
const PAYDAYS = Array.from({ length: 12 }, (_, k) => 4 * 7 * (k + 1) + 11);
const specialDays: SpecialDays = {
  through: '2026-12-31',
  days: [
    { kind: 'holiday', name: 'Wednesday off', dates: HOLIDAYS.map(dateAt) },
    { kind: 'payday', name: 'payday', dates: PAYDAYS.map(dateAt) },
  ],
};

/** A shop that is closed on holidays but for a tenth, and sells half as much again on paydays. */
function shop(noise: number): Series {
  const random = createRandom(3);
  const values = Float64Array.from({ length: 84 * WEEKS }, (_, i) => {
    const day = Math.floor(i / 12);
    const factor = HOLIDAYS.includes(day) ? 0.1 : PAYDAYS.includes(day) ? 1.5 : 1;
    const rhythm = 1.2 + Math.sin((2 * Math.PI * i) / 12) + 0.2 * Math.sin((2 * Math.PI * i) / 84);
    return 1000 * factor * rhythm * Math.max(0.1, 1 + noise * random.normal());
  });
  const states = Array.from<BucketState>({ length: values.length }).fill('observed');
  return { id: 'shop', measure: 'gross', stepMs: STEP_MS, firstBucket: FIRST, values, states };
}

/** Lets a forecaster take the values of the next buckets in. */
function feed(forecaster: Forecaster, state: SeriesState, values: Float64Array): void {
  for (const value of values) forecaster.observe(state, state.origin + 1, value);
}

/** Medians for the twelve buckets of a day, all issued before it begins. */
function mediansOfDay(forecaster: Forecaster, series: Series, day: number): number[] {
  const state = forecaster.start('shop', FIRST);
  feed(forecaster, state, series.values.subarray(0, 12 * day));
  return forecaster.forecast(state).fans.map(({ median }) => median);
}

function meanMiss(medians: readonly number[], series: Series, day: number): number {
  const actual = series.values.subarray(12 * day, 12 * day + 12);
  return actual.reduce((sum, y, k) => sum + Math.abs(y - medians[k]!), 0) / 12;
}

const series = shop(0.03);
const heeding = untrainedArtifact([series], { servedBy: 'base', specialDays, network: SMALL_NETWORK });
const heedless = untrainedArtifact([series], { servedBy: 'base', network: SMALL_NETWORK });
const [withCalendar, without] = [heeding, heedless].map((artifact) => createForecaster(artifact)) as [
  Forecaster,
  Forecaster,
];
const LAST_HOLIDAY = HOLIDAYS[8]!;

interface Banded {
  readonly median: number;
  readonly upper: number;
}

describe('a base forecast under a calendar', () => {
  test('expects of a holiday and of a payday what the earlier ones did', () => {
    for (const day of [LAST_HOLIDAY, PAYDAYS[7]!]) {
      const ours = meanMiss(mediansOfDay(withCalendar, series, day), series, day);
      const theirs = meanMiss(mediansOfDay(without, series, day), series, day);
      expect(ours).toBeLessThan(0.35 * theirs);
    }
  });

  test('is not bent by a holiday in the week after it', () => {
    const day = LAST_HOLIDAY + 7;
    const ours = meanMiss(mediansOfDay(withCalendar, series, day), series, day);
    const theirs = meanMiss(mediansOfDay(without, series, day), series, day);
    expect(ours).toBeLessThan(0.4 * theirs);
  });

  test('knows future special days but no future value', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 84 * 26, max: 84 * WEEKS - 30 }),
        fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 24 }),
        (origin, future) => {
          const changed = series.values.slice();
          changed.set(future, origin);
          const issued = [series.values, changed].map((values) => {
            const state = withCalendar.start('shop', FIRST);
            feed(withCalendar, state, values.subarray(0, origin));
            const forecast = withCalendar.forecast(state);
            feed(withCalendar, state, values.subarray(origin, origin + future.length));
            return forecast;
          });
          expect(issued[1]).toEqual(issued[0]);
        },
      ),
      { numRuns: 6 },
    );
  });

  test('expects an occasion it has never met to be like others of its kind, and does not rule out an ordinary day', () => {
    const others = HOLIDAYS.filter((day) => day < LAST_HOLIDAY).map(dateAt);
    const last = dateAt(LAST_HOLIDAY);
    const holiday = (name: string, dates: string[]): NamedDays => ({ kind: 'holiday', name, dates });
    const fansOf = (days: NamedDays[]): Banded[] => {
      const artifact = untrainedArtifact([series], {
        servedBy: 'base',
        specialDays: { ...specialDays, days: [...days, ...specialDays.days.slice(1)] },
        network: SMALL_NETWORK,
      });
      const forecaster = createForecaster(artifact);
      const state = forecaster.start('shop', FIRST);
      feed(forecaster, state, series.values.subarray(0, 12 * LAST_HOLIDAY));
      return forecaster.forecast(state).fans.map((fan) => ({ median: fan.median, ...bandAt(fan, 0.95) }));
    };
    const met = fansOf([holiday('off', [...others, last])]);
    const unmet = fansOf([holiday('off', others), holiday('also off', [last])]);
    const ordinary = mediansOfDay(without, series, LAST_HOLIDAY);
    const busy = ordinary.flatMap((volume, k) => (volume > 1000 ? [k] : []));
    expect(busy.length).toBeGreaterThan(4);
    for (const k of busy) {
      expect(unmet[k]!.median).toBeLessThan(0.4 * ordinary[k]!);
      expect(unmet[k]!.upper).toBeGreaterThan(0.75 * ordinary[k]!);
      expect(met[k]!.upper).toBeLessThan(0.75 * ordinary[k]!);
    }
  });

  test('without special days in its list, is the forecast without a calendar', () => {
    const empty = createForecaster(
      untrainedArtifact([series], {
        servedBy: 'base',
        specialDays: { through: '2026-12-31', days: [] },
        network: SMALL_NETWORK,
      }),
    );
    expect(mediansOfDay(empty, series, LAST_HOLIDAY)).toEqual(mediansOfDay(without, series, LAST_HOLIDAY));
  });
});

describe('an artifact with special days', () => {
  test('survives its text form, and forecasts the same', () => {
    const read = decodeModel(encodeModel(heeding)).artifact;
    expect(read.metadata).toEqual(heeding.metadata);
    const issued = [createForecaster(read), withCalendar].map((one) => mediansOfDay(one, series, LAST_HOLIDAY));
    expect(issued[0]).toEqual(issued[1]);
  });

  test('rebuilt from the last twelve weeks, still expects what holidays did before', () => {
    const state = withCalendar.start('shop', FIRST + 12 * LAST_HOLIDAY - 84 * 12);
    feed(withCalendar, state, series.values.subarray(12 * LAST_HOLIDAY - 84 * 12, 12 * LAST_HOLIDAY));
    const medians = withCalendar.forecast(state).fans.map(({ median }) => median);
    const theirs = meanMiss(mediansOfDay(without, series, LAST_HOLIDAY), series, LAST_HOLIDAY);
    expect(meanMiss(medians, series, LAST_HOLIDAY)).toBeLessThan(0.35 * theirs);
  });

  test('a stored state goes on exactly as the one it was stored from', () => {
    const state = withCalendar.start('shop', FIRST);
    feed(withCalendar, state, series.values.subarray(0, 84 * 30));
    const copy = decodeState(encodeState(state));
    for (const one of [state, copy]) feed(withCalendar, one, series.values.subarray(84 * 30, 12 * LAST_HOLIDAY));
    expect(withCalendar.forecast(copy)).toEqual(withCalendar.forecast(state));
  });

  test.each([
    [{ through: 'soon', days: [] }, /specialDays.through is soon; expected a date/],
    [{ through: '2026-12-31', days: 'none' }, /specialDays.days is none; expected a list/],
    [
      { through: '2026-12-31', days: [{ kind: 'bank', name: 'x', dates: [] }] },
      /kind of "x" is bank; expected holiday, payday or event/,
    ],
    [
      { through: '2026-12-31', days: [{ kind: 'event', name: 'x', dates: ['tomorrow'] }] },
      /dates of "x" is tomorrow; expected a list of dates/,
    ],
  ])('a damaged list is refused: %j', (list, message) => {
    const damaged = { ...heeding, metadata: { ...heeding.metadata, specialDays: list as SpecialDays } };
    expect(() => decodeModel(encodeModel(damaged)).artifact).toThrow(message);
  });
});
