import { sigmoid4, tanh4 } from './activation';
import { addColumnSums, multiply, multiplyTransposed } from './gemm';
import { madd } from './simd';

// One row of `joined` is [input | state], so that one product with the stacked kernels gives all four gates.
// Gates lie as in tfjs (input, forget, candidate, output), each padded to `width` units, a multiple of eight.
// Arrays of the whole sequence are step-major: [steps][rows][…].

/**
 * The layer over a whole sequence. Row t of `joined` must hold the inputs of step t, and zeros as state at t = 0;
 * the state after step t is written into row t + 1. `cells` has steps + 1 entries, the first zero.
 * What the way back needs stays in `gates` (activated), `cells` and `curbed` (tanh of the cells).
 */
export function lstmForward(
  joined: usize,
  joinedWidth: i32,
  gates: usize,
  cells: usize,
  curbed: usize,
  kernel: usize,
  bias: usize,
  rows: i32,
  steps: i32,
  width: i32,
): void {
  const joinedStride = (<usize>joinedWidth) << 2;
  const unitStride = (<usize>width) << 2;
  const gateStride = unitStride << 2;
  const state = (<usize>(joinedWidth - width)) << 2;
  for (let step = 0; step < steps; step++) {
    multiply(joined, joinedStride, kernel, gates, gateStride, bias, 0, rows, width >> 1, joinedWidth);
    joined += joinedStride * rows;
    let next = joined + state;
    const after = cells + unitStride * rows;
    for (let row = 0; row < rows; row++) {
      for (let at: usize = 0; at < unitStride; at += 16) {
        const gate = gates + at;
        const i = sigmoid4(v128.load(gate));
        const f = sigmoid4(v128.load(gate + unitStride));
        const g = tanh4(v128.load(gate + unitStride * 2));
        const o = sigmoid4(v128.load(gate + unitStride * 3));
        const c = madd(f, v128.load(cells + at), f32x4.mul(i, g));
        const curb = tanh4(c);
        v128.store(gate, i);
        v128.store(gate + unitStride, f);
        v128.store(gate + unitStride * 2, g);
        v128.store(gate + unitStride * 3, o);
        v128.store(cells + unitStride * rows + at, c);
        v128.store(curbed + at, curb);
        v128.store(next + at, f32x4.mul(o, curb));
      }
      gates += gateStride;
      cells += unitStride;
      curbed += unitStride;
      next += joinedStride;
    }
    cells = after;
  }
}

/**
 * The way back from the gradient of the last state in `stateGradient` [rows][width] (overwritten).
 * Adds to `kernelGradient` (panels) and `biasGradient`; `cellGradient` [rows][width] starts at zero and is
 * overwritten, as are the gates. `back` is the transposed recurrent kernel in panels.
 */
export function lstmBackward(
  joined: usize,
  joinedWidth: i32,
  gates: usize,
  cells: usize,
  curbed: usize,
  back: usize,
  stateGradient: usize,
  cellGradient: usize,
  kernelGradient: usize,
  biasGradient: usize,
  zero: usize,
  rows: i32,
  steps: i32,
  width: i32,
): void {
  const joinedStride = (<usize>joinedWidth) << 2;
  const unitStride = (<usize>width) << 2;
  const gateStride = unitStride << 2;
  const panelBytes = (<usize>joinedWidth) << 5;
  const one = f32x4.splat(1);
  for (let step = steps - 1; step >= 0; step--) {
    const done = <usize>step * rows;
    const gatesNow = gates + gateStride * done;
    let gate = gatesNow;
    let cell = cells + unitStride * done;
    let curb = curbed + unitStride * done;
    let dState = stateGradient;
    let dCell = cellGradient;
    for (let row = 0; row < rows; row++) {
      for (let at: usize = 0; at < unitStride; at += 16) {
        const p = gate + at;
        const i = v128.load(p);
        const f = v128.load(p + unitStride);
        const g = v128.load(p + unitStride * 2);
        const o = v128.load(p + unitStride * 3);
        const tc = v128.load(curb + at);
        const dh = v128.load(dState + at);
        const dho = f32x4.mul(dh, o);
        // d tanh = 1 − tanh², d sigmoid = s·(1 − s)
        const dc = f32x4.add(v128.load(dCell + at), f32x4.sub(dho, f32x4.mul(f32x4.mul(dho, tc), tc)));
        const dci = f32x4.mul(dc, i);
        const dcf = f32x4.mul(dc, f);
        v128.store(p, f32x4.mul(f32x4.mul(dci, g), f32x4.sub(one, i)));
        v128.store(p + unitStride, f32x4.mul(f32x4.mul(dcf, v128.load(cell + at)), f32x4.sub(one, f)));
        v128.store(p + unitStride * 2, f32x4.sub(dci, f32x4.mul(f32x4.mul(dci, g), g)));
        v128.store(p + unitStride * 3, f32x4.mul(f32x4.mul(dho, tc), f32x4.sub(one, o)));
        v128.store(dCell + at, dcf);
      }
      gate += gateStride;
      cell += unitStride;
      curb += unitStride;
      dState += unitStride;
      dCell += unitStride;
    }
    if (step > 0)
      multiply(gatesNow, gateStride, back, stateGradient, unitStride, zero, 0, rows, width >> 3, width << 2);
    multiplyTransposed(
      joined + joinedStride * done,
      joinedStride,
      gatesNow,
      gateStride,
      kernelGradient,
      panelBytes,
      joinedWidth,
      width >> 1,
      rows,
    );
    addColumnSums(gatesNow, gateStride, rows, width >> 1, biasGradient);
  }
}
