import {
  createForecaster,
  createRandom,
  decodeState,
  encodeState,
  type Series,
  type SeriesState,
  SMALL_NETWORK,
  untrainedArtifact,
  zoneClock,
} from '@tidemark/shared/forecasting';
import { describe, expect, test } from 'vitest';
import { computeSeries, type RowModel } from './model-rows.ts';
import type { Row, RowSeries } from './rows.ts';

const STEP_MS = 7_200_000;
const WEEK = 84;
const FIRST = Date.UTC(2026, 0, 5) / STEP_MS;
const random = createRandom(4);
const values = Float64Array.from({ length: 20 * WEEK }, (_, k) =>
  Math.round(1e4 * (2 + Math.sin((2 * Math.PI * k) / 12) + 0.1 * random.normal())),
);
const history: Series = {
  id: 'shop',
  measure: 'net',
  stepMs: STEP_MS,
  firstBucket: FIRST,
  values,
  states: Array(values.length).fill('observed'),
};
const forecaster = createForecaster(untrainedArtifact([history], { network: SMALL_NETWORK }));

/** The state before bucket `from`, as a service that has seen all before it would hand it out. */
function stateBefore(from: number): SeriesState {
  const state = forecaster.start('shop', FIRST);
  for (let k = 0; k < from; k++) forecaster.observe(state, FIRST + k, values[k] as number);
  return decodeState(encodeState(state));
}

function modelWith(state: SeriesState | null, timeZone = 'UTC'): RowModel {
  return {
    forecaster,
    states: new Map(state === null ? [] : [['shop', state]]),
    zone: zoneClock(timeZone),
    rules: null,
  };
}

/** Rows `from … to` on the clock of a zone. */
function rowsOf(from: number, to: number, timeZone = 'UTC'): RowSeries {
  const zone = zoneClock(timeZone);
  const rows = Array.from({ length: to - from }, (_, k): Row => {
    const start = (FIRST + from + k) * STEP_MS;
    return {
      time: start + zone.offsetMs(start),
      actual: values[from + k] as number,
      forecast: null,
      lower: null,
      upper: null,
      severity: null,
      direction: null,
      state: 'observed',
      fan: null,
      highlighted: true,
      index: k,
    };
  });
  return { name: 'shop', group: 0, rows, stepMs: STEP_MS };
}

const whole = computeSeries(rowsOf(0, values.length), modelWith(null), 'auto', false);

describe('a model that remembers', () => {
  test('goes on as if it had seen all the rows there ever were', () => {
    const from = 14 * WEEK;
    const { fans, notices } = computeSeries(rowsOf(from, values.length), modelWith(stateBefore(from)), 'auto', false);
    expect(fans).toEqual(whole.fans.slice(from));
    expect(notices).toEqual([]);
  });

  test('gives the same when asked again: its memory is not used up', () => {
    const model = modelWith(stateBefore(15 * WEEK));
    const series = rowsOf(14 * WEEK, values.length);
    expect(computeSeries(series, model, 'auto', false)).toEqual(computeSeries(series, model, 'auto', false));
  });

  test('leaves a few rows before its memory without limits, and gives many a range of their own', () => {
    const state = stateBefore(15 * WEEK);
    const few = computeSeries(rowsOf(14 * WEEK, values.length), modelWith(state), 'auto', false);
    expect(few.fans.slice(0, WEEK).every((fan) => fan === null)).toBe(true);
    expect(few.fans.slice(WEEK)).toEqual(whole.fans.slice(15 * WEEK));
    const many = computeSeries(rowsOf(11 * WEEK, values.length), modelWith(state), 'auto', false);
    expect(many.fans.every((fan) => fan !== null)).toBe(true);
    expect(many.fans.slice(4 * WEEK)).toEqual(whole.fans.slice(15 * WEEK));
  });

  test('is not asked about rows that end before its memory begins', () => {
    const early = computeSeries(rowsOf(0, 8 * WEEK), modelWith(stateBefore(15 * WEEK)), 'auto', false);
    expect(early.fans.slice(0, 8 * WEEK)).toEqual(whole.fans.slice(0, 8 * WEEK));
  });

  test('bridges a gap between its memory and the first row, and does not judge by it', () => {
    const { fans, reason } = computeSeries(
      rowsOf(18 * WEEK, values.length),
      modelWith(stateBefore(14 * WEEK)),
      'auto',
      false,
    );
    expect(fans.every((fan) => fan !== null)).toBe(true);
    const days = String((values.length - 18 * WEEK) / 12);
    expect(reason).toEqual({ key: 'Unjudged_Gap', values: ['28', days, '42'] });
  });
});

