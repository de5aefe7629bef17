import type { NetworkShape } from '@tidemark/shared/forecasting';

export type { NetworkShape };

/** Windows to learn from; every array is row-major. */
export interface Batch {
  readonly size: number;
  /** [size, steps, sequenceFeatures] */
  readonly sequence: Float32Array;
  /** [size, horizons, targetFeatures] */
  readonly target: Float32Array;
  /** [size, horizons]: (actual − base forecast) ÷ spread. */
  readonly actual: Float32Array;
  /** [size, horizons], ≥ 0: what one unit of pinball loss counts. */
  readonly weight: Float32Array;
}

/** One trainable tensor, row-major, with the name and shape stock tfjs gives it. */
export interface NamedWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Learns the network's weights; one implementation per way of computing gradients. */
export interface TrainingBackend {
  /** What computes, in words for people: `wasm kernel (relaxed SIMD)`, `tfjs wasm`, … */
  readonly backend: string;
  /**
   * One gradient step of Adam with weight decay, gradient clipping and dropout (`learning.ts`); returns the batch's
   * loss before it: weight × pinball, mean over windows, horizons and quantile levels.
   */
  step(batch: Batch, learningRate: number): number;
  /** The same mean without dropout and without learning; of any number of windows. */
  loss(batch: Batch): number;
  /** Gradients of the loss without dropout and clipping, in the order of `weights()`: what implementations are compared by. */
  gradients(batch: Batch): NamedWeight[];
  /** A copy of the weights in stock tfjs order. */
  weights(): NamedWeight[];
  /** Takes weights over, in the order of `weights()`; Adam starts afresh. */
  setWeights(weights: readonly NamedWeight[]): void;
  dispose(): void;
}
