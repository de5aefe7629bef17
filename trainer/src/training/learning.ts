import { createRandom, type Random } from '@tidemark/shared/forecasting';

/** Settings of every training backend, so that backends differ in speed only. */
export const LEARNING = {
  /** Share of the LSTM's outputs dropped in training, the others scaled up (Srivastava et al. 2014). */
  dropout: 0.1,
  /** Limit of the gradient's norm over all weights (Pascanu et al. 2013). */
  maxGradientNorm: 1,
  /** Decoupled weight decay (Loshchilov & Hutter 2019). */
  weightDecay: 1e-4,
  /** Adam's β₁, β₂ and ε (Kingma & Ba 2015). */
  firstDecay: 0.9,
  secondDecay: 0.999,
  epsilon: 1e-8,
} as const;

/** Adam's bias corrections at its n-th step, n ≥ 1. */
export function unbias(step: number): { readonly first: number; readonly second: number } {
  return { first: 1 / (1 - LEARNING.firstDecay ** step), second: 1 / (1 - LEARNING.secondDecay ** step) };
}

/** Factor that clips a gradient of this squared norm, ≤ 1. */
export function clipFactor(squaredNorm: number): number {
  return Math.min(1, LEARNING.maxGradientNorm / Math.sqrt(Math.max(squaredNorm, Number.MIN_VALUE)));
}

/** Random source of the dropout masks, separate from the one that draws batches. */
export const dropoutRandom = (seed: number): Random => createRandom(seed ^ 0x5eed);

/** Sizes of a dropout mask: [rows, units], its rows `stride` apart, which is `units` unless given. */
export interface MaskShape {
  readonly rows: number;
  readonly units: number;
  readonly stride?: number;
}

/** Fills a mask with 0 or 1/(1 − dropout). */
export function drawDropout(random: Random, mask: Float32Array, { rows, units, stride = units }: MaskShape): void {
  const kept = 1 / (1 - LEARNING.dropout);
  for (let row = 0; row < rows; row++) {
    for (let unit = 0; unit < units; unit++) {
      mask[row * stride + unit] = random.uniform() < LEARNING.dropout ? 0 : kept;
    }
  }
}
