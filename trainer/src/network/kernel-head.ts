import type { Kernel } from './kernel.ts';
import { KernelDense } from './kernel-dense.ts';
import { KernelWeights, PANEL, type PlacedTensor, padTo } from './kernel-weights.ts';
import type { NetworkShape } from './training-backend.ts';

/**
 * The network after the LSTM, shared by all horizons: state and target → ReLU → ReLU → beside target again → raw
 * quantiles. The state's part of the first layer is the same for every horizon, so it is worked out once a window.
 */
export class KernelHead {
  readonly kernel: Kernel;
  readonly weights: readonly KernelWeights[];
  /** Address of the state [rows][stateWidth] and of its gradient, both without gaps. */
  state = 0;
  stateGradient = 0;
  readonly #shape: NetworkShape;
  readonly #horizons: number;
  readonly #targetWidth: number;
  readonly #fromState: KernelDense;
  readonly #fromTarget: KernelDense;
  readonly #second: KernelDense;
  readonly #last: KernelDense;
  readonly #pastReLU: KernelDense;
  readonly #biases: readonly [KernelWeights, KernelWeights, KernelWeights];
  #rows = 0;
  #target = 0;
  #actual = 0;
  #weight = 0;
  #shared = 0;
  #first = 0;
  #firstGradient = 0;
  #middle = 0;
  #middleGradient = 0;
  #raw = 0;

