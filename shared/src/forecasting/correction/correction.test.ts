import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../random.ts';
import { type Correction, correctionOf, createCorrection, leaveUnmoved, observeResiduals } from './correction.ts';

const DAY = 12;

/** Follows residuals of a forecast that is the same at every horizon; gives what each next bucket was corrected by. */
function followed(residuals: ArrayLike<number>): { state: Correction; moved: number[] } {
  const state = createCorrection(DAY, DAY);
  const moved: number[] = [];
  let issued: number[][] = [];
  for (let b = 0; b < residuals.length; b++) {
    observeResiduals(state, b, (h) => residuals[b]! - (issued[h - 1]?.[h - 1] ?? Number.NaN));
    const next = Array.from({ length: DAY }, (_, k) => correctionOf(state, b, k + 1));
    moved[b + 1] = next[0]!;
    issued = [next, ...issued.slice(0, DAY - 1)];
  }
  return { state, moved };
}

/** Residuals of which each carries on a share of the one before, or of the one a day before. */
function residuals(share: number, lag: number, seed = 1): Float64Array {
  const random = createRandom(seed);
  const all = new Float64Array(3000);
  for (let i = 0; i < all.length; i++) all[i] = share * (all[i - lag] ?? 0) + 0.5 * random.normal();
  return all;
}

describe('a correction by the last residuals', () => {
  test.each([1, DAY])('takes off what goes on %i buckets later', (lag) => {
    const missed = residuals(0.7, lag);
    const { moved } = followed(missed);
    let before = 0;
    let after = 0;
    for (let i = 1500; i < missed.length; i++) {
      before += missed[i]! ** 2;
      after += (missed[i]! - moved[i]!) ** 2;
    }
    // The share of the variance that is new is 1 − .7².
    expect(after / before).toBeLessThan(0.58);
  });

  test('hardly moves a forecast whose residuals are noise', () => {
    const missed = residuals(0, 1);
    const { moved } = followed(missed);
    const mean = moved.slice(1500).reduce((sum, by) => sum + Math.abs(by), 0) / 1501;
    expect(mean).toBeLessThan(0.06);
  });

  test('is learned from what the forecast would have missed unmoved, so that it does not undo itself', () => {
    const { state } = followed(new Float64Array(2000).fill(0.5));
    expect(correctionOf(state, 1999, 1)).toBeGreaterThan(0.4);
  });

  test('is none before anything was forecast, or where what came is unknown', () => {
    const state = createCorrection(DAY, DAY);
    for (let b = 0; b < 500; b++) observeResiduals(state, b, () => 1);
    expect(correctionOf(state, 499, 1)).toBe(0);
    observeResiduals(state, 500, () => Number.NaN);
    expect(state.sums.every((sum) => sum === 0)).toBe(true);
  });

  test('is learned as well where the forecast is left as it is', () => {
    const state = createCorrection(DAY, DAY);
    for (let b = 0; b < 1000; b++) {
      observeResiduals(state, b, () => 0.5);
      for (let h = 1; h <= DAY; h++) expect(leaveUnmoved(state, b, h)).toBe(0);
    }
    expect(correctionOf(state, 999, 1)).toBeGreaterThan(0.3);
  });

  test('stays within two units, whatever was stored', () => {
    const sums = fc.array(fc.float({ noDefaultInfinity: true }), { minLength: 14, maxLength: 14 });
    fc.assert(
      fc.property(sums, fc.integer({ min: 0, max: 1e6 }), (stored, bucket) => {
        const state = createCorrection(DAY, DAY);
        state.sums.set(stored);
        observeResiduals(state, bucket, () => 3);
        state.known.fill(2);
        const by = correctionOf(state, bucket, 1);
        expect(Math.abs(by)).toBeLessThanOrEqual(2);
      }),
    );
  });
});
