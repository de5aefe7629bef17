/** Bins of a histogram of scores. */
export const SCORE_BINS = 64;
/** ln(1 + score) is binned in steps of 1/15: scores up to 70. */
const BINS_PER_LOG = 15;

/** Adds a score ≥ 0 to the histogram at `at`; the scores before it count less by `fading`, a share. */
export function addScore(bins: Float32Array, at: number, score: number, fading: number): void {
  for (let k = at; k < at + SCORE_BINS; k++) bins[k] = (1 - fading) * bins[k]!;
  const bin = at + Math.min(SCORE_BINS - 1, Math.floor(Math.log1p(score) * BINS_PER_LOG));
  bins[bin] = bins[bin]! + 1;
}

/** The scores' weight together. */
export function weightOfScores(bins: Float32Array, at: number): number {
  let sum = 0;
  for (let k = at; k < at + SCORE_BINS; k++) sum += bins[k]!;
  return sum;
}

/**
 * The smallest scores that rising shares of all do not exceed, the one to come counted as the largest of them
 * (split conformal prediction). Where a share is not reached it is the largest score, but no less than `nominal`.
 * Rising, whatever the histogram.
 */
export function scoresAtShares(
  bins: Float32Array,
  at: number,
  shares: readonly number[],
  nominal: (share: number) => number,
): number[] {
  const total = weightOfScores(bins, at) + 1;
  let below = 0;
  let bin = 0;
  let largest = 0;
  return shares.map((share) => {
    const wanted = share * total;
    for (; bin < SCORE_BINS; bin++) {
      const here = bins[at + bin]!;
      if (here > 0 && below + here >= wanted) {
        return Math.expm1((bin + Math.max(0, wanted - below) / here) / BINS_PER_LOG);
      }
      if (here > 1e-3) largest = Math.expm1((bin + 1) / BINS_PER_LOG);
      below += here;
    }
    return Math.max(largest, nominal(share));
  });
}