describe('rows that begin long before the others', () => {
  const stray = (year: number): Row => ({ ...(rowsOf(0, 1).rows[0] as Row), time: Date.UTC(year, 0, 1) });
  const withStray = (from: number, year: number) => {
    const series = rowsOf(from, values.length);
    return { ...series, rows: [stray(year), ...series.rows] };
  };

  test('a row of 1900 is left out of the model, which forgets nothing else and walks no century', () => {
    const { fans, reason, judgedFrom } = computeSeries(withStray(0, 1900), modelWith(null), 'auto', false);
    expect(fans).toEqual([null, ...whole.fans]);
    expect({ reason, judgedFrom }).toEqual({ reason: null, judgedFrom: whole.judgedFrom });
  });

  test('it is no history to judge the newest rows by', () => {
    const { reason } = computeSeries(withStray(18 * WEEK, 1900), modelWith(null), 'auto', false);
    const days = String((values.length - 18 * WEEK) / 12);
    expect(reason).toEqual({ key: 'Unjudged_History', values: [days, '42'] });
  });

  test('rows that have all still to come are too few, not a failure', () => {
    const series = rowsOf(0, 24);
    const rows = series.rows.map((row) => ({ ...row, actual: null, state: 'future' as const }));
    const { reason } = computeSeries({ ...series, rows }, modelWith(null), 'auto', false);
    expect(reason).toEqual({ key: 'Problem_TooLittleHistory', values: ['0'] });
  });
});

describe('rows on another clock than the model’s', () => {
  const bandsOf = (timeZone: string, clock: 'auto' | 'utc' | 'local', saysUtc = false, rowZone = timeZone) =>
    computeSeries(rowsOf(0, values.length, rowZone), modelWith(null, timeZone), clock, saysUtc);

  test('the merchants’ clock is known by the model’s grid, through changes of the clocks too', () => {
    for (const zone of ['America/Lima', 'Europe/Madrid', 'Asia/Kolkata']) {
      const { fans, notices, series } = bandsOf(zone, 'auto');
      expect(fans).toEqual(whole.fans);
      expect(notices).toEqual([]);
      const next = (FIRST + values.length) * STEP_MS;
      expect(series.rows[values.length]?.time).toBe(next + zoneClock(zone).offsetMs(next));
    }
  });

  test('where both clocks meet the grid, the merchants’ is taken and named, until a column or the author says UTC', () => {
    const zone = 'America/Mexico_City';
    const local = bandsOf(zone, 'auto');
    expect(local.fans).toEqual(whole.fans);
    expect(local.notices).toEqual([{ key: 'Notice_LocalTimes', values: [zone] }]);
    expect(bandsOf(zone, 'local').notices).toEqual([]);
    expect(bandsOf(zone, 'auto', true, 'UTC')).toMatchObject({ fans: whole.fans, notices: [] });
    expect(bandsOf(zone, 'utc', false, 'UTC')).toMatchObject({ fans: whole.fans, notices: [] });
  });

  test('a clock that meets no grid is a misfit, not a guess', () => {
    expect(bandsOf('UTC', 'auto', false, 'Asia/Kolkata').reason).toMatchObject({ key: 'Problem_WrongStep' });
  });
});
