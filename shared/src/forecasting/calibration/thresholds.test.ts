import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ForecasterState } from '../forecaster/state.ts';
import { createRandom } from '../random.ts';
import { codeScore, SCORES } from './calibrate.ts';
import { FAN_COVERAGES } from './fan.ts';
import { NO_CALIBRATION, seedScores, summaryOf } from './score-summary.ts';
import { risingScores, updateThresholds, weightedCodes } from './thresholds.ts';

const NINETY_FIVE = FAN_COVERAGES.indexOf(0.95);
const FOUR_WEEKS = 336;

/** A state of one horizon that was told these scores, the oldest first. */
function told(scores: readonly number[]): ForecasterState {
  const state = new ForecasterState('shop', 'v', { perDay: 12, horizons: 1, firstBucket: 0 });
  for (const [k, score] of scores.entries()) state.scores[k % SCORES] = codeScore(score);
  state.scoreCounts[0] = Math.min(SCORES, scores.length);
  state.scoreHeads[0] = scores.length % SCORES;
  updateThresholds(state, 1);
  return state;
}

const at95 = (state: ForecasterState) => state.thresholds[NINETY_FIVE]!;
const noise = (seed: number, n: number, size: number) => {
  const random = createRandom(seed);
  return Array.from({ length: n }, () => size * Math.abs(random.normal()));
};

describe('thresholds', () => {
  test('a share of scores is what their weights add up to, halved every four weeks', () => {
    const scores = fc.array(fc.double({ min: 0, max: 50, noNaN: true }), { minLength: 1, maxLength: 1200 });
    const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(scores, shares, fc.constantFrom(0, 1), (all, unordered, beside) => {
        const remembered = all.slice(-SCORES).map((score, k, { length }) => ({
          code: codeScore(score),
          weight: 0.5 ** ((length - 1 - k) / FOUR_WEEKS),
        }));
        const weightOf = (some: typeof remembered) => some.reduce((sum, { weight }) => sum + weight, 0);
        const total = weightOf(remembered) + beside;
        const rising = unordered.toSorted((a, b) => a - b);
        const out = new Uint16Array(rising.length);
        const reached = weightedCodes(risingScores(told(all), 1), rising, beside as 0 | 1, out);
        rising.forEach((share, k) => {
          if (k >= reached) expect(share * total).toBeGreaterThan(total - beside - 1e-6);
          else {
            const code = out[k]!;
            expect(weightOf(remembered.filter((one) => one.code <= code))).toBeGreaterThan(share * total - 1e-6);
            expect(weightOf(remembered.filter((one) => one.code < code))).toBeLessThan(share * total + 1e-6);
          }
        });
      }),
    );
  });

  test('six weeks after things have calmed down, most of the old width is gone', () => {
    const settled = at95(told(noise(1, SCORES, 1)));
    const calmer = at95(told([...noise(2, SCORES, 2), ...noise(3, 1.5 * FOUR_WEEKS, 1)]));
    // Were all scores to count alike, 1.65: the threshold of as many wide as narrow ones.
    expect(calmer / settled).toBeLessThan(1.45);
    expect(calmer / settled).toBeGreaterThan(1.05);
  });

  test('coverages that too few scores reach have the largest score, and nothing less than nominal', () => {
    const [, , , , , , widest] = told([0.5, 9, 0.7]).thresholds;
    expect(widest).toBeCloseTo(9, 2);
    expect(told([]).thresholds.at(-1)).toBeCloseTo(3.2905, 4);
    expect(told([0.5]).thresholds.at(NINETY_FIVE)).toBeCloseTo(1.96, 4);
  });

  test('what starts from a summary has nearly the thresholds of what was summed up, rather wider than narrower', () => {
    const state = told([...noise(4, SCORES / 2, 2), ...noise(5, SCORES / 2, 1)]);
    const { scores } = summaryOf(state);
    const next = new ForecasterState('shop', 'v', { perDay: 12, horizons: 1, firstBucket: 0 });
    seedScores(next, { ...NO_CALIBRATION, scores, servedBy: 'lstm' } as Parameters<typeof seedScores>[1]);
    updateThresholds(next, 1);
    for (const [c, coverage] of FAN_COVERAGES.entries()) {
      const ratio = next.thresholds[c]! / state.thresholds[c]!;
      expect(ratio, `${coverage}`).toBeGreaterThan(coverage <= 0.99 ? 0.98 : 0.9);
      expect(ratio, `${coverage}`).toBeLessThan(coverage <= 0.98 ? 1.02 : coverage <= 0.99 ? 1.08 : 1.3);
    }
  });
});
