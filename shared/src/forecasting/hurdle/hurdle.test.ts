import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BucketState } from '../../vocabulary.ts';
import { bandAt, FAN_COVERAGES, type Fan } from '../calibration/fan.ts';
import { summaryOf } from '../calibration/score-summary.ts';
import { createCalendar } from '../features/calendar.ts';
import { createForecaster } from '../forecaster/create.ts';
import { SMALL_NETWORK, untrainedArtifact } from '../forecaster/untrained.ts';
import { createRandom } from '../random.ts';
import type { Series } from '../series/series.ts';
import { type HurdleDistribution, hurdleHolds, hurdleLimit, hurdleScore } from './distribution.ts';
import { createHurdle, issuedClosed, issuedDistribution, issueHurdle, observeHurdle } from './hurdle.ts';
import { KNOTS, pooledTradeSizes, shareAbove, sizeExceededBy, UNKNOWN_SIZES, writeKnots } from './trade-size.ts';

/** One sale in `every` buckets, sizes within a factor of a few. */
function rare(every: number, seed: number, weeks: number, measure: Series['measure'] = 'net'): Series {
  const random = createRandom(seed);
  const values = Float64Array.from({ length: 84 * weeks }, () =>
    random.uniform() < 1 / every ? 500 * Math.exp(0.8 * random.normal()) : 0,
  );
  const states = Array.from(values, (value): BucketState => (value === 0 ? 'zero' : 'observed'));
  return { id: `rare-${every}-${seed}`, measure, stepMs: 7_200_000, firstBucket: 240_000, values, states };
}

const amount = fc.double({ min: 0.01, max: 1e6, noNaN: true });

/** Any distribution of volumes that a row may hold. */
const distribution = fc
  .record({
    trade: fc.double({ min: 0.0001, max: 0.999, noNaN: true }),
    refunds: fc.double({ min: 0, max: 0.5, noNaN: true }),
    unit: fc.double({ min: 0.1, max: 10, noNaN: true }),
    sales: fc.array(amount, { maxLength: 40 }),
    returned: fc.array(amount, { maxLength: 40 }),
  })
  .map(({ sales, returned, ...rest }): HurdleDistribution => {
    const knots = new Float32Array(2 * KNOTS);
    writeKnots(Float32Array.from(sales), UNKNOWN_SIZES, knots, 0);
    writeKnots(Float32Array.from(returned), UNKNOWN_SIZES, knots, KNOTS);
    return { ...rest, knots, at: 0 };
  });

describe('hurdle distribution', () => {
  test('bands nest: a higher score never gives a narrower one', () => {
    const scores = [0.1, 0.5, 1, 2, 3, 4.6, 8, 15];
    fc.assert(
      fc.property(distribution, (one) => {
        const upper = scores.map((score) => hurdleLimit(one, 1, score));
        const lower = scores.map((score) => hurdleLimit(one, -1, score));
        expect(upper.every((limit, k) => k === 0 || limit >= upper[k - 1]!)).toBe(true);
        expect(lower.every((limit, k) => k === 0 || limit <= lower[k - 1]!)).toBe(true);
      }),
    );
  });

  test('the band of a volume’s score holds it, and a lower score’s does not', () => {
    fc.assert(
      fc.property(distribution, amount, fc.boolean(), (one, size, sale) => {
        const volume = sale ? size : -size;
        const score = hurdleScore(one, volume, 0.5);
        if (score > 60) return;
        const beyond = Math.abs(volume) * (1 + 1e-3);
        expect(hurdleHolds(one, volume, score + 0.01)).toBe(true);
        expect(hurdleHolds(one, Math.sign(volume) * beyond, score - 0.1) && score > 0.2).toBe(false);
      }),
    );
  });

  test('a refund that is nearly impossible has a score all the same', () => {
    const knots = new Float32Array(2 * KNOTS);
    for (const at of [0, KNOTS]) writeKnots(Float32Array.of(1, 2, 3), UNKNOWN_SIZES, knots, at);
    const one: HurdleDistribution = { trade: 1e-4, refunds: 5.5e-13, unit: 1, knots, at: 0 };
    const score = hurdleScore(one, -0.01, 0.5);
    expect(score).toBeCloseTo(-Math.log(2 * 5.5e-17), 1);
    expect(hurdleHolds(one, -0.01, score + 0.01)).toBe(true);
  });

  test('the size that a share of trades exceeds is exceeded by that share', () => {
    fc.assert(
      fc.property(
        fc.array(amount, { maxLength: 60 }),
        fc.double({ min: 1e-6, max: 0.95, noNaN: true }),
        (sizes, share) => {
          const knots = new Float32Array(KNOTS);
          writeKnots(Float32Array.from(sizes), UNKNOWN_SIZES, knots, 0);
          const size = sizeExceededBy(knots, 0, share);
          expect(shareAbove(knots, 0, size * (1 - 1e-5))).toBeGreaterThanOrEqual(share * 0.999);
          expect(shareAbove(knots, 0, size * (1 + 1e-5))).toBeLessThanOrEqual(share * 1.001);
        },
      ),
    );
  });
});

