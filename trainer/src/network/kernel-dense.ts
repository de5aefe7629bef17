import type { Kernel } from './kernel.ts';
import { KernelWeights } from './kernel-weights.ts';

/** A trainable product x·W in the kernel's memory, without bias: bias and activation are the caller's. */
export class KernelDense {
  readonly kernel: Kernel;
  readonly weights: KernelWeights;
  readonly #back: number;
  readonly #zero: number;

  /** Depth a multiple of eight (of four, if `carryBack` is never used); width a multiple of eight. */
  constructor(kernel: Kernel, depth: number, width: number) {
    this.kernel = kernel;
    this.weights = new KernelWeights(kernel, depth, width);
    this.#back = kernel.allocate(depth * width);
    this.#zero = kernel.allocate(depth);
  }

  /** out[rows][width] = start + input[rows][depth]·W; `startStride` 0 repeats one row, a bias. */
  forward(input: number, inputStride: number, out: number, start: number, startStride: number, rows: number): void {
    const { values, depth, width, panels } = this.weights;
    this.kernel.run.multiply(input, inputStride, values, out, 4 * width, start, startStride, rows, panels, depth);
  }

  /** gradient of W += inputᵀ·outGradient. */
  learn(input: number, inputStride: number, outGradient: number, rows: number): void {
    const { gradient, depth, width, panels } = this.weights;
    const panelBytes = 32 * depth;
    const { run } = this.kernel;
    run.multiplyTransposed(input, inputStride, outGradient, 4 * width, gradient, panelBytes, depth, panels, rows);
  }

  /** inputGradient[rows][depth] = outGradient·Wᵀ. */
  carryBack(outGradient: number, inputGradient: number, rows: number): void {
    const { values, depth, width, panels } = this.weights;
    const { run } = this.kernel;
    run.transposePanels(values, depth, 0, depth, panels, this.#back);
    run.multiply(outGradient, 4 * width, this.#back, inputGradient, 4 * depth, this.#zero, 0, rows, depth / 8, width);
  }
}
