import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeModel, encodeModel } from '../../contract/model-file/text.ts';
import type { ColdStart } from '../artifact.ts';
import { RIDGE_INPUTS } from '../base/track.ts';
import { FAN_COVERAGES, type Fan } from '../calibration/fan.ts';
import { createRandom } from '../random.ts';
import type { Series } from '../series/series.ts';
import { coldModel, commonParameters } from './cold-start.ts';
import { createForecaster } from './create.ts';
import type { Forecaster } from './forecaster.ts';
import { asForecasterState, decodeState, encodeState } from './state.ts';
import { SMALL_NETWORK, untrainedArtifact } from './untrained.ts';

const FIRST = 240_000;
const WEEK = 84;
const AT_99 = FAN_COVERAGES.indexOf(0.99);

function volumes(weeks: number, seed: number, size = 1000): Float64Array {
  const random = createRandom(seed);
  return Float64Array.from({ length: WEEK * weeks }, (_, i) => {
    const rhythm = 1.5 + Math.sin((2 * Math.PI * i) / 12) + 0.4 * Math.sin((2 * Math.PI * i) / WEEK);
    return Math.max(0, size * (rhythm + 0.1 * random.normal()));
  });
}

const known = ['north', 'south'].map((id, k): Series => {
  const values = volumes(20, k + 1);
  const states = Array.from(values, () => 'observed' as const);
  return { id, measure: 'gross', stepMs: 7_200_000, firstBucket: FIRST, values, states };
});
const without = untrainedArtifact(known, { network: SMALL_NETWORK });
const coldStart: ColdStart = {
  ...(commonParameters(without.metadata.series) as Pick<ColdStart, 'smoothing' | 'ridge' | 'effects'>),
  scores: new Uint16Array(0),
  tradeSizes: { mean: 4, deviation: 1 },
};
const artifact = { ...without, metadata: { ...without.metadata, coldStart } };
const forecaster = createForecaster(artifact);

/** Feeds a series the model has never heard of, and gives what was issued for each bucket, one bucket ahead. */
function served(by: Forecaster, values: ArrayLike<number>): { state: ReturnType<Forecaster['start']>; fans: Fan[] } {
  const state = by.start('new shop', FIRST);
  const fans: Fan[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    by.observe(state, FIRST + i, value);
    const [fan] = by.forecast(state).fans;
    if (fan) fans[i + 1] = fan;
  }
  return { state, fans };
}

describe('a series the model does not know', () => {
  test('is refused by an artifact without a cold start, and named as served by one with it', () => {
    expect(() => createForecaster(without).start('new shop', FIRST)).toThrow('unknown series: "new shop"');
    expect(createForecaster(without).serviceOf('new shop')).toBeNull();
    expect(forecaster.serviceOf('new shop')).toMatchObject({ servedBy: 'cold-start' });
    expect(forecaster.serviceOf('north')).toMatchObject({ servedBy: 'lstm' });
  });

  test('has a band from its second day on, and one that holds', () => {
    const values = volumes(9, 7);
    const { fans } = served(forecaster, values);
    const from = fans.findIndex((fan) => fan !== undefined);
    expect(from).toBe(12);
    let inside = 0;
    for (let i = from; i < values.length; i++) {
      const { lower, upper } = fans[i] as Fan;
      if (values[i]! >= lower[AT_99]! && values[i]! <= upper[AT_99]!) inside++;
    }
    expect(inside / (values.length - from)).toBeGreaterThan(0.96);
    const width = (fan: Fan | undefined) => (fan?.upper[AT_99] ?? 0) - (fan?.lower[AT_99] ?? 0);
    expect(width(fans[8 * WEEK])).toBeLessThan(1500);
  });

  test('is served alike in any currency: bands scale with the volume', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.double({ min: 0.05, max: 500, noNaN: true }), (seed, factor) => {
        const values = volumes(5, seed);
        const plain = served(forecaster, values).fans.at(-1) as Fan;
        const other = served(
          forecaster,
          values.map((value) => factor * value),
        ).fans.at(-1) as Fan;
        expect(other.median / factor / plain.median).toBeCloseTo(1, 4);
        expect(other.upper[AT_99]! / factor / plain.upper[AT_99]!).toBeCloseTo(1, 4);
      }),
      { numRuns: 10 },
    );
  });

  test('that hardly trades is judged by the sizes of its trades', () => {
    const values = Float64Array.from({ length: 6 * WEEK }, (_, i) => (i % 90 === 5 ? 60 : 0));
    const { state, fans } = served(forecaster, values);
    expect(coldModel('new shop', asForecasterState(state).base, coldStart).base).toBe('nothing');
    const fan = fans.at(-1) as Fan;
    expect(fan.median).toBe(0);
    expect(fan.upper[AT_99]).toBeGreaterThan(60);
  });

  test('goes on from its stored state exactly as before', () => {
    const values = volumes(6, 3);
    const { state } = served(forecaster, values);
    const copy = decodeState(encodeState(state));
    forecaster.observe(state, FIRST + values.length, 1200);
    forecaster.observe(copy, FIRST + values.length, 1200);
    expect(forecaster.forecast(copy)).toEqual(forecaster.forecast(state));
  });

  test('and what it is served by survives the text of an artifact', () => {
    const read = decodeModel(encodeModel(artifact)).artifact;
    expect(read.metadata.coldStart).toEqual(coldStart);
    const values = volumes(4, 5);
    expect(served(createForecaster(read), values).fans.at(-1)).toEqual(served(forecaster, values).fans.at(-1));
  });
});

test('what series have in common has no constant, which would count in one currency', () => {
  for (let k = RIDGE_INPUTS - 1; k < coldStart.ridge.length; k += RIDGE_INPUTS) expect(coldStart.ridge[k]).toBe(0);
  expect(coldStart.ridge.length).toBe(12 * RIDGE_INPUTS);
  expect(commonParameters([])).toBeNull();
});
