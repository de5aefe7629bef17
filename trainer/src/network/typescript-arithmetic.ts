// Loops over plain arrays for the TypeScript backend; matrices are row-major.

/** A trainable tensor with its gradient and Adam's two moments. */
export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float64Array;
  readonly gradient: Float64Array;
  readonly first: Float64Array;
  readonly second: Float64Array;
}

export const at = (values: Float64Array | Float32Array, index: number): number => values[index]!;

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** out += x · W, where x meets the rows of W from `firstRow` on. */
export function addProduct(x: Float64Array, weights: Float64Array, firstRow: number, out: Float64Array): void {
  for (let row = 0; row < x.length; row++) {
    const from = (firstRow + row) * out.length;
    for (let column = 0; column < out.length; column++) {
      out[column] = at(out, column) + at(x, row) * at(weights, from + column);
    }
  }
}

/** The gradient of W, rows from `firstRow` on, += xᵀ · outGradient. */
export function addOuter(x: Float64Array, outGradient: Float64Array, gradient: Float64Array, firstRow: number): void {
  for (let row = 0; row < x.length; row++) {
    const from = (firstRow + row) * outGradient.length;
    for (let column = 0; column < outGradient.length; column++) {
      gradient[from + column] = at(gradient, from + column) + at(x, row) * at(outGradient, column);
    }
  }
}

/** outGradient · Wᵀ over the rows `firstRow … firstRow + rows` of W. */
export function carryBack(outGradient: Float64Array, weights: Float64Array, firstRow: number, rows: number) {
  const gradient = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const from = (firstRow + row) * outGradient.length;
    for (let column = 0; column < outGradient.length; column++) {
      gradient[row] = at(gradient, row) + at(outGradient, column) * at(weights, from + column);
    }
  }
  return gradient;
}

export function add(values: Float64Array, sum: Float64Array): void {
  for (let i = 0; i < values.length; i++) sum[i] = at(sum, i) + at(values, i);
}

export function rectify(values: Float64Array): void {
  for (let i = 0; i < values.length; i++) values[i] = Math.max(0, at(values, i));
}
