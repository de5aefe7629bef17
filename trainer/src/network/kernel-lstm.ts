import type { Kernel } from './kernel.ts';
import { KernelWeights, PANEL, type PlacedTensor, padTo } from './kernel-weights.ts';

/** An LSTM layer that returns its last state: gates i, f, c, o as in tfjs, sigmoid and tanh. */
export class KernelLstm {
  readonly kernel: Kernel;
  readonly features: number;
  readonly units: number;
  readonly steps: number;
  /** Units with padding. */
  readonly width: number;
  readonly weights: readonly [kernel: KernelWeights, bias: KernelWeights];
  /** Address of the last state's gradient [rows][width], to be filled before `backward`. */
  stateGradient = 0;
  readonly #stateAt: number;
  readonly #back: number;
  readonly #zero: number;
  #rows = 0;
  #joined = 0;
  #gates = 0;
  #cells = 0;
  #curbed = 0;
  #cellGradient = 0;

  constructor(kernel: Kernel, features: number, units: number, steps: number) {
    this.kernel = kernel;
    this.features = features;
    this.units = units;
    this.steps = steps;
    this.width = padTo(PANEL, units);
    this.#stateAt = padTo(4, features);
    this.weights = [
      new KernelWeights(kernel, this.joinedWidth, 4 * this.width),
      new KernelWeights(kernel, 1, 4 * this.width),
    ];
    this.#back = kernel.allocate(4 * this.width * this.width);
    this.#zero = kernel.allocate(this.width);
  }

  /** Floats in a row of [input | state]. */
  get joinedWidth(): number {
    return this.#stateAt + this.width;
  }

  /** Address and stride in bytes of the last state, [rows][width]. */
  get state(): { readonly address: number; readonly stride: number } {
    const stride = 4 * this.joinedWidth;
    return { address: this.#joined + this.steps * this.#rows * stride + 4 * this.#stateAt, stride };
  }

  /** Allocates for batches of this many rows, a multiple of four. */
  allocate(rows: number): void {
    const { kernel, steps, width } = this;
    this.#rows = rows;
    this.#joined = kernel.allocate((steps + 1) * rows * this.joinedWidth);
    this.#gates = kernel.allocate(steps * rows * 4 * width);
    this.#cells = kernel.allocate((steps + 1) * rows * width);
    this.#curbed = kernel.allocate(steps * rows * width);
    this.stateGradient = kernel.allocate(rows * width);
    this.#cellGradient = kernel.allocate(rows * width);
  }

  /** Takes windows `from … from + size` of `sequence` [·, steps, features] in. */
  read(sequence: Float32Array, from: number, size: number): void {
    const { features, steps, joinedWidth } = this;
    const joined = this.kernel.view(this.#joined, steps * this.#rows * joinedWidth);
    for (let step = 0; step < steps; step++) {
      for (let row = 0; row < size; row++) {
        const source = ((from + row) * steps + step) * features;
        const place = (step * this.#rows + row) * joinedWidth;
        for (let i = 0; i < features; i++) joined[place + i] = sequence[source + i]!;
      }
    }
  }

  forward(): void {
    const [kernel, bias] = this.weights;
    this.kernel.run.lstmForward(
      this.#joined,
      this.joinedWidth,
      this.#gates,
      this.#cells,
      this.#curbed,
      kernel.values,
      bias.values,
      this.#rows,
      this.steps,
      this.width,
    );
  }

  /** Adds to the weights' gradients; what `forward` left is used up. */
  backward(): void {
    const [kernel, bias] = this.weights;
    const { run } = this.kernel;
    this.kernel.view(this.#cellGradient, this.#rows * this.width).fill(0);
    run.transposePanels(kernel.values, kernel.depth, this.#stateAt, this.width, kernel.panels, this.#back);
    run.lstmBackward(
      this.#joined,
      this.joinedWidth,
      this.#gates,
      this.#cells,
      this.#curbed,
      this.#back,
      this.stateGradient,
      this.#cellGradient,
      kernel.gradient,
      bias.gradient,
      this.#zero,
      this.#rows,
      this.steps,
      this.width,
    );
  }

  /** The layer's tensors as stock tfjs names and lays them out. */
  tensors(name: string): PlacedTensor[] {
    const { features, units, width } = this;
    const [kernel, bias] = this.weights;
    const gates = [0, 1, 2, 3];
    const pieces = (weights: KernelWeights, rows: number, toRow: number) =>
      gates.map((gate) => ({
        weights,
        rows,
        columns: units,
        fromRow: 0,
        fromColumn: gate * units,
        toRow,
        toColumn: gate * width,
      }));
    return [
      { name: `${name}/kernel`, shape: [features, 4 * units], pieces: pieces(kernel, features, 0) },
      { name: `${name}/recurrent_kernel`, shape: [units, 4 * units], pieces: pieces(kernel, units, this.#stateAt) },
      { name: `${name}/bias`, shape: [4 * units], pieces: pieces(bias, 1, 0) },
    ];
  }
}
