import { describe, expect, test } from 'vitest';
import type { BucketState } from '../../vocabulary.ts';
import { FAN_COVERAGES, type Fan } from '../calibration/fan.ts';
import { createRandom } from '../random.ts';
import type { Series } from '../series/series.ts';
import { createForecaster } from './create.ts';
import { asForecasterState, decodeState, encodeState } from './state.ts';
import { SMALL_NETWORK, untrainedArtifact } from './untrained.ts';

const FIRST = 240_000;
const WEEK = 84;
const AT_99 = FAN_COVERAGES.indexOf(0.99);

/** Sales around a daily rhythm whose error goes on from bucket to bucket; closed for the first hours of each day or not. */
function sales(closedSlots: number, seed = 5): Series {
  const random = createRandom(seed);
  let goesOn = 0;
  const values = Float64Array.from({ length: 24 * WEEK }, (_, i) => {
    goesOn = 0.7 * goesOn + 60 * random.normal();
    const rhythm = 1000 + 400 * Math.sin((2 * Math.PI * i) / 12);
    return i % 12 < closedSlots ? 0 : Math.max(1, rhythm + goesOn);
  });
  const states = Array.from(values, (value): BucketState => (value === 0 ? 'zero' : 'observed'));
  return { id: 'shop', measure: 'gross', stepMs: 7_200_000, firstBucket: FIRST, values, states };
}

/** Next-bucket fans of the last weeks, and the state at the end; values may be changed from a bucket on. */
function follow(series: Series, changed: (value: number, i: number) => number = (value) => value) {
  const forecaster = createForecaster(untrainedArtifact([series], { trainShare: 0.5, network: SMALL_NETWORK }));
  const state = asForecasterState(forecaster.start('shop', FIRST));
  const fans: Fan[] = [];
  const moved: number[][] = [];
  series.values.forEach((value, i) => {
    forecaster.observe(state, FIRST + i, changed(value, i));
    fans[i + 1] = forecaster.forecast(state).fans[0]!;
    const row = (state.origin & state.correction.issuedMask) * 12;
    moved[i + 1] = Array.from(state.correction.moved.subarray(row, row + 12));
  });
  return { fans, moved, state, forecaster };
}

const widthOf = (fan: Fan | undefined) => fan!.upper[AT_99]! - fan!.lower[AT_99]!;
const AT = 20 * WEEK + 2;

describe('what follows a surprise', () => {
  const series = sales(0);
  const calm = follow(series);

  test('a forecast is moved by what goes on, and its error is smaller for it', () => {
    let before = 0;
    let after = 0;
    for (let i = 16 * WEEK; i < series.values.length; i++) {
      const error = series.values[i]! - calm.fans[i]!.median;
      after += Math.abs(error);
      const { correction } = calm.state;
      const by = calm.moved[i]![0]!;
      expect(Math.abs(by)).toBeLessThanOrEqual(2);
      // Moved by units of about the standard deviation.
      before += Math.abs(error + by * 60 * Math.SQRT1_2 * 1.4);
      expect(correction.sums.some((sum) => sum !== 0)).toBe(true);
    }
    expect(after).toBeLessThan(before);
  });

  test('a bucket a quarter below its forecast widens the next band', () => {
    const surprised = follow(series, (value, i) => (i === AT ? 0.75 * value : value));
    expect(widthOf(surprised.fans[AT + 1]) / widthOf(calm.fans[AT + 1])).toBeGreaterThan(1.1);
  });

  test.each([
    ['an outage', 0],
    ['a drop to a third', 1 / 3],
    ['four times as much', 4],
  ])('%s moves and widens none of its own bands', (_, factor) => {
    const incident = follow(series, (value, i) => (i >= AT && i < AT + 6 ? factor * value : value));
    for (let i = AT + 1; i < AT + 6; i++) {
      const [ours, theirs] = [incident.fans[i]!, calm.fans[i]!];
      expect(widthOf(ours) / widthOf(theirs)).toBeLessThan(1.4);
      const value = factor * series.values[i]!;
      expect(value < ours.lower[AT_99]! || value > ours.upper[AT_99]!).toBe(true);
    }
  });

  test('a bucket of which nothing is known is followed by nothing', () => {
    const forecaster = createForecaster(untrainedArtifact([series], { trainShare: 0.5, network: SMALL_NETWORK }));
    const state = asForecasterState(forecaster.start('shop', FIRST));
    for (let i = 0; i < AT; i++) forecaster.observe(state, FIRST + i, series.values[i]!);
    const { correction, volatility } = state;
    const [sums, means] = [correction.sums.slice(), volatility.slice(0, 4)];
    forecaster.observe(state, FIRST + AT, null);
    expect(correction.sums).toEqual(sums);
    expect(volatility.slice(0, 4)).toEqual(means);
    expect(correction.residuals[(FIRST + AT) & correction.mask]).toBe(0);
  });

  test('a state that was stored goes on as if it had not been', () => {
    const { forecaster } = calm;
    const state = forecaster.start('shop', FIRST);
    for (let i = 0; i < AT; i++) forecaster.observe(state, FIRST + i, series.values[i]!);
    const copy = decodeState(encodeState(state));
    for (let i = AT; i < AT + 30; i++) {
      for (const one of [state, copy]) forecaster.observe(one, FIRST + i, series.values[i]!);
    }
    expect(forecaster.forecast(copy)).toEqual(forecaster.forecast(state));
  });
});

describe('an hour that may stay empty', () => {
  test('is neither moved nor widened, however surprising the hours before', () => {
    const series = sales(4);
    const { moved, state } = follow(series);
    const last = moved.at(-1)!;
    // The last bucket is the twelfth of its day: the next four are closed.
    expect(last.slice(0, 4)).toEqual([0, 0, 0, 0]);
    expect(last.slice(6, 10).some((by) => by !== 0)).toBe(true);
    expect(state.volatility.some((value) => value !== 0)).toBe(true);
  });
});
