import { describe, expect, test } from 'vitest';
import type { BucketState } from '../../vocabulary.ts';
import { bandAt, type Fan } from '../calibration/fan.ts';
import { createForecaster } from '../forecaster/create.ts';
import { untrainedArtifact } from '../forecaster/untrained.ts';
import { createRandom } from '../random.ts';
import type { Series } from '../series/series.ts';
import { pooledTradeSizes, tradeQuantiles } from './trade-size.ts';

/** One sale in `every` buckets, sizes within a factor of a few. */
function rare(every: number, seed: number, weeks: number, measure: Series['measure'] = 'net'): Series {
  const random = createRandom(seed);
  const values = Float64Array.from({ length: 84 * weeks }, () =>
    random.uniform() < 1 / every ? 500 * Math.exp(0.8 * random.normal()) : 0,
  );
  const states = Array.from(values, (value): BucketState => (value === 0 ? 'zero' : 'observed'));
  return { id: `rare-${every}-${seed}`, measure, stepMs: 7_200_000, firstBucket: 240_000, values, states };
}

describe('series that trade rarely', () => {
  test.each([40, 100, 400])('a sale in %i buckets: silence never alarms, and sales hardly ever do', (every) => {
    let alarms = 0;
    let months = 0;
    for (let seed = 1; seed <= 4; seed++) {
      const series = rare(every, seed, 52);
      const forecaster = createForecaster(untrainedArtifact([series]));
      const state = forecaster.start(series.id, series.firstBucket);
      series.values.forEach((value, i) => {
        const { fans, servedBy } = forecaster.forecast(state);
        const band = bandAt(fans[0] as Fan, 0.99);
        expect(servedBy).toBe('trade-size');
        expect(band.lower).toBeLessThanOrEqual(0);
        if (i > 0.65 * series.values.length && (value < band.lower || value > band.upper)) alarms++;
        forecaster.observe(state, series.firstBucket + i, value);
      });
      months += (0.35 * 52) / 4.35;
    }
    expect(alarms / months).toBeLessThan(0.5);
  });

  test('a sale a hundred times the usual alarms', () => {
    const series = rare(60, 5, 30, 'gross');
    const forecaster = createForecaster(untrainedArtifact([series]));
    const state = forecaster.start(series.id, series.firstBucket);
    series.values.forEach((value, i) => {
      forecaster.observe(state, series.firstBucket + i, value);
    });
    const band = bandAt(forecaster.forecast(state).fans[0] as Fan, 0.99);
    expect(band.upper).toBeLessThan(50_000);
    expect(band.lower).toBe(0);
  });

  test('with few trades seen the law leans on what trades elsewhere are like', () => {
    const belief = pooledTradeSizes([rare(20, 1, 20).values, rare(20, 2, 20).values]);
    const [, , , , nothingSeen] = tradeQuantiles(new Float64Array(100), belief);
    const [, , , , muchSeen] = tradeQuantiles(rare(20, 3, 60).values, belief);
    expect((nothingSeen as number) / (muchSeen as number)).toBeGreaterThan(0.5);
    expect((nothingSeen as number) / (muchSeen as number)).toBeLessThan(10);
  });

  test('where refunds occur but none was seen in training, one may be as large as a sale', () => {
    const quantiles = tradeQuantiles(rare(20, 1, 20).values);
    expect(quantiles[0]).toBeLessThan(-1000);
    expect(quantiles[2]).toBe(0);
  });
});
