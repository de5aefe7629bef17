import type { Random } from '@tidemark/shared/forecasting';
import { clipFactor, drawDropout, dropoutRandom, LEARNING, unbias } from '../training/learning.ts';
import type { Kernel } from './kernel.ts';
import { KernelHead } from './kernel-head.ts';
import { KernelLstm } from './kernel-lstm.ts';
import { copyTensor, type KernelWeights, type PlacedTensor, padTo } from './kernel-weights.ts';
import type { Batch, NamedWeight, NetworkShape, TrainingBackend } from './training-backend.ts';

/** Rows of a forward pass as long as no step has set the batch size. */
const FIRST_ROWS = 64;

/** Training in the WebAssembly kernel, a whole gradient step in its memory; see `docs/kernel.md`. */
export class KernelBackend implements TrainingBackend {
  readonly backend = 'wasm kernel';
  readonly #kernel: Kernel;
  readonly #shape: NetworkShape;
  readonly #lstm: KernelLstm;
  readonly #head: KernelHead;
  readonly #weights: readonly KernelWeights[];
  readonly #tensors: readonly PlacedTensor[];
  readonly #random: Random;
  readonly #activationsFrom: number;
  #rows = 0;
  #mask = 0;
  #steps = 0;

  /** All weights are zero until `setWeights`; `seed` is the seed of the dropout masks. */
  constructor(kernel: Kernel, shape: NetworkShape, seed: number) {
    this.#kernel = kernel;
    this.#shape = shape;
    this.#lstm = new KernelLstm(kernel, shape.sequenceFeatures, shape.units, shape.steps);
    this.#head = new KernelHead(kernel, shape, this.#lstm.width);
    this.#weights = [...this.#lstm.weights, ...this.#head.weights];
    this.#tensors = [...this.#lstm.tensors('memory'), ...this.#head.tensors()];
    this.#random = dropoutRandom(seed);
    this.#activationsFrom = kernel.mark();
  }

  step(batch: Batch, learningRate: number): number {
    const loss = this.#learn(batch, true);
    const squaredNorm = this.#weights.reduce((sum, weights) => sum + weights.sumOfSquares(), 0);
    this.#steps++;
    const { first, second } = unbias(this.#steps);
    const clip = clipFactor(squaredNorm);
    for (const weights of this.#weights) weights.adam(learningRate, clip, first, second, LEARNING.weightDecay);
    return loss;
  }

  loss(batch: Batch): number {
    if (this.#rows === 0) this.#allocate(Math.min(padTo(4, batch.size), FIRST_ROWS));
    let sum = 0;
    for (let from = 0; from < batch.size; from += this.#rows) {
      const size = Math.min(this.#rows, batch.size - from);
      this.#kernel.view(this.#mask, this.#rows * this.#lstm.width).fill(1);
      sum += this.#forward(batch, from, size, 0);
    }
    return sum / this.#terms(batch.size);
  }

  weights(): NamedWeight[] {
    return this.#copyOut('values');
  }

  gradients(batch: Batch): NamedWeight[] {
    this.#learn(batch, false);
    const gradients = this.#copyOut('gradient');
    for (const { gradient, count } of this.#weights) this.#kernel.view(gradient, count).fill(0);
    return gradients;
  }

  setWeights(weights: readonly NamedWeight[]): void {
    this.#tensors.forEach((tensor, index) => {
      copyTensor(this.#kernel, tensor, weights[index]!.values, 'into-kernel');
    });
    for (const part of this.#weights) part.forget();
    this.#steps = 0;
  }

  dispose(): void {
    this.#kernel.release(this.#activationsFrom);
    this.#rows = 0;
  }

  /** Forward and backward; the gradients stay in the weights. */
  #learn(batch: Batch, dropout: boolean): number {
    const rows = padTo(4, batch.size);
    if (rows !== this.#rows) this.#allocate(rows);
    const { width, units } = this.#lstm;
    const mask = this.#kernel.view(this.#mask, rows * width);
    if (dropout) drawDropout(this.#random, mask, { rows: batch.size, units, stride: width });
    else mask.fill(1);
    const scale = 1 / this.#terms(batch.size);
    const loss = this.#forward(batch, 0, batch.size, scale) * scale;
    this.#head.backward();
    const gradient = this.#lstm.stateGradient;
    this.#kernel.run.multiplyRows(this.#head.stateGradient, 4 * width, this.#mask, gradient, rows, width);
    this.#lstm.backward();
    return loss;
  }

  #forward(batch: Batch, from: number, size: number, scale: number): number {
    this.#lstm.read(batch.sequence, from, size);
    this.#head.read(batch.target, batch.actual, batch.weight, from, size);
    this.#lstm.forward();
    const { address, stride } = this.#lstm.state;
    this.#kernel.run.multiplyRows(address, stride, this.#mask, this.#head.state, this.#rows, this.#lstm.width);
    return this.#head.forward(scale);
  }

  #allocate(rows: number): void {
    this.#kernel.release(this.#activationsFrom);
    this.#rows = rows;
    this.#lstm.allocate(rows);
    this.#head.allocate(rows);
    this.#mask = this.#kernel.allocate(rows * this.#lstm.width);
  }

  /** How many pinball losses the mean is over. */
  #terms(size: number): number {
    return size * this.#shape.horizons * this.#shape.outputs;
  }

  #copyOut(part: 'values' | 'gradient'): NamedWeight[] {
    return this.#tensors.map((tensor) => {
      const values = new Float32Array(tensor.shape.reduce((product, size) => product * size, 1));
      copyTensor(this.#kernel, tensor, values, 'out-of-kernel', part);
      return { name: tensor.name, shape: tensor.shape, values };
    });
  }
}
