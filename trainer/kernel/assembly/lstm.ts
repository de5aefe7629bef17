import { sigmoid4, tanh4 } from './activation';
import { addColumnSums, multiply, multiplyTransposed } from './gemm';
import { madd, store2 } from './simd';

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
    let nextCells = cells + unitStride * rows;
    for (let row = 0; row < rows; row++) {
      for (let at: usize = 0; at < unitStride; at += 32) {
        const inGate = gates + at;
        const forgetGate = inGate + unitStride;
        const candidate = forgetGate + unitStride;
        const outGate = candidate + unitStride;
        const i0 = sigmoid4(v128.load(inGate));
        const i1 = sigmoid4(v128.load(inGate, 16));
        const f0 = sigmoid4(v128.load(forgetGate));
        const f1 = sigmoid4(v128.load(forgetGate, 16));
        const g0 = tanh4(v128.load(candidate));
        const g1 = tanh4(v128.load(candidate, 16));
        const o0 = sigmoid4(v128.load(outGate));
        const o1 = sigmoid4(v128.load(outGate, 16));
        const c0 = madd(f0, v128.load(cells + at), f32x4.mul(i0, g0));
        const c1 = madd(f1, v128.load(cells + at, 16), f32x4.mul(i1, g1));
        const t0 = tanh4(c0);
        const t1 = tanh4(c1);
        store2(inGate, i0, i1);
        store2(forgetGate, f0, f1);
        store2(candidate, g0, g1);
        store2(outGate, o0, o1);
        store2(nextCells + at, c0, c1);
        store2(curbed + at, t0, t1);
        store2(next + at, f32x4.mul(o0, t0), f32x4.mul(o1, t1));
      }
      nextCells += unitStride;
      gates += gateStride;
      cells += unitStride;
      curbed += unitStride;
      next += joinedStride;
    }
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
      for (let at: usize = 0; at < unitStride; at += 32) {
        const inGate = gate + at;
        const forgetGate = inGate + unitStride;
        const candidate = forgetGate + unitStride;
        const outGate = candidate + unitStride;
        const i0 = v128.load(inGate);
        const i1 = v128.load(inGate, 16);
        const f0 = v128.load(forgetGate);
        const f1 = v128.load(forgetGate, 16);
        const g0 = v128.load(candidate);
        const g1 = v128.load(candidate, 16);
        const o0 = v128.load(outGate);
        const o1 = v128.load(outGate, 16);
        const t0 = v128.load(curb + at);
        const t1 = v128.load(curb + at, 16);
        const before0 = v128.load(cell + at);
        const before1 = v128.load(cell + at, 16);
        const dho0 = f32x4.mul(v128.load(dState + at), o0);
        const dho1 = f32x4.mul(v128.load(dState + at, 16), o1);
        // d tanh = 1 − tanh², d sigmoid = s·(1 − s)
        const dhot0 = f32x4.mul(dho0, t0);
        const dhot1 = f32x4.mul(dho1, t1);
        const dc0 = f32x4.add(v128.load(dCell + at), f32x4.sub(dho0, f32x4.mul(dhot0, t0)));
        const dc1 = f32x4.add(v128.load(dCell + at, 16), f32x4.sub(dho1, f32x4.mul(dhot1, t1)));
        const dci0 = f32x4.mul(dc0, i0);
        const dci1 = f32x4.mul(dc1, i1);
        const dcf0 = f32x4.mul(dc0, f0);
        const dcf1 = f32x4.mul(dc1, f1);
        const dcig0 = f32x4.mul(dci0, g0);
        const dcig1 = f32x4.mul(dci1, g1);
        store2(inGate, f32x4.mul(dcig0, f32x4.sub(one, i0)), f32x4.mul(dcig1, f32x4.sub(one, i1)));
        store2(
          forgetGate,
          f32x4.mul(f32x4.mul(dcf0, before0), f32x4.sub(one, f0)),
          f32x4.mul(f32x4.mul(dcf1, before1), f32x4.sub(one, f1)),
        );
        store2(candidate, f32x4.sub(dci0, f32x4.mul(dcig0, g0)), f32x4.sub(dci1, f32x4.mul(dcig1, g1)));
        store2(outGate, f32x4.mul(dhot0, f32x4.sub(one, o0)), f32x4.mul(dhot1, f32x4.sub(one, o1)));
        store2(dCell + at, dcf0, dcf1);
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
