import { createRandom, type Random } from '@tidemark/shared/forecasting';

/** How every fitter learns, so that they differ in speed only. */
export const LEARNING = {
  /** Share of the LSTM's outputs dropped while learning, the rest scaled up (Srivastava et al. 2014). */
  dropout: 0.1,
  /** Longest gradient, as the norm over all weights (Pascanu et al. 2013). */
  longestGradient: 1,
  /** Decoupled weight decay (Loshchilov & Hutter 2019). */
  weightDecay: 1e-4,
  /** Adam's β₁, β₂ and ε (Kingma & Ba 2015). */
  firstDecay: 0.9,
  secondDecay: 0.999,
  epsilon: 1e-8,
} as const;

/** Adam's factors at its n-th step, n ≥ 1: what undoes the moments' start at zero. */
export function unbias(step: number): { readonly first: number; readonly second: number } {
  return { first: 1 / (1 - LEARNING.firstDecay ** step), second: 1 / (1 - LEARNING.secondDecay ** step) };
}

/** What a gradient of this squared norm is multiplied by, so that it is not longer than allowed. */
export function clipFactor(squaredNorm: number): number {
  return Math.min(1, LEARNING.longestGradient / Math.sqrt(Math.max(squaredNorm, Number.MIN_VALUE)));
}

/** Random source of the dropout masks: its own, so that they do not depend on how many batches were drawn. */
export const dropoutRandom = (seed: number): Random => createRandom(seed ^ 0x5eed);

/** Fills [rows, units] of `mask`, whose rows are `stride` apart, with 0 or 1/(1 − dropout). */
export function drawDropout(random: Random, mask: Float32Array, rows: number, units: number, stride = units): void {
  const kept = 1 / (1 - LEARNING.dropout);
  for (let row = 0; row < rows; row++) {
    for (let unit = 0; unit < units; unit++) {
      mask[row * stride + unit] = random.uniform() < LEARNING.dropout ? 0 : kept;
    }
  }
}
