import { madd } from './simd';

// Both products keep a block of 4 rows × 8 columns in eight registers: per step two loads of B, four
// broadcasts of A and eight multiply-adds, so that the multipliers and not the loads are the limit.
// The inner loops are not unrolled: the engine would load too far ahead and spill registers. All addresses and
// strides are in bytes. Rows come in fours, columns in panels of eight.

/**
 * C[rows, panels·8] = start + A[rows, depth] · B.
 * B lies in panels [panels][depth][8]. `start` is the first row of what is added, `startStride` apart
 * (0 repeats one row: a bias). A, C and `start` are row-major.
 */
export function multiply(
  a: usize,
  aStride: usize,
  b: usize,
  c: usize,
  cStride: usize,
  start: usize,
  startStride: usize,
  rows: i32,
  panels: i32,
  depth: i32,
): void {
  const panelBytes = (<usize>depth) << 5;
  for (let panel = 0; panel < panels; panel++) {
    const column = (<usize>panel) << 5;
    let a0 = a;
    let c0 = c + column;
    let s0 = start + column;
    for (let row = 0; row < rows; row += 4) {
      let c00 = v128.load(s0);
      let c01 = v128.load(s0, 16);
      s0 += startStride;
      let c10 = v128.load(s0);
      let c11 = v128.load(s0, 16);
      s0 += startStride;
      let c20 = v128.load(s0);
      let c21 = v128.load(s0, 16);
      s0 += startStride;
      let c30 = v128.load(s0);
      let c31 = v128.load(s0, 16);
      s0 += startStride;
      let p0 = a0;
      let p1 = p0 + aStride;
      let p2 = p1 + aStride;
      let p3 = p2 + aStride;
      a0 = p3 + aStride;
      let q = b;
      const end = b + panelBytes;
      while (q < end) {
        let b0 = v128.load(q);
        let b1 = v128.load(q, 16);
        let s = v128.load_splat<f32>(p0);
        c00 = madd(s, b0, c00);
        c01 = madd(s, b1, c01);
        s = v128.load_splat<f32>(p1);
        c10 = madd(s, b0, c10);
        c11 = madd(s, b1, c11);
        s = v128.load_splat<f32>(p2);
        c20 = madd(s, b0, c20);
        c21 = madd(s, b1, c21);
        s = v128.load_splat<f32>(p3);
        c30 = madd(s, b0, c30);
        c31 = madd(s, b1, c31);
        p0 += 4;
        p1 += 4;
        p2 += 4;
        p3 += 4;
        q += 32;
      }
      v128.store(c0, c00);
      v128.store(c0, c01, 16);
      c0 += cStride;
      v128.store(c0, c10);
      v128.store(c0, c11, 16);
      c0 += cStride;
      v128.store(c0, c20);
      v128.store(c0, c21, 16);
      c0 += cStride;
      v128.store(c0, c30);
      v128.store(c0, c31, 16);
      c0 += cStride;
    }
    b += panelBytes;
  }
}

/** Depth of A and B worked on at once by `multiplyTransposed`: both slices stay in the first-level cache. */
const SLICE = 64;

/**
 * C += Aᵀ·B, the gradient of a weight: A[depth, rows] and B[depth, panels·8] row-major.
 * C lies in panels [panels], `panelBytes` apart, each [rows][8].
 */
export function multiplyTransposed(
  a: usize,
  aStride: usize,
  b: usize,
  bStride: usize,
  c: usize,
  panelBytes: usize,
  rows: i32,
  panels: i32,
  depth: i32,
): void {
  while (depth > 0) {
    const slice = min(depth, SLICE);
    for (let panel = 0; panel < panels; panel++) {
      let c0 = c + <usize>panel * panelBytes;
      for (let row = 0; row < rows; row += 4) {
        let c00 = v128.load(c0);
        let c01 = v128.load(c0, 16);
        let c10 = v128.load(c0, 32);
        let c11 = v128.load(c0, 48);
        let c20 = v128.load(c0, 64);
        let c21 = v128.load(c0, 80);
        let c30 = v128.load(c0, 96);
        let c31 = v128.load(c0, 112);
        let p = a + ((<usize>row) << 2);
        let q = b + ((<usize>panel) << 5);
        for (let k = 0; k < slice; k++) {
          let b0 = v128.load(q);
          let b1 = v128.load(q, 16);
          let s = v128.load_splat<f32>(p);
          c00 = madd(s, b0, c00);
          c01 = madd(s, b1, c01);
          s = v128.load_splat<f32>(p, 4);
          c10 = madd(s, b0, c10);
          c11 = madd(s, b1, c11);
          s = v128.load_splat<f32>(p, 8);
          c20 = madd(s, b0, c20);
          c21 = madd(s, b1, c21);
          s = v128.load_splat<f32>(p, 12);
          c30 = madd(s, b0, c30);
          c31 = madd(s, b1, c31);
          p += aStride;
          q += bStride;
        }
        v128.store(c0, c00);
        v128.store(c0, c01, 16);
        v128.store(c0, c10, 32);
        v128.store(c0, c11, 48);
        v128.store(c0, c20, 64);
        v128.store(c0, c21, 80);
        v128.store(c0, c30, 96);
        v128.store(c0, c31, 112);
        c0 += 128;
      }
    }
    a += <usize>SLICE * aStride;
    b += <usize>SLICE * bStride;
    depth -= SLICE;
  }
}

/**
 * Rows `first … first + rows` of a matrix in panels [panels][depth][8] → the panels of its transpose,
 * [rows/8][panels·8][8]: the B of the product that carries a gradient back through it. Rows in eights.
 */
export function transposePanels(b: usize, depth: i32, first: i32, rows: i32, panels: i32, out: usize): void {
  for (let row = first; row < first + rows; row += 8) {
    for (let panel = 0; panel < panels; panel++) {
      const from = b + ((<usize>panel * depth + row) << 5);
      for (let column: usize = 0; column < 8; column++) {
        for (let i: usize = 0; i < 8; i++) {
          f32.store(out + (i << 2), f32.load(from + (i << 5) + (column << 2)));
        }
        out += 32;
      }
    }
  }
}

/** out[panels·8] += column sums of a[rows, panels·8]: the gradient of a bias. */
export function addColumnSums(a: usize, aStride: usize, rows: i32, panels: i32, out: usize): void {
  for (let panel = 0; panel < panels; panel++) {
    let s0 = v128.load(out);
    let s1 = v128.load(out, 16);
    let p = a;
    for (let row = 0; row < rows; row++) {
      s0 = f32x4.add(s0, v128.load(p));
      s1 = f32x4.add(s1, v128.load(p, 16));
      p += aStride;
    }
    v128.store(out, s0);
    v128.store(out, s1, 16);
    a += 32;
    out += 32;
  }
}
