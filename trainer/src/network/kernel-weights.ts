import type { Kernel } from './kernel.ts';

/** Columns of a panel: two vectors of four, see `gemm.ts` of the kernel. */
export const PANEL = 8;

export const padTo = (multiple: number, size: number): number => Math.ceil(size / multiple) * multiple;

/**
 * A trainable matrix [depth, width] in the kernel's memory, with its gradient and Adam's two moments, all in
 * panels [width/8][depth][8]. Depth is a multiple of four (or 1: a bias), width of eight; the padding stays zero
 * because its gradient is.
 */
export class KernelWeights {
  readonly depth: number;
  readonly width: number;
  readonly values: number;
  readonly gradient: number;
  readonly #first: number;
  readonly #second: number;
  readonly #kernel: Kernel;

  constructor(kernel: Kernel, depth: number, width: number) {
    this.#kernel = kernel;
    this.depth = depth;
    this.width = width;
    this.values = kernel.allocate(this.count);
    this.gradient = kernel.allocate(this.count);
    this.#first = kernel.allocate(this.count);
    this.#second = kernel.allocate(this.count);
  }

  get count(): number {
    return this.depth * this.width;
  }

  get panels(): number {
    return this.width / PANEL;
  }

  sumOfSquares(): number {
    return this.#kernel.run.sumOfSquares(this.gradient, this.count);
  }

  adam(rate: number, clip: number, unbiasFirst: number, unbiasSecond: number, decay: number): void {
    const { values, gradient, count } = this;
    const run = this.#kernel.run;
    run.adam(values, gradient, this.#first, this.#second, count, rate, clip, unbiasFirst, unbiasSecond, decay);
  }

  /** Forgets the moments, as for a fresh start of Adam. */
  forget(): void {
    this.#kernel.view(this.#first, this.count).fill(0);
    this.#kernel.view(this.#second, this.count).fill(0);
  }
}

/** Where a rectangle of a tfjs tensor (row-major, `columns` wide) lies in a padded matrix. */
export interface Placement {
  readonly weights: KernelWeights;
  readonly rows: number;
  readonly columns: number;
  /** Upper left corner in the tensor. */
  readonly fromRow: number;
  readonly fromColumn: number;
  /** Upper left corner in the matrix. */
  readonly toRow: number;
  readonly toColumn: number;
}

/** A tfjs tensor and the pieces of it in the kernel's memory. */
export interface PlacedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly pieces: readonly Placement[];
}

/** Copies between a tensor's values and its pieces' values or gradients. */
export function copyTensor(
  kernel: Kernel,
  tensor: PlacedTensor,
  values: Float32Array,
  direction: 'into-kernel' | 'out-of-kernel',
  part: 'values' | 'gradient' = 'values',
): void {
  const tensorColumns = tensor.shape[tensor.shape.length - 1]!;
  for (const { weights, rows, columns, fromRow, fromColumn, toRow, toColumn } of tensor.pieces) {
    const inside = kernel.view(weights[part], weights.count);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const outer = (fromRow + row) * tensorColumns + fromColumn + column;
        const at = toColumn + column;
        const inner = (Math.floor(at / PANEL) * weights.depth + toRow + row) * PANEL + (at % PANEL);
        if (direction === 'into-kernel') inside[inner] = values[outer]!;
        else values[outer] = inside[inner]!;
      }
    }
  }
}
