import {
  type Artifact,
  bandAt,
  bucketAt,
  createCalendar,
  type Fan,
  HOUR_MS,
  type NamedDays,
  type Series,
  type SpecialDays,
  WEEK_MS,
  zoneClock,
} from '@tidemark/shared/forecasting';
import type { BucketState } from '@tidemark/shared/vocabulary';
import { beforeAll, describe, expect, test } from 'vitest';
import { backtestOf, meansOf, modelOf, testStartOf } from '../evaluation/evaluate.ts';
import { simulateVolume } from '../simulate/buckets.ts';
import { CLIENTS, COMPANY_ZONE } from '../simulate/company.ts';
import { random } from '../simulate/random.ts';
import { specialDaysOfRhythms } from '../simulate/rhythm.ts';
import { train } from '../training/train.ts';
import type { CalendarTrial } from './judge-calendar.ts';

/** Half the work of two hours, and a holiday still has its hours. */
const STEP_MS = 4 * HOUR_MS;
const FIRST = bucketAt(Date.parse('2024-11-11T04:00:00Z'), STEP_MS);
const clock = zoneClock(COMPANY_ZONE);

/** Sixty weeks of three simulated clients, whose last fifth holds seven holidays. */
const series = CLIENTS.slice(0, 3).map(({ name, rhythm }, k): Series => {
  const stretch = { clock, firstBucket: FIRST, buckets: 42 * 60, stepMs: STEP_MS };
  const closed = { ...rhythm, holiday: 0.45 };
  const values = simulateVolume(closed, stretch, random(k + 1), { measure: 'gross' });
  const states = Array.from(values, (value): BucketState => (value === 0 ? 'zero' : 'observed'));
  return { id: name, measure: 'gross', stepMs: STEP_MS, firstBucket: FIRST, values, states };
});
const specialDays = specialDaysOfRhythms('2024-11-01', '2027-12-31');
const calendar = createCalendar(STEP_MS, COMPANY_ZONE, specialDays);

async function trained(list?: SpecialDays, force = false): Promise<Artifact> {
  const set = { name: 'all', series, ...(list ? { specialDays: list, forceSpecialDays: force } : {}) };
  const { artifacts } = await train([set], { steps: 60, seed: 3, ensembleSize: 1, timeZone: COMPANY_ZONE });
  return artifacts[0] as Artifact;
}

/** What a model did on the last fifth a day ahead: shares outside the 95 % band, on holidays and on all days. */
function judged(artifact: Artifact) {
  const counts = { holidays: 0, missedOnHolidays: 0, all: 0, missed: 0 };
  const figures = series.map((one) => {
    const model = modelOf(artifact, one.id);
    const part = { testFrom: testStartOf(one, model), scale: model.scale };
    const horizons = backtestOf(artifact, one, part, ({ bucket, actual, fans }) => {
      const { lower, upper } = bandAt(fans[fans.length - 1] as Fan, 0.95);
      const outside = actual < lower || actual > upper ? 1 : 0;
      counts.all++;
      counts.missed += outside;
      if (!calendar.special(bucket)?.exceptional) return;
      counts.holidays++;
      counts.missedOnHolidays += outside;
    });
    return { horizons };
  });
  expect(counts.holidays).toBeGreaterThan(100);
  return {
    onHolidays: counts.missedOnHolidays / counts.holidays,
    onAllDays: counts.missed / counts.all,
    msis95: meansOf(figures, 6).msis95,
  };
}

