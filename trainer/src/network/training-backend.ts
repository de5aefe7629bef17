import type { NetworkShape } from '@tidemark/shared/forecasting';

export type { NetworkShape };

/** Windows of one gradient step; every array is row-major. */
export interface Batch {
  readonly size: number;
  /** [size, steps, sequenceFeatures] */
  readonly sequence: Float32Array;
  /** [size, horizons, targetFeatures] */
  readonly target: Float32Array;
  /** [size, horizons]: (actual − base forecast) ÷ spread. */
  readonly actual: Float32Array;
  /** [size, horizons], ≥ 0: weight of the pinball loss; 0 where the actual is missing. */
  readonly weight: Float32Array;
}

/** One trainable tensor, row-major, with the name and shape stock tfjs gives it. */
export interface NamedWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Trains the network's weights; one implementation per way of computing gradients. */
export interface TrainingBackend {
  /** Name for people: `wasm kernel`, `tfjs-node` or `TypeScript`. */
  readonly backend: string;
  /**
   * One gradient step of Adam with weight decay, gradient clipping and dropout (`learning.ts`); returns the batch's
   * loss before it: weight × pinball, mean over windows, horizons and quantile levels.
   */
  step(batch: Batch, learningRate: number): number;
  /** The same mean without dropout and without a gradient step; of any number of windows. */
  loss(batch: Batch): number;
  /** Gradients of the loss without dropout and clipping, in the order of `weights()`; tests compare implementations by them. */
  gradients(batch: Batch): NamedWeight[];
  /** A copy of the weights in stock tfjs order. */
  weights(): NamedWeight[];
  /** Replaces the weights, given in the order of `weights()`, and resets Adam. */
  setWeights(weights: readonly NamedWeight[]): void;
  /** Frees memory; the backend must not be used afterwards. */
  dispose(): void;
}
