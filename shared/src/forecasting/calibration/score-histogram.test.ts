import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addScore, SCORE_BINS, scoresAtShares, weightOfScores } from './score-histogram.ts';

const scores = fc.array(fc.double({ min: 0, max: 60, noNaN: true }), { minLength: 1, maxLength: 300 });
const SHARES = [0.5, 0.8, 0.95, 0.99];

function histogramOf(all: readonly number[], fading = 0): Float32Array {
  const bins = new Float32Array(SCORE_BINS);
  for (const score of all) addScore(bins, 0, score, fading);
  return bins;
}

describe('a histogram of scores', () => {
  test('gives rising scores that at least the share asked for does not exceed, to within a bin', () => {
    fc.assert(
      fc.property(scores, (all) => {
        const taken = scoresAtShares(histogramOf(all), 0, SHARES, () => 100);
        expect(taken.every((score, k) => k === 0 || score >= taken[k - 1]!)).toBe(true);
        taken.forEach((score, k) => {
          const inside = all.filter((one) => one <= (1 + score) * Math.exp(1 / 15) - 1).length;
          expect(inside).toBeGreaterThanOrEqual(SHARES[k]! * all.length - 1e-3);
        });
      }),
    );
  });

  test('gives the nominal score where the scores do not reach a share', () => {
    expect(scoresAtShares(histogramOf([]), 0, SHARES, (share) => 10 * share)).toEqual([5, 8, 9.5, 9.9]);
    expect(scoresAtShares(histogramOf([1, 2]), 0, [0.95], () => 7)).toEqual([7]);
  });

  test('forgets: a score counts less with every later one', () => {
    const bins = histogramOf([...Array(200).fill(1), ...Array(200).fill(4)], 0.02);
    expect(weightOfScores(bins, 0)).toBeCloseTo(50, 0);
    const [middle] = scoresAtShares(bins, 0, [0.5], () => 0);
    expect(middle).toBeGreaterThan(3.5);
  });
});