describe('what is remembered of a merchant', () => {
  const calendar = createCalendar(7_200_000, 'UTC');
  const FIRST = 12 * 20_000;

  /** A shop that sells in seven of twelve buckets of each open day; the last ten buckets of `closed` days are empty. */
  function after(days: number, closed: (day: number) => boolean, buckets = 0) {
    const state = createHurdle(12, 12);
    for (let i = 0; i < 12 * days + buckets; i++) {
      const hour = i % 12;
      const trades = hour >= 4 && hour < 11 && !closed(Math.floor(i / 12));
      observeHurdle(state, calendar, FIRST + i, trades, trades ? 100 : 0, UNKNOWN_SIZES);
    }
    issueHurdle(state, calendar, FIRST + 12 * days + buckets - 1, UNKNOWN_SIZES);
    return state;
  }

  test('an empty morning is believed to be a closed day: after three buckets by a merchant with closed days, after five by one without', () => {
    const closedBefore = (day: number) => [10, 25, 40, 55].includes(day);
    const known = after(60, (day) => closedBefore(day) || day === 60, 7);
    expect(issuedClosed(known, FIRST + 12 * 60 + 6, 1)).toBeGreaterThan(0.6);
    const never = after(60, (day) => day === 60, 9);
    expect(issuedClosed(never, FIRST + 12 * 60 + 8, 1)).toBeGreaterThan(0.8);
    expect(issuedDistribution(never, FIRST + 12 * 60 + 8, 1).trade).toBeLessThan(0.2);
    const usual = after(60, () => false, 9);
    expect(issuedClosed(usual, FIRST + 12 * 60 + 8, 1)).toBe(0);
    expect(issuedDistribution(usual, FIRST + 12 * 60 + 8, 1).trade).toBeGreaterThan(0.9);
  });

  test('hours in which it never sells are no evidence of a closed day', () => {
    const state = after(60, () => false, 4);
    expect(issuedClosed(state, FIRST + 12 * 60 + 3, 1)).toBeLessThan(0.02);
  });

  test('after weeks of closed days tomorrow is expected closed, and after the first sale open', () => {
    const closed = after(80, (day) => day >= 60);
    expect(issuedDistribution(closed, FIRST + 12 * 80 - 1, 8).trade).toBeLessThan(0.1);
    const reopened = after(82, (day) => day >= 60 && day < 80);
    expect(issuedDistribution(reopened, FIRST + 12 * 82 - 1, 8).trade).toBeGreaterThan(0.7);
  });
});

