import { encodeModel } from '@tidemark/shared/contract/model-file';
import { createRandom, type Series, untrainedArtifact } from '@tidemark/shared/forecasting';
import { expect, test } from 'vitest';
import { createForecastSource } from './forecasts.ts';
import type { Row, Rows } from './rows.ts';

const STEP = 7_200_000;
const FIRST = 240_000;
const NAMES = ['One', 'Two'];

const histories: Series[] = NAMES.map((id, n) => {
  const random = createRandom(n + 1);
  const values = Float64Array.from({ length: 84 * 6 }, (_, k) => 1e5 * (2 + Math.sin(k / 2)) + 5e3 * random.normal());
  return {
    id,
    measure: 'net',
    stepMs: STEP,
    firstBucket: FIRST,
    values,
    states: Array(values.length).fill('observed'),
  };
});
const modelText = encodeModel(untrainedArtifact(histories, { timeZone: 'UTC' }));

function rowsOf(buckets: number): Rows {
  const series = histories.map(({ id, values }, group) => ({
    name: id,
    group,
    stepMs: STEP,
    rows: Array.from(values.subarray(0, buckets), (actual, k) => ({
      time: (FIRST + k) * STEP,
      actual,
      forecast: null,
      lower: null,
      upper: null,
      severity: null,
      state: 'observed',
      fan: null,
      highlighted: true,
      index: k,
    })) as unknown as Row[],
  }));
  const bound = new Set(['time', 'actual', 'series', 'model']);
  const none = { faults: [], highlighting: false, format: null, measure: 'Net' };
  return { series, bound, modelText, saysUtc: true, ...none };
}

test('in slices of any length a model gives what it gives at once, and says how far it has come', () => {
  const rows = rowsOf(84 * 2);
  const atOnce = createForecastSource(null);
  atOnce.forecastsFor(rows, true, 'utc');
  while (atOnce.forecastsFor(rows, true, 'utc').pending) atOnce.compute(Number.POSITIVE_INFINITY);

  const sliced = createForecastSource(null);
  const progress: number[] = [];
  for (let ms = 0; ; ms = (ms + 1) % 3) {
    const { pending, judgements } = sliced.forecastsFor(rows, true, 'utc');
    if (!pending) break;
    progress.push(Number(judgements?.find(({ reason }) => reason?.key === 'Progress_Model')?.reason?.values?.[0]));
    sliced.compute(ms);
  }
  expect(sliced.forecastsFor(rows, true, 'utc')).toEqual(atOnce.forecastsFor(rows, true, 'utc'));
  expect(progress).toEqual(progress.toSorted((a, b) => a - b));
  expect(progress[0]).toBe(0);
});

test('another row has its series computed again', () => {
  const source = createForecastSource(null);
  source.forecastsFor(rowsOf(84), true, 'utc');
  source.compute(Number.POSITIVE_INFINITY);
  expect(source.forecastsFor(rowsOf(85), true, 'utc').pending).toBe(true);
  while (source.forecastsFor(rowsOf(85), true, 'utc').pending) source.compute(Number.POSITIVE_INFINITY);
  const { fans, series } = source.forecastsFor(rowsOf(85), true, 'utc');
  expect(fans.map((own) => own.length)).toEqual(series.map(({ rows }) => rows.length));
});

/** A source that has computed some rows. */
function sourceOf(rows: Rows) {
  const source = createForecastSource(null);
  while (source.forecastsFor(rows, true, 'utc').pending) source.compute(Number.POSITIVE_INFINITY);
  return source;
}

const changed = (rows: Rows, change: (row: Row, k: number) => Partial<Row>): Rows => ({
  ...rows,
  series: rows.series.map((one) => ({ ...one, rows: one.rows.map((row, k) => ({ ...row, ...change(row, k) })) })),
});

test('what a model does not read of its rows is drawn as it is now: highlights, identities, words', () => {
  const rows = rowsOf(84);
  const source = sourceOf(rows);
  const lit = changed(rows, (_, k) => ({ highlighted: k < 3, index: 83 - k, reason: 'why' }));
  const { pending, series } = source.forecastsFor(lit, true, 'utc');
  expect(pending).toBe(false);
  expect(series.map((one) => one.rows.slice(0, 84))).toEqual(lit.series.map((one) => one.rows));
  expect(series[0]?.rows.length).toBeGreaterThan(84);
});

test.each([
  ['a cent more', (row: Row) => ({ actual: (row.actual as number) + 0.01 })],
  ['another state', () => ({ state: 'maintenance' as const })],
])('the newest row but one with %s has its series computed again', (_, change) => {
  const small = changed(rowsOf(84), (row) => ({ actual: (row.actual as number) / 1e6 }));
  const source = sourceOf(small);
  const next = changed(small, (row, k) => (k === 82 ? change(row) : {}));
  expect(source.forecastsFor(next, true, 'utc').pending).toBe(true);
});
