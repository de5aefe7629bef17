import type { ServedBy } from '../../vocabulary.ts';

/** Who may serve a series: the forecasts of five quantiles in the order of `scores.ts`, then the hurdle model. */
export const CANDIDATES = ['lstm', 'base', 'seasonal-naive', 'hurdle'] as const satisfies readonly ServedBy[];
export const HURDLE = CANDIDATES.indexOf('hurdle');

/** A loss counts half after three weeks of two-hour buckets. */
const FADING = 1 - 0.5 ** (1 / 252);
/** Buckets' worth of losses from which they decide. */
export const ENOUGH = 84;
/** Another candidate takes over when it lost this much less than the one that serves. */
export const TAKES_OVER = 0.93;

/**
 * Takes in what each candidate's bands lost at a bucket.
 * @param losses [candidates + 1] sums that fade and their weight, changed in place.
 * @param lost per candidate, ≥ 0.
 */
export function addLosses(losses: Float64Array, lost: ArrayLike<number>): void {
  const at = CANDIDATES.length;
  losses[at] = (1 - FADING) * losses[at]! + 1;
  for (let k = 0; k < at; k++) losses[k] = (1 - FADING) * losses[k]! + lost[k]!;
}

/**
 * Who serves next: the one that does, unless another of the first `competing` candidates lost clearly less in the last
 * weeks.
 */
export function chooseCandidate(losses: Float64Array, serving: number, competing: number = CANDIDATES.length): number {
  if (losses[CANDIDATES.length]! < ENOUGH) return serving;
  let best = serving;
  let least = TAKES_OVER * losses[serving]!;
  for (let k = 0; k < competing; k++) {
    if (k === serving || !(losses[k]! < least)) continue;
    best = k;
    least = losses[k]!;
  }
  return best;
}

/** Loss of a 95 % band: its interval score (Gneiting & Raftery 2007) times .025. */
export function bandLoss(lower: number, upper: number, actual: number): number {
  return 0.025 * (upper - lower) + Math.max(0, lower - actual) + Math.max(0, actual - upper);
}