describe('a calendar in training', () => {
  let informed: Artifact;
  let plain: Artifact;
  beforeAll(async () => {
    informed = await trained(specialDays);
    plain = await trained();
  });

  test('that helps on held-out weeks is used, and the artifact says how much it helped', () => {
    expect(informed.metadata.specialDays).toEqual(specialDays);
    const trial = informed.metadata.provenance.calendar as CalendarTrial;
    expect(trial.used).toBe(true);
    expect(trial.reason).toMatch(/^loss \d+\.\d % lower on held-out weeks, \d+\.\d % lower on their \d+ special days$/);
    expect(trial.everyDay?.with).toBeLessThan(trial.everyDay?.without ?? 0);
    expect(trial.specialDay?.with).toBeLessThan(0.9 * (trial.specialDay?.without ?? 0));
    expect(plain.metadata.provenance).not.toHaveProperty('calendar');
  });

  test('halves the misses on holidays it has not seen, and makes better bands on all days together', () => {
    const [without, used] = [judged(plain), judged(informed)];
    expect(without.onHolidays).toBeGreaterThan(0.15);
    expect(used.onHolidays).toBeLessThan(0.5 * without.onHolidays);
    expect(used.onAllDays).toBeLessThan(0.06);
    expect(used.msis95).toBeLessThan(0.9 * without.msis95);
  });

  test('is left aside by a series that has come to work on holidays, and used by the others', async () => {
    const [first, ...others] = series as [Series, Series, Series];
    const { rhythm } = CLIENTS[0] as (typeof CLIENTS)[number];
    const stretch = { clock, firstBucket: FIRST, buckets: 42 * 60, stepMs: STEP_MS };
    const open = simulateVolume({ ...rhythm, holiday: 1 }, stretch, random(9), { measure: 'gross' });
    const opened = bucketAt(Date.parse('2025-06-01T04:00:00Z'), STEP_MS) - FIRST;
    const values = first.values.map((value, k) => (k < opened ? value : (open[k] as number)));
    const holidays = { ...specialDays, days: specialDays.days.filter(({ kind }) => kind === 'holiday') };
    const set = { name: 'all', series: [{ ...first, values }, ...others], specialDays: holidays };
    const { artifacts } = await train([set], { steps: 60, seed: 3, ensembleSize: 1, timeZone: COMPANY_ZONE });
    const { metadata } = artifacts[0] as Artifact;
    expect(metadata.series.map(({ usesSpecialDays = true }) => usesSpecialDays)).toEqual([false, true, true]);
    expect(metadata.provenance.calendar).toMatchObject({ used: true, ignoredBy: [first.id] });
    expect((metadata.provenance.calendar as CalendarTrial).reason).toMatch(/; not used by 1 of 3 series$/);
  });

  test('that does harm on held-out weeks is not used', async () => {
    // "Closed" is true of the holidays up to July; later ones it names are a week late.
    const late = (date: string) => new Date(Date.parse(date) + WEEK_MS).toISOString().slice(0, 10);
    const holidays = specialDays.days.flatMap(({ kind, dates }) => (kind === 'holiday' ? dates : [])).sort();
    const dates = ['2025-06-11', '2025-07-09', '2025-07-23', '2025-08-06', '2025-08-20', '2025-09-03'];
    const wrong: NamedDays = {
      kind: 'event',
      name: 'closed',
      dates: [...holidays.filter((date) => date < '2025-06-01'), ...dates, ...holidays.slice(-20).map(late)],
    };
    const { metadata } = await trained({ through: specialDays.through, days: [wrong] });
    const trial = metadata.provenance.calendar as CalendarTrial;
    expect(trial.used).toBe(false);
    expect(trial.reason).toMatch(/higher on held-out weeks/);
    expect(metadata).not.toHaveProperty('specialDays');
    expect(metadata.series.every(({ effects }) => effects.length === 0)).toBe(true);
  });

  test('that has no special day in the held-out weeks was not shown to help, and is used only when forced', async () => {
    const past = specialDays.days.map((one) => ({ ...one, dates: one.dates.filter((date) => date < '2025-03-01') }));
    const { metadata } = await trained({ ...specialDays, days: past }, true);
    expect(metadata.provenance.calendar).toMatchObject({ used: false, specialDates: 0, forced: true });
    expect((metadata.provenance.calendar as CalendarTrial).reason).toMatch(/^no special day in the held-out weeks/);
    expect(metadata.specialDays?.days).toEqual(past);
  });
});
