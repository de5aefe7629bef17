import { describe, expect, test } from 'vitest';
import type { BucketState, Measure } from '../../vocabulary.ts';
import type { Artifact } from '../artifact.ts';
import { createForecaster } from '../forecaster/create.ts';
import { encodeState } from '../forecaster/state.ts';
import { SMALL_NETWORK, untrainedArtifact } from '../forecaster/untrained.ts';
import { createRandom, type Random } from '../random.ts';
import type { Series } from '../series/series.ts';
import { bandAt } from './fan.ts';
import { summaryOf } from './score-summary.ts';

const FIRST = 240_000;
const WEEKS = 60;

function shop(volume: (slot: number, random: Random) => number, measure: Measure = 'gross'): Series {
  const random = createRandom(7);
  const values = Float64Array.from({ length: 84 * WEEKS }, (_, i) => volume((FIRST + i) % 12, random));
  const states = Array.from(values, (value): BucketState => (value === 0 ? 'zero' : 'observed'));
  return { id: 'shop', measure, stepMs: 7_200_000, firstBucket: FIRST, values, states };
}

/** Share of actuals inside the next bucket's 95 % band, per slot of the day, over the last half. */
function coverageBySlot(series: Series): number[] {
  const artifact: Artifact = untrainedArtifact([series], { servedBy: 'base', trainShare: 0.3, network: SMALL_NETWORK });
  const forecaster = createForecaster(artifact);
  const state = forecaster.start('shop', FIRST);
  const inside = new Array(12).fill(0);
  series.values.forEach((value, i) => {
    if (i >= 42 * WEEKS) {
      const fan = forecaster.forecast(state).fans[0];
      const { lower, upper } = bandAt(fan as NonNullable<typeof fan>, 0.95);
      if (value >= lower && value <= upper) inside[(FIRST + i) % 12]++;
    }
    forecaster.observe(state, FIRST + i, value);
  });
  return inside.map((n) => n / ((42 * WEEKS) / 12));
}

describe('calibration', () => {
  test.each(['gross', 'net'] as const)(
    'a %s series that is closed two thirds of the day keeps the promise while it is open',
    (measure) => {
      const open = (slot: number) => slot >= 4 && slot < 8;
      const coverage = coverageBySlot(
        shop((slot, random) => (open(slot) ? Math.max(1, 1000 + 300 * random.normal()) : 0), measure),
      );
      coverage.forEach((share, slot) => {
        if (!open(slot)) expect(share).toBe(1);
        else expect(Math.abs(share - 0.95), `slot ${slot}: ${share}`).toBeLessThan(0.04);
      });
    },
  );

  test('hours with outliers get their own width, where one width for all hours holds .83 of them', () => {
    const wild = (slot: number) => slot < 3;
    const coverage = coverageBySlot(
      shop((slot, random) => 5000 + 100 * random.normal() * (wild(slot) && random.uniform() < 0.3 ? 8 : 1)),
    );
    for (const share of coverage) expect(share).toBeGreaterThan(0.86);
  });

  test('what is summed up of a state gives the next start the same widths', () => {
    const series = shop((slot, random) => 1000 + (slot < 6 ? 20 : 200) * random.normal());
    const artifact = untrainedArtifact([series], { trainShare: 0.3, network: SMALL_NETWORK });
    const forecaster = createForecaster(artifact);
    const state = forecaster.start('shop', FIRST);
    series.values.forEach((value, i) => {
      forecaster.observe(state, FIRST + i, value);
    });
    const summary = summaryOf(state);
    expect(summary.logScaleBySlot.some((width) => Math.abs(width) > 0.05)).toBe(true);
    const [model] = artifact.metadata.series;
    const next = createForecaster({
      ...artifact,
      metadata: { ...artifact.metadata, series: [{ ...(model as NonNullable<typeof model>), ...summary }] },
    });
    expect(summaryOf(next.start('shop', FIRST)).logScaleBySlot).toEqual(summary.logScaleBySlot);
    expect(encodeState(state).length).toBeLessThan(90_000);
  });
});
