import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BucketState } from '../../vocabulary.ts';
import { createRandom } from '../random.ts';
import type { Series } from '../series/series.ts';
import { addLosses, bandLoss, CANDIDATES, chooseCandidate } from './candidates.ts';
import { createForecaster } from './create.ts';
import { SMALL_NETWORK, untrainedArtifact } from './untrained.ts';

const losses = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), {
  minLength: CANDIDATES.length,
  maxLength: CANDIDATES.length,
});

describe('who serves', () => {
  test('is the one that does until a week of losses is known, and then one that no other clearly beats', () => {
    fc.assert(
      fc.property(losses, fc.nat(CANDIDATES.length - 1), fc.integer({ min: 1, max: 400 }), (lost, serving, buckets) => {
        const sums = new Float64Array(CANDIDATES.length + 1);
        for (let i = 0; i < buckets; i++) addLosses(sums, lost);
        const chosen = chooseCandidate(sums, serving);
        if (buckets < 84) expect(chosen).toBe(serving);
        if (chosen !== serving) expect(lost[chosen]!).toBeLessThan(lost[serving]!);
        expect(chooseCandidate(sums, chosen)).toBe(chosen);
      }),
    );
  });

  test('is the one that lost less in the last weeks, whatever was before', () => {
    const sums = new Float64Array(CANDIDATES.length + 1);
    for (let i = 0; i < 2000; i++) addLosses(sums, [1, 5, 5, 5]);
    expect(chooseCandidate(sums, 0)).toBe(0);
    for (let i = 0; i < 8 * 84; i++) addLosses(sums, [5, 5, 5, 1]);
    expect(CANDIDATES[chooseCandidate(sums, 0)]).toBe('hurdle');
  });

  test('a band loses its width and forty times what lies outside, at .025 a unit of width', () => {
    expect(bandLoss(10, 30, 20)).toBeCloseTo(0.5);
    expect(bandLoss(10, 30, 35)).toBeCloseTo(0.5 + 5);
    expect(bandLoss(10, 30, 6)).toBeCloseTo(0.5 + 4);
  });

  test('follows a merchant from the forecast it was trained for to the one that suits what it became', () => {
    const random = createRandom(3);
    const values = Float64Array.from({ length: 84 * 30 }, (_, i) => {
      if (i < 84 * 16) return 1000 + 300 * Math.sin((2 * Math.PI * i) / 12) + 30 * random.normal();
      return random.uniform() < 0.15 ? 1000 * Math.exp(random.normal()) : 0;
    });
    const states = Array.from(values, (value): BucketState => (value === 0 ? 'zero' : 'observed'));
    const series: Series = { id: 'shop', measure: 'gross', stepMs: 7_200_000, firstBucket: 240_000, values, states };
    const artifact = untrainedArtifact([series], { trainShare: 0.5, network: SMALL_NETWORK });
    const served = [true, false].map((followLosses) => {
      const forecaster = createForecaster(artifact, { followLosses });
      const state = forecaster.start('shop', series.firstBucket);
      const by: string[] = [];
      series.values.forEach((value, i) => {
        forecaster.observe(state, series.firstBucket + i, value);
        if (i === 84 * 15 || i === values.length - 1) by.push(forecaster.forecast(state).servedBy);
      });
      return by;
    });
    const [followed, fixed] = served;
    expect(followed?.[0]).not.toBe('hurdle');
    expect(followed?.[1]).toBe('hurdle');
    expect(fixed).toEqual(['lstm', 'lstm']);
  });
});