  constructor(kernel: Kernel, shape: NetworkShape, stateWidth: number) {
    this.kernel = kernel;
    this.#shape = shape;
    this.#horizons = padTo(4, shape.horizons);
    this.#targetWidth = padTo(4, shape.targetFeatures);
    const [first, second, outputs] = [...shape.hidden, shape.outputs].map((width) => padTo(PANEL, width)) as [
      number,
      number,
      number,
    ];
    this.#fromState = new KernelDense(kernel, stateWidth, first);
    this.#fromTarget = new KernelDense(kernel, this.#targetWidth, first);
    this.#second = new KernelDense(kernel, first, second);
    this.#last = new KernelDense(kernel, second, outputs);
    this.#pastReLU = new KernelDense(kernel, this.#targetWidth, outputs);
    this.#biases = [
      new KernelWeights(kernel, 1, first),
      new KernelWeights(kernel, 1, second),
      new KernelWeights(kernel, 1, outputs),
    ];
    const products = [this.#fromState, this.#fromTarget, this.#second, this.#last, this.#pastReLU];
    this.weights = [...products.map((product) => product.weights), ...this.#biases];
  }

  /** Allocates for batches of this many windows, a multiple of four. */
  allocate(rows: number): void {
    const { kernel } = this;
    const [first, middle, raw] = this.#biases.map((bias) => bias.width) as [number, number, number];
    const all = rows * this.#horizons;
    this.#rows = rows;
    this.state = kernel.allocate(rows * this.#fromState.weights.depth);
    this.stateGradient = kernel.allocate(rows * this.#fromState.weights.depth);
    this.#target = kernel.allocate(all * this.#targetWidth);
    this.#actual = kernel.allocate(all);
    this.#weight = kernel.allocate(all);
    this.#shared = kernel.allocate(rows * first);
    this.#first = kernel.allocate(all * first);
    this.#firstGradient = kernel.allocate(all * first);
    this.#middle = kernel.allocate(all * middle);
    this.#middleGradient = kernel.allocate(all * middle);
    this.#raw = kernel.allocate(all * raw);
  }

  /** Takes windows `from … from + size` in; rows beyond `size` get weight 0. */
  read(target: Float32Array, actual: Float32Array, weight: Float32Array, from: number, size: number): void {
    const { horizons, targetFeatures } = this.#shape;
    const all = this.#rows * this.#horizons;
    const targets = this.kernel.view(this.#target, all * this.#targetWidth);
    const actuals = this.kernel.view(this.#actual, all);
    const weights = this.kernel.view(this.#weight, all).fill(0);
    for (let row = 0; row < size; row++) {
      for (let h = 0; h < horizons; h++) {
        const source = (from + row) * horizons + h;
        const place = row * this.#horizons + h;
        actuals[place] = actual[source]!;
        weights[place] = weight[source]!;
        const features = source * targetFeatures;
        const to = place * this.#targetWidth;
        for (let i = 0; i < targetFeatures; i++) targets[to + i] = target[features + i]!;
      }
    }
  }

  /** Sum of the weighted pinball losses; leaves the gradient of `scale` × that sum for `backward`. */
  forward(scale: number): number {
    const { run } = this.kernel;
    const [firstBias, middleBias, rawBias] = this.#biases;
    const all = this.#rows * this.#horizons;
    const firstStride = 4 * firstBias.width;
    const targetStride = 4 * this.#targetWidth;
    const stateStride = 4 * this.#fromState.weights.depth;
    this.#fromState.forward(this.state, stateStride, this.#shared, firstBias.values, 0, this.#rows);
    for (let row = 0; row < this.#rows; row++) {
      const target = this.#target + row * this.#horizons * targetStride;
      const out = this.#first + row * this.#horizons * firstStride;
      this.#fromTarget.forward(target, targetStride, out, this.#shared + row * firstStride, 0, this.#horizons);
    }
    run.rectify(this.#first, all * firstBias.width);
    this.#second.forward(this.#first, firstStride, this.#middle, middleBias.values, 0, all);
    run.rectify(this.#middle, all * middleBias.width);
    this.#last.forward(this.#middle, 4 * middleBias.width, this.#raw, rawBias.values, 0, all);
    this.#pastReLU.forward(this.#target, targetStride, this.#raw, this.#raw, 4 * rawBias.width, all);
    return run.pinballLoss(this.#raw, this.#actual, this.#weight, all, scale);
  }

  /** Adds to the weights' gradients and leaves the state's in `stateGradient`. */
  backward(): void {
    const { run } = this.kernel;
    const [firstBias, middleBias, rawBias] = this.#biases;
    const all = this.#rows * this.#horizons;
    const firstStride = 4 * firstBias.width;
    const middleStride = 4 * middleBias.width;
    const targetStride = 4 * this.#targetWidth;
    this.#last.learn(this.#middle, middleStride, this.#raw, all);
    this.#pastReLU.learn(this.#target, targetStride, this.#raw, all);
    run.addColumnSums(this.#raw, 4 * rawBias.width, all, rawBias.panels, rawBias.gradient);

    this.#last.carryBack(this.#raw, this.#middleGradient, all);
    run.maskRectified(this.#middleGradient, this.#middle, all * middleBias.width);
    this.#second.learn(this.#first, firstStride, this.#middleGradient, all);
    run.addColumnSums(this.#middleGradient, middleStride, all, middleBias.panels, middleBias.gradient);

    this.#second.carryBack(this.#middleGradient, this.#firstGradient, all);
    run.maskRectified(this.#firstGradient, this.#first, all * firstBias.width);
    this.#fromTarget.learn(this.#target, targetStride, this.#firstGradient, all);
    run.addColumnSums(this.#firstGradient, firstStride, all, firstBias.panels, firstBias.gradient);

    this.kernel.view(this.#shared, this.#rows * firstBias.width).fill(0);
    for (let row = 0; row < this.#rows; row++) {
      const gradient = this.#firstGradient + row * this.#horizons * firstStride;
      run.addColumnSums(gradient, firstStride, this.#horizons, firstBias.panels, this.#shared + row * firstStride);
    }
    this.#fromState.learn(this.state, 4 * this.#fromState.weights.depth, this.#shared, this.#rows);
    this.#fromState.carryBack(this.#shared, this.stateGradient, this.#rows);
  }

  /** The layers' tensors as stock tfjs lays them out. */
  tensors(): PlacedTensor[] {
    const { units, targetFeatures, hidden, outputs } = this.#shape;
    const [first, second] = hidden;
    const piece = (weights: KernelWeights, fromRow: number, rows: number, columns: number) => ({
      weights,
      rows,
      columns,
      fromRow,
      fromColumn: 0,
      toRow: 0,
      toColumn: 0,
    });
    const bias = (name: string, index: 0 | 1 | 2, columns: number): PlacedTensor => ({
      name: `${name}/bias`,
      shape: [columns],
      pieces: [piece(this.#biases[index], 0, 1, columns)],
    });
    return [
      {
        name: 'hidden_1/kernel',
        shape: [units + targetFeatures, first],
        pieces: [
          piece(this.#fromState.weights, 0, units, first),
          piece(this.#fromTarget.weights, units, targetFeatures, first),
        ],
      },
      bias('hidden_1', 0, first),
      { name: 'hidden_2/kernel', shape: [first, second], pieces: [piece(this.#second.weights, 0, first, second)] },
      bias('hidden_2', 1, second),
      {
        name: 'quantiles/kernel',
        shape: [second + targetFeatures, outputs],
        pieces: [
          piece(this.#last.weights, 0, second, outputs),
          piece(this.#pastReLU.weights, second, targetFeatures, outputs),
        ],
      },
      bias('quantiles', 2, outputs),
    ];
  }
}
