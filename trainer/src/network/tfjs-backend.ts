import * as tf from '@tensorflow/tfjs';
import { networkTopology, networkWeights, QUANTILE_LEVELS, type Random } from '@tidemark/shared/forecasting';
import { clipFactor, drawDropout, dropoutRandom, LEARNING } from '../training/learning.ts';
import type { Batch, NamedWeight, NetworkShape, TrainingBackend } from './training-backend.ts';

/** Training with stock TensorFlow.js layers and its automatic differentiation, on the tfjs backend that is current. */
export class TfjsBackend implements TrainingBackend {
  readonly backend: string;
  readonly #shape: NetworkShape;
  readonly #model: tf.LayersModel;
  readonly #random: Random;
  #adam = newAdam();

  private constructor(backend: string, model: tf.LayersModel, shape: NetworkShape, seed: number) {
    this.backend = backend;
    this.#model = model;
    this.#shape = shape;
    this.#random = dropoutRandom(seed);
  }

  /** All weights are zero until `setWeights`; `seed` is the seed of the dropout masks. */
  static async create(backend: string, shape: NetworkShape, seed: number): Promise<TfjsBackend> {
    const entries = networkWeights(shape).map(({ name, shape: sizes, dtype }) => ({ name, shape: [...sizes], dtype }));
    const count = entries.reduce((sum, entry) => sum + entry.shape.reduce((a, b) => a * b, 1), 0);
    const model = await tf.loadLayersModel(
      tf.io.fromMemory({
        modelTopology: networkTopology(shape),
        weightSpecs: entries,
        weightData: new Float32Array(count).buffer,
      }),
    );
    return new TfjsBackend(backend, model, shape, seed);
  }

  step(batch: Batch, learningRate: number): number {
    return tf.tidy(() => {
      const { value, grads } = this.#differentiate(batch, true);
      const squares = tf.addN(Object.values(grads).map((gradient) => tf.sum(tf.square(gradient)) as tf.Scalar));
      const clip = clipFactor(squares.dataSync()[0]!);
      const keep = 1 - learningRate * LEARNING.weightDecay;
      for (const weight of this.#model.trainableWeights) weight.write(tf.mul(weight.read(), keep));
      Object.assign(this.#adam, { learningRate });
      this.#adam.applyGradients(Object.fromEntries(Object.entries(grads).map(([name, g]) => [name, tf.mul(g, clip)])));
      return value.dataSync()[0]!;
    });
  }

  loss(batch: Batch): number {
    return tf.tidy(() => this.#loss(batch, undefined).dataSync()[0]!);
  }

  gradients(batch: Batch): NamedWeight[] {
    const { value, grads } = this.#differentiate(batch, false);
    const gradients = this.#named((name) => grads[name]!);
    tf.dispose([value, ...Object.values(grads)]);
    return gradients;
  }

  weights(): NamedWeight[] {
    const byName = new Map(this.#model.trainableWeights.map((weight) => [weight.name, weight.read()]));
    return this.#named((name) => byName.get(name) as tf.Tensor);
  }

  setWeights(weights: readonly NamedWeight[]): void {
    const tensors = weights.map(({ values, shape }) => tf.tensor(values, [...shape]));
    this.#model.setWeights(tensors);
    tf.dispose(tensors);
    this.#adam.dispose();
    this.#adam = newAdam();
  }

  dispose(): void {
    this.#model.dispose();
    this.#adam.dispose();
  }

  #differentiate(batch: Batch, dropout: boolean) {
    const mask = new Float32Array(batch.size * this.#shape.units).fill(1);
    if (dropout) drawDropout(this.#random, mask, { rows: batch.size, units: this.#shape.units });
    return tf.variableGrads(() => this.#loss(batch, mask));
  }

  /** Weighted pinball loss, mean over windows, horizons and levels. */
  #loss(batch: Batch, mask: Float32Array | undefined): tf.Scalar {
    return tf.tidy(() => {
      const { horizons } = this.#shape;
      const [median, ...gaps] = tf.split(this.#raw(batch, mask), QUANTILE_LEVELS.length, 2) as [
        tf.Tensor,
        ...tf.Tensor[],
      ];
      const [near, far, above, furthest] = gaps.map((gap) => tf.softplus(gap)) as [Tensor, Tensor, Tensor, Tensor];
      const low = tf.sub(median, near);
      const high = tf.add(median, above);
      const quantiles = tf.concat([tf.sub(low, far), low, median, high, tf.add(high, furthest)], 2);
      const over = tf.sub(tf.tensor3d(batch.actual, [batch.size, horizons, 1]), quantiles);
      const levels = tf.tensor1d([...QUANTILE_LEVELS]);
      const losses = tf.maximum(tf.mul(levels, over), tf.mul(tf.sub(levels, 1), over));
      return tf.mean(tf.mul(tf.tensor3d(batch.weight, [batch.size, horizons, 1]), losses));
    });
  }

  /** Raw outputs [size, horizons, outputs], layer by layer, so that the dropout mask can be ours. */
  #raw(batch: Batch, mask: Float32Array | undefined): tf.Tensor {
    const { steps, sequenceFeatures, units, horizons, targetFeatures } = this.#shape;
    const apply = (name: string, input: tf.Tensor) => this.#model.getLayer(name).apply(input) as tf.Tensor;
    const target = tf.tensor3d(batch.target, [batch.size, horizons, targetFeatures]);
    let state = apply('memory', tf.tensor3d(batch.sequence, [batch.size, steps, sequenceFeatures]));
    if (mask) state = tf.mul(state, tf.tensor2d(mask, [batch.size, units]));
    const context = tf.concat([tf.tile(tf.expandDims(state, 1), [1, horizons, 1]), target], 2);
    return apply('quantiles', tf.concat([apply('hidden_2', apply('hidden_1', context)), target], 2));
  }

  #named(tensorOf: (name: string) => tf.Tensor): NamedWeight[] {
    const own = this.#model.trainableWeights;
    return networkWeights(this.#shape).map(({ name, shape }, index) => ({
      name,
      shape,
      values: Float32Array.from(tensorOf(own[index]?.name as string).dataSync()),
    }));
  }
}

type Tensor = tf.Tensor;

function newAdam() {
  return tf.train.adam(0, LEARNING.firstDecay, LEARNING.secondDecay, LEARNING.epsilon);
}
