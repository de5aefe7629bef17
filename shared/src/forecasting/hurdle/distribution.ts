import { KNOTS, shareAbove, sizeExceededBy } from './trade-size.ts';

/**
 * One bucket's volume as a hurdle distribution (Cragg 1971; Mullahy 1986): nothing, or with some probability a sale or a
 * refund, whose size has a distribution of its own. Its bands are nested by `score` ≥ 0: the band of a score leaves
 * e^−score / 2 of the probability on either side, so that the 95 % band is that of score 3.0.
 */
export interface HurdleDistribution {
  /** Probability of any trade. */
  readonly trade: number;
  /** Share of trades that are refunds. */
  readonly refunds: number;
  /** Sizes are counted in units of this, > 0. */
  readonly unit: number;
  /** Knots of sales at `at`, of refunds behind them; see `trade-size.ts`. */
  readonly knots: Float32Array;
  readonly at: number;
}

/** Scores of the band that leaves so much outside, both sides together. */
export function scoreOfShare(outside: number): number {
  return -Math.log(outside);
}

/** The limit of a score's band on one side: the volume that e^−score / 2 of the probability lies beyond. */
export function hurdleLimit(one: HurdleDistribution, side: -1 | 1, score: number): number {
  return volumeExceeded(one, side, Math.exp(-score) / 2);
}

/** The median volume: 0 unless more than half of the buckets trade. */
export function hurdleMedian(one: HurdleDistribution): number {
  return volumeExceeded(one, 1, 0.5);
}

/**
 * The score of the narrowest band that holds a volume; the inverse of `hurdleLimit`.
 * @param even where in the probability of nothing a volume of 0 stands, in [0, 1]: drawn evenly over buckets, scores
 * are distributed as in a continuous distribution (randomized probability integral transform; Czado et al. 2009).
 */
export function hurdleScore(one: HurdleDistribution, volume: number, even: number): number {
  const sales = one.trade * (1 - one.refunds);
  // What lies beyond, on the volume's own side: beside one, a probability below 1e-16 would be lost.
  let beyond: number;
  if (volume > 0) beyond = sales * shareAbove(one.knots, one.at, volume / one.unit);
  else if (volume < 0) beyond = one.trade * one.refunds * shareAbove(one.knots, one.at + KNOTS, -volume / one.unit);
  else beyond = sales + (1 - one.trade) * even;
  return scoreOfShare(Math.max(1e-30, 2 * Math.min(beyond, 1 - beyond)));
}

/** Whether the band of a score holds a volume. */
export function hurdleHolds(one: HurdleDistribution, volume: number, score: number): boolean {
  return volume >= hurdleLimit(one, -1, score) && volume <= hurdleLimit(one, 1, score);
}

/** The volume that a probability lies beyond on a side, the side of refunds being −1. */
function volumeExceeded({ trade, refunds, unit, knots, at }: HurdleDistribution, side: -1 | 1, beyond: number): number {
  const onSide = trade * (side > 0 ? 1 - refunds : refunds);
  const opposite = trade - onSide;
  const ownKnots = side > 0 ? at : at + KNOTS;
  if (beyond < onSide) return side * unit * sizeExceededBy(knots, ownKnots, beyond / onSide);
  if (beyond <= 1 - opposite || opposite <= 0) return 0;
  // Nothing lies beyond either: the limit is a size on the other side.
  return -side * unit * sizeExceededBy(knots, side > 0 ? at + KNOTS : at, (1 - beyond) / opposite);
}
