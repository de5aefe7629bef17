import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createVolatility, issueVolatility, observeScore, volatilityFactor } from './volatility.ts';

/** Factors one bucket and a day ahead after these scores. */
function factorsAfter(scores: readonly number[]): [number, number] {
  const state = createVolatility(16);
  for (const score of scores) observeScore(state, score);
  issueVolatility(state, 77);
  return [volatilityFactor(state, 77, 1), volatilityFactor(state, 77, 12)];
}

const usual = Array.from({ length: 1000 }, (_, i) => (i % 2 === 0 ? 0.4 : 1.2));
const day = (score: number) => Array.from({ length: 12 }, () => score);

describe('what bands follow of the last surprises', () => {
  test('is nothing before any was scored, and about nothing while they are as usual', () => {
    expect(factorsAfter([])).toEqual([1, 1]);
    for (const factor of factorsAfter(usual)) expect(Math.abs(factor - 1)).toBeLessThan(0.1);
  });

  test('widens them after surprises, the next one at once, those a day ahead when they last, and fades', () => {
    const [next, ahead] = factorsAfter([...usual, 2.8]);
    expect(next).toBeGreaterThan(1.1);
    expect(ahead).toBeLessThan(1.1);
    const [nextAfterDay, aheadAfterDay] = factorsAfter([...usual, ...day(2.8)]);
    expect(nextAfterDay).toBeGreaterThan(1.4);
    expect(aheadAfterDay).toBeGreaterThan(1.2);
    for (const factor of factorsAfter([...usual, ...day(2.8), ...usual])) expect(factor).toBeLessThan(1.05);
  });

  test('narrows them after calm, but not without limit', () => {
    const [next, ahead] = factorsAfter([...usual, ...day(0), ...day(0)]);
    expect(next).toBeLessThan(0.75);
    expect(next).toBeGreaterThan(0.55);
    expect(ahead).toBeLessThan(0.95);
  });

  test('is the same for a series whose bands are all twice as wide, and never beyond its limits', () => {
    const small = fc.array(fc.double({ min: 0.001, max: 1.5, noNaN: true }), { maxLength: 100 });
    fc.assert(
      fc.property(small, (scores) => {
        const [next, ahead] = factorsAfter(scores);
        const [nextDoubled, aheadDoubled] = factorsAfter(scores.map((score) => 2 * score));
        expect(nextDoubled).toBeCloseTo(next, 4);
        expect(aheadDoubled).toBeCloseTo(ahead, 4);
        for (const factor of [next, ahead]) {
          expect(factor).toBeGreaterThanOrEqual(0.4);
          expect(factor).toBeLessThanOrEqual(2.5);
        }
      }),
    );
  });
});
