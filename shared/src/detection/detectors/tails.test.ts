import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fewerSuccessesTail, fewerTail, logBetaTail, logGamma, moreTail, normalTail } from './tails.ts';

// Reference values by scipy 1.16: nbinom, poisson, binom and norm in logarithms.
describe('tails', () => {
  test('agree with scipy', () => {
    expect(fewerTail(0, 150, 150 + 0.05 * 22500)).toBeCloseTo(42.80132326992542, 8);
    expect(fewerTail(75, 150, 150 + 0.05 * 22500)).toBeCloseTo(4.991200850748291, 8);
    expect(moreTail(300, 150, 1000)).toBeCloseTo(9.615321953441907, 8);
    expect(fewerSuccessesTail(3, 8, 0.92, 0)).toBeCloseTo(8.809830841525109, 8);
    expect(normalTail(-3)).toBeCloseTo(6.60772622151035, 5);
    expect(normalTail(-6)).toBeCloseTo(20.73676894997471, 3);
    expect(logGamma(101)).toBeCloseTo(363.7393755555635, 8);
  });

  test('of a variance not above the mean is nearly that of a Poisson', () => {
    expect(fewerTail(0, 10, 10)).toBeCloseTo(10, 1);
    expect(moreTail(30, 10, 10)).toBeCloseTo(15.2, 1);
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

  test('on both sides of a value add up to one', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.5, max: 60, noNaN: true }), fc.integer({ min: 1, max: 80 }), (mean, count) => {
        const variance = mean + 0.1 * mean * mean;
        const sum = Math.exp(-fewerTail(count - 1, mean, variance)) + Math.exp(-moreTail(count, mean, variance));
        expect(sum).toBeCloseTo(1, 9);
      }),
    );
  });

  test('stay finite where the probability itself underflows', () => {
    expect(fewerTail(0, 1e6, 1e6 + 1e9)).toBeGreaterThan(1000);
    expect(Number.isFinite(normalTail(-1e4))).toBe(true);
    expect(logBetaTail(0, 1, 1)).toBe(Number.POSITIVE_INFINITY);
  });
});