describe('series that trade rarely', () => {
  test.each([40, 100, 400])('a sale in %i buckets: silence never alarms, and sales hardly ever do', (every) => {
    let alarms = 0;
    let months = 0;
    for (let seed = 1; seed <= 4; seed++) {
      const series = rare(every, seed, 52);
      const forecaster = createForecaster(untrainedArtifact([series], { network: SMALL_NETWORK }));
      const state = forecaster.start(series.id, series.firstBucket);
      series.values.forEach((value, i) => {
        const { fans, servedBy } = forecaster.forecast(state);
        if (i > 0.65 * series.values.length) {
          const band = bandAt(fans[0] as Fan, 0.99);
          expect(servedBy).toBe('hurdle');
          expect(band.lower).toBeLessThanOrEqual(0);
          if (value < band.lower || value > band.upper) alarms++;
        }
        forecaster.observe(state, series.firstBucket + i, value);
      });
      months += (0.35 * 52) / 4.35;
    }
    expect(alarms / months).toBeLessThan(0.5);
  });

  test('a sale a hundred times the usual alarms', () => {
    const series = rare(60, 5, 30, 'gross');
    const forecaster = createForecaster(untrainedArtifact([series], { network: SMALL_NETWORK }));
    const state = forecaster.start(series.id, series.firstBucket);
    series.values.forEach((value, i) => {
      forecaster.observe(state, series.firstBucket + i, value);
    });
    const band = bandAt(forecaster.forecast(state).fans[0] as Fan, 0.99);
    expect(band.upper).toBeLessThan(50_000);
    expect(band.lower).toBe(0);
  });

  test('bands hold what they promise from one sale in two buckets to one in thirty, without a cliff', () => {
    for (const every of [2, 30]) {
      const series = rare(every, 7, 40, 'gross');
      const forecaster = createForecaster(untrainedArtifact([series], { network: SMALL_NETWORK }));
      const state = forecaster.start(series.id, series.firstBucket);
      let inside = 0;
      let judged = 0;
      let payments = 0;
      let paymentsInside = 0;
      series.values.forEach((value, i) => {
        if (i > 15 * 84) {
          const fan = forecaster.forecast(state).fans[0] as Fan;
          const band = bandAt(fan, 0.95);
          const holds = value >= band.lower && value <= band.upper;
          judged++;
          if (holds) inside++;
          if (value > 0) {
            payments++;
            const wide = bandAt(fan, 0.99);
            if (value >= wide.lower && value <= wide.upper) paymentsInside++;
          }
        }
        forecaster.observe(state, series.firstBucket + i, value);
      });
      expect(inside / judged).toBeGreaterThan(0.94);
      expect(paymentsInside / payments).toBeGreaterThan(0.9);
    }
  });

  test('with few trades seen, sizes lean on those of other merchants', () => {
    const prior = pooledTradeSizes([rare(20, 1, 20).values, rare(20, 2, 20).values]);
    const knots = new Float32Array(2 * KNOTS);
    writeKnots(new Float32Array(0), prior, knots, 0);
    writeKnots(Float32Array.from(rare(20, 3, 60).values.filter((value) => value > 0)), prior, knots, KNOTS);
    const ratio = sizeExceededBy(knots, 0, 0.01) / sizeExceededBy(knots, KNOTS, 0.01);
    expect(ratio).toBeGreaterThan(0.3);
    expect(ratio).toBeLessThan(10);
  });

  test('a model that brings what it remembers of a merchant forecasts from the first bucket on, one that does not from the second day', () => {
    const series = rare(60, 5, 20, 'gross');
    const artifact = untrainedArtifact([series], { network: SMALL_NETWORK });
    const forecaster = createForecaster(artifact);
    const state = forecaster.start(series.id, series.firstBucket);
    const empty: number[] = [];
    series.values.forEach((value, i) => {
      forecaster.observe(state, series.firstBucket + i, value);
      if (forecaster.forecast(state).fans.length === 0) empty.push(i);
    });
    expect(empty).toEqual(Array.from({ length: 11 }, (_, i) => i));
    const models = artifact.metadata.series.map((model) => ({
      ...model,
      ...summaryOf(state),
      scoredThrough: state.origin,
    }));
    const knowing = createForecaster({ ...artifact, metadata: { ...artifact.metadata, series: models } });
    const anew = knowing.start(series.id, state.origin + 1);
    knowing.observe(anew, state.origin + 1, 0);
    expect(knowing.forecast(anew).fans).toHaveLength(knowing.horizons);
  });

  test('fans nest and are finite whatever is sold', () => {
    const series = rare(60, 5, 20, 'gross');
    const forecaster = createForecaster(untrainedArtifact([series], { network: SMALL_NETWORK }));
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constant(0), amount), { minLength: 1, maxLength: 200 }), (values) => {
        const state = forecaster.start(series.id, series.firstBucket);
        [...series.values.subarray(0, 100), ...values].forEach((value, i) => {
          forecaster.observe(state, series.firstBucket + i, value);
        });
        for (const fan of forecaster.forecast(state).fans) {
          const rising = [...[...fan.lower].reverse(), fan.median, ...fan.upper];
          expect(rising.every((x, i) => Number.isFinite(x) && x >= (rising[i - 1] ?? 0))).toBe(true);
          expect(fan.upper).toHaveLength(FAN_COVERAGES.length);
        }
      }),
      { numRuns: 20 },
    );
  });
});
