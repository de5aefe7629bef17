import type { Random } from '@tidemark/shared/forecasting';
import { clipFactor, drawDropout, dropoutRandom, LEARNING, unbias } from '../training/learning.ts';
import type { Batch, NamedWeight, NetworkShape, TrainingBackend } from './training-backend.ts';
import { add, addOuter, addProduct, at, carryBack, sigmoid, type Tensor } from './typescript-arithmetic.ts';
import { type Column, headBackward, headForward, pinballGradient } from './typescript-head.ts';

/**
 * Training in plain TypeScript, one window at a time, in 64-bit floats: the reference that the kernel is tested
 * against, and the fallback where WebAssembly SIMD is missing.
 */
export class TypeScriptBackend implements TrainingBackend {
  readonly backend = 'TypeScript';
  readonly #shape: NetworkShape;
  readonly #random: Random;
  #weights: Tensor[] = [];
  #steps = 0;

  /** No weights until `setWeights`; `seed` is the seed of the dropout masks. */
  constructor(shape: NetworkShape, seed: number) {
    this.#shape = shape;
    this.#random = dropoutRandom(seed);
  }

  step(batch: Batch, learningRate: number): number {
    const loss = this.#learn(batch, true);
    let squaredNorm = 0;
    for (const { gradient } of this.#weights) for (const g of gradient) squaredNorm += g * g;
    const clip = clipFactor(squaredNorm);
    this.#steps++;
    for (const weight of this.#weights) adam(weight, learningRate, clip, this.#steps);
    return loss;
  }

  loss(batch: Batch): number {
    const kept = new Float32Array(this.#shape.units).fill(1);
    let sum = 0;
    for (let window = 0; window < batch.size; window++) sum += this.#forward(batch, window, kept).loss;
    return sum / this.#terms(batch);
  }

  gradients(batch: Batch): NamedWeight[] {
    this.#learn(batch, false);
    return this.#weights.map(({ name, shape, gradient }) => {
      const values = Float32Array.from(gradient);
      gradient.fill(0);
      return { name, shape, values };
    });
  }

  weights(): NamedWeight[] {
    return this.#weights.map(({ name, shape, values }) => ({ name, shape, values: Float32Array.from(values) }));
  }

  setWeights(weights: readonly NamedWeight[]): void {
    this.#weights = weights.map(({ name, shape, values }) => ({
      name,
      shape,
      values: Float64Array.from(values),
      gradient: new Float64Array(values.length),
      first: new Float64Array(values.length),
      second: new Float64Array(values.length),
    }));
    this.#steps = 0;
  }

  dispose(): void {
    this.#weights = [];
  }

  #terms(batch: Batch): number {
    return batch.size * this.#shape.horizons * this.#shape.outputs;
  }

  #learn(batch: Batch, dropout: boolean): number {
    const { units } = this.#shape;
    const mask = new Float32Array(batch.size * units).fill(1);
    if (dropout) drawDropout(this.#random, mask, { rows: batch.size, units });
    let sum = 0;
    for (let window = 0; window < batch.size; window++) {
      const kept = mask.subarray(window * units, (window + 1) * units);
      const trace = this.#forward(batch, window, kept);
      sum += trace.loss;
      this.#backward(trace, kept, 1 / this.#terms(batch));
    }
    return sum / this.#terms(batch);
  }

  #forward(batch: Batch, window: number, kept: Float32Array): Trace {
    const { steps, sequenceFeatures, units, horizons, targetFeatures } = this.#shape;
    const [kernel, recurrent, bias, ...head] = this.#weights as [Tensor, Tensor, Tensor, ...Tensor[]];
    const moments: Moment[] = [];
    let state = new Float64Array(units);
    let cell = new Float64Array(units);
    for (let step = 0; step < steps; step++) {
      const from = (window * steps + step) * sequenceFeatures;
      const input = Float64Array.from(batch.sequence.subarray(from, from + sequenceFeatures));
      const gates = Float64Array.from(bias.values);
      addProduct(input, kernel.values, 0, gates);
      addProduct(state, recurrent.values, 0, gates);
      const nextState = new Float64Array(units);
      const nextCell = new Float64Array(units);
      for (let unit = 0; unit < units; unit++) {
        const [i, f, g, o] = [0, 1, 2, 3].map((gate) => {
          const z = at(gates, gate * units + unit);
          return gate === 2 ? Math.tanh(z) : sigmoid(z);
        }) as [number, number, number, number];
        [i, f, g, o].forEach((activated, gate) => {
          gates[gate * units + unit] = activated;
        });
        nextCell[unit] = f * at(cell, unit) + i * g;
        nextState[unit] = o * Math.tanh(at(nextCell, unit));
      }
      moments.push({ input, state, cell, gates, nextCell });
      state = nextState;
      cell = nextCell;
    }
    const last = state.map((value, unit) => value * at(kept, unit));
    const columns: Column[] = [];
    let loss = 0;
    for (let horizon = 0; horizon < horizons; horizon++) {
      const row = window * horizons + horizon;
      const target = Float64Array.from(batch.target.subarray(row * targetFeatures, (row + 1) * targetFeatures));
      const column = headForward(head, last, target);
      loss += pinballGradient(column, batch.actual[row]!, batch.weight[row]!);
      columns.push(column);
    }
    return { moments, last, columns, loss };
  }

  #backward({ moments, last, columns }: Trace, kept: Float32Array, scale: number): void {
    const { units } = this.#shape;
    const [kernel, recurrent, bias, ...head] = this.#weights as [Tensor, Tensor, Tensor, ...Tensor[]];
    let stateGradient = new Float64Array(units);
    for (const column of columns) headBackward(head, last, column, scale, stateGradient);
    stateGradient = stateGradient.map((value, unit) => value * at(kept, unit));
    const cellGradient = new Float64Array(units);
    for (const { input, state, cell, gates, nextCell } of moments.reverse()) {
      const gradient = new Float64Array(4 * units);
      for (let unit = 0; unit < units; unit++) {
        const [i, f, g, o] = [0, 1, 2, 3].map((gate) => at(gates, gate * units + unit)) as [
          number,
          number,
          number,
          number,
        ];
        const curbed = Math.tanh(at(nextCell, unit));
        const dState = at(stateGradient, unit);
        const dCell = at(cellGradient, unit) + dState * o * (1 - curbed * curbed);
        gradient[unit] = dCell * g * i * (1 - i);
        gradient[units + unit] = dCell * at(cell, unit) * f * (1 - f);
        gradient[2 * units + unit] = dCell * i * (1 - g * g);
        gradient[3 * units + unit] = dState * curbed * o * (1 - o);
        cellGradient[unit] = dCell * f;
      }
      addOuter(input, gradient, kernel.gradient, 0);
      addOuter(state, gradient, recurrent.gradient, 0);
      add(gradient, bias.gradient);
      stateGradient = carryBack(gradient, recurrent.values, 0, units);
    }
  }
}

/** One step of the LSTM: its input and what the backward pass needs. */
interface Moment {
  readonly input: Float64Array;
  readonly state: Float64Array;
  readonly cell: Float64Array;
  readonly gates: Float64Array;
  readonly nextCell: Float64Array;
}

interface Trace {
  readonly moments: Moment[];
  readonly last: Float64Array;
  readonly columns: readonly Column[];
  readonly loss: number;
}

function adam({ values, gradient, first, second }: Tensor, rate: number, clip: number, step: number): void {
  const { firstDecay, secondDecay, epsilon, weightDecay } = LEARNING;
  const free = unbias(step);
  for (let i = 0; i < values.length; i++) {
    const g = at(gradient, i) * clip;
    first[i] = firstDecay * at(first, i) + (1 - firstDecay) * g;
    second[i] = secondDecay * at(second, i) + (1 - secondDecay) * g * g;
    const move = (at(first, i) * free.first) / (Math.sqrt(at(second, i) * free.second) + epsilon);
    values[i] = at(values, i) - rate * (move + weightDecay * at(values, i));
    gradient[i] = 0;
  }
}
