import { describe, expect, test } from 'vitest';
import { zoneClock } from '../../forecasting/time/zone.ts';
import { FIRST_BUCKET, simulateClient } from '../testing.ts';
import { createWatch } from '../watch.ts';
import { bandStrength } from './band.ts';

const fan = {
  median: 100,
  lower: [90, 85, 80, 75, 70, 60, 50],
  upper: [110, 115, 120, 125, 130, 140, 150],
};

describe('strength against a fan', () => {
  test('is −ln of half of what lies outside, between limits and beyond', () => {
    expect(bandStrength(fan, 95)).toEqual({ side: 'low', strength: 0 });
    expect(bandStrength(fan, 70).strength).toBeCloseTo(-Math.log(0.005), 9);
    expect(bandStrength(fan, 150).strength).toBeCloseTo(-Math.log(0.0005), 9);
    expect(bandStrength(fan, 170).strength).toBeGreaterThan(bandStrength(fan, 150).strength);
    const flat = { median: 0, lower: Array(7).fill(0), upper: Array(7).fill(0) };
    expect(bandStrength(flat, 1).strength).toBeLessThanOrEqual(100);
  });
});

describe('money against its band', () => {
  const watch = createWatch({
    stepMs: 7_200_000,
    clock: zoneClock('UTC'),
    dimensions: [],
    falsePerSeriesWeek: 0.3,
  });
  /** Up to noon on the last of eight weeks, a bucket in which the shop sells. */
  const buckets = 8 * 84 - 6;

  /**
   * @param amounts what the amounts of the last bucket's sales are multiplied by.
   * @param attempts in a bucket; a sale is worth 45 on average, so that of two a bucket is worth a hundred at noon.
   */
  function evidenceAfter(gross: number, net: number, { amounts = 1, attempts = 2 } = {}) {
    const state = watch.start();
    for (const { bucket, counts } of simulateClient(11, attempts, buckets)) {
      const last = bucket === FIRST_BUCKET + buckets - 1;
      const money = last ? { gross, net } : { gross: 104, net: 100 + (bucket % 7) };
      const told = counts && last ? { ...counts, logSum: counts.logSum + counts.sales * Math.log(amounts) } : counts;
      watch.observe(state, { bucket, counts: told, gross: money.gross, band: { net: money.net, fan } });
    }
    return watch.evidence(state).find(({ detector }) => detector === 'band');
  }

  test('far below it is evidence, of refunds where what is missing was given back', () => {
    expect(evidenceAfter(100, 98)).toBeUndefined();
    expect(evidenceAfter(22, 20, { amounts: 0.05, attempts: 20 })).toMatchObject({
      side: 'low',
      cause: 'volume',
      observed: 20,
      expected: 100,
    });
    expect(evidenceAfter(100, -800)).toMatchObject({ side: 'low', cause: 'refunds' });
    expect(evidenceAfter(190, 188, { amounts: 20, attempts: 20 })).toMatchObject({ side: 'high', cause: 'volume' });
  });

  test('is no evidence of refunds where one or two sales were given back, as rare sellers do now and then', () => {
    for (const back of [45, 90, 200]) expect(evidenceAfter(100, 100 - back)).toBeUndefined();
    expect(evidenceAfter(100, 100 - 45, { attempts: 0.3 })).toBeUndefined();
  });

  test('is no evidence where neither counts nor amounts are unusual: of rare sales no band is exact', () => {
    expect(evidenceAfter(22, 20)).toBeUndefined();
    expect(evidenceAfter(190, 188)).toBeUndefined();
  });
});
