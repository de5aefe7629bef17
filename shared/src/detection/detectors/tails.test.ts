import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fewerSuccessesTail, fewerTail, logBetaTail, logGamma, moreTail, normalTail } from './tails.ts';

// Reference values by scipy 1.16: −ln of half the sum of neighbouring tails of nbinom and binom; norm.logcdf; gammaln.
describe('tails', () => {
  test('agree with scipy', () => {
    expect(fewerTail(0, 150, 150 + 0.05 * 22500)).toBeCloseTo(43.494470450485366, 8);
    expect(fewerTail(75, 150, 150 + 0.05 * 22500)).toBeCloseTo(5.0501986056701185, 8);
    expect(moreTail(300, 150, 1000)).toBeCloseTo(9.656426642072764, 8);
    expect(fewerSuccessesTail(3, 8, 0.92, 0)).toBeCloseTo(9.461194763205793, 8);
    expect(normalTail(-3)).toBeCloseTo(6.60772622151035, 5);
    expect(normalTail(-6)).toBeCloseTo(20.73676894997471, 3);
    expect(logGamma(101)).toBeCloseTo(363.7393755555635, 8);
  });

  test('of a variance not above the mean is nearly that of a Poisson', () => {
    expect(fewerTail(0, 10, 10)).toBeCloseTo(10 + Math.LN2, 1);
    expect(moreTail(30, 10, 10)).toBeCloseTo(15.6148, 1);
  });

  test('are 0 or more, and the further out the larger', () => {
    const positive = fc.double({ min: 0.1, max: 3000, noNaN: true });
    fc.assert(
      fc.property(positive, fc.double({ min: 0, max: 2, noNaN: true }), fc.nat(4000), (mean, dispersion, count) => {
        const variance = mean + dispersion * mean * mean;
        expect(fewerTail(count, mean, variance)).toBeGreaterThanOrEqual(0);
        expect(fewerTail(count, mean, variance)).toBeGreaterThanOrEqual(fewerTail(count + 1, mean, variance) - 1e-9);
        expect(moreTail(count + 1, mean, variance)).toBeGreaterThanOrEqual(moreTail(count, mean, variance) - 1e-9);
      }),
    );
  });

  test('on both sides of one value add up to one', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.5, max: 60, noNaN: true }), fc.nat(80), (mean, count) => {
        const variance = mean + 0.1 * mean * mean;
        const [few, many] = [fewerTail(count, mean, variance), moreTail(count, mean, variance)];
        if (count > 0) expect(Math.exp(-few) + Math.exp(-many)).toBeCloseTo(1, 8);
      }),
    );
  });

  test('stay finite where the probability itself underflows', () => {
    expect(fewerTail(0, 1e6, 1e6 + 1e9)).toBeGreaterThan(1000);
    expect(Number.isFinite(normalTail(-1e4))).toBe(true);
    expect(logBetaTail(0, 1, 1)).toBe(Number.POSITIVE_INFINITY);
  });
});
