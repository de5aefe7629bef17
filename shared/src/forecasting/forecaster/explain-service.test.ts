import { describe, expect, test } from 'vitest';
import type { BucketState } from '../../vocabulary.ts';
import { createRandom } from '../random.ts';
import type { Series } from '../series/series.ts';
import { CANDIDATES } from './candidates.ts';
import { createForecaster } from './create.ts';
import { explainService } from './explain-service.ts';
import { asForecasterState } from './state.ts';
import { SMALL_NETWORK, untrainedArtifact } from './untrained.ts';

const WEEK = 84;

/** A series' model, and its state after so many of its buckets. */
function followed(values: Float64Array, buckets = values.length) {
  const states = Array.from(values, (value): BucketState => (value === 0 ? 'zero' : 'observed'));
  const series: Series = { id: 'shop', measure: 'gross', stepMs: 7_200_000, firstBucket: 240_000, values, states };
  const artifact = untrainedArtifact([series], { trainShare: 0.5, network: SMALL_NETWORK });
  const forecaster = createForecaster(artifact);
  const state = forecaster.start('shop', series.firstBucket);
  for (let i = 0; i < buckets; i++) forecaster.observe(state, series.firstBucket + i, values[i]!);
  const model = artifact.metadata.series[0]!;
  expect(explainService(model, state).servedBy).toBe(forecaster.forecast(state).servedBy);
  return { model, state: asForecasterState(state) };
}

const random = createRandom(5);
const steady = Float64Array.from({ length: 20 * WEEK }, (_, i) => {
  return 1000 + 300 * Math.sin((2 * Math.PI * i) / 12) + 30 * random.normal();
});
const trading = (share: number) => Float64Array.from({ length: 20 * WEEK }, () => (random.uniform() < share ? 50 : 0));

describe('who serves a series now', () => {
  test('is told with what the candidates that compete lost, as a multiple of the one that serves', () => {
    const { model, state } = followed(steady);
    state.losses.set([2000, 2600, 4000, 1000, 200]);
    state.serving = CANDIDATES.indexOf('lstm');
    expect(explainService(model, state)).toEqual({
      servedBy: 'lstm',
      reason: 'chosen in training; no other loses 7 % less',
      // An empty bucket would be an outage: the hurdle model does not compete.
      losses: { lstm: 1, base: 1.3, 'seasonal-naive': 2 },
    });
  });

  test('names whom it took over from, and what that one loses', () => {
    const { model, state } = followed(trading(0.3));
    state.losses.set([3000, 2600, 4000, 2000, 200]);
    state.serving = CANDIDATES.indexOf('hurdle');
    expect(explainService(model, state)).toEqual({
      servedBy: 'hurdle',
      reason: 'took over from lstm, which loses 1.50 times as much now; no other loses 7 % less',
      losses: { lstm: 1.5, base: 1.3, 'seasonal-naive': 2, hurdle: 1 },
    });
  });

  test('was chosen in training where there is no week to compare by', () => {
    const { model, state } = followed(steady, 4 * WEEK);
    const { reason, losses } = explainService(model, state);
    expect(reason).toBe('chosen in training (not trained yet); less than a week to compare since');
    expect(losses).toEqual({});
  });

  test('is the hurdle model where trade is rare, whatever it loses', () => {
    const { model, state } = followed(Float64Array.from([...trading(0.1), ...trading(0.02)]));
    const { servedBy, reason } = explainService(model, state);
    expect(servedBy).toBe('hurdle');
    expect(reason).toMatch(/^trade in \d % of buckets: under 5 % the hurdle model serves, whatever it loses$/);
  });
});
