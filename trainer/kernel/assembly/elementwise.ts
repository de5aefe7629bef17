// Counts are in floats and multiples of four.

/** a = max(a, 0). */
export function rectify(a: usize, count: i32): void {
  const zero = f32x4.splat(0);
  const end = a + ((<usize>count) << 2);
  for (; a < end; a += 16) v128.store(a, f32x4.pmax(zero, v128.load(a)));
}

/** gradient = 0 where the rectified activation is 0. */
export function maskRectified(gradient: usize, activation: usize, count: i32): void {
  const zero = f32x4.splat(0);
  const end = gradient + ((<usize>count) << 2);
  for (; gradient < end; gradient += 16, activation += 16) {
    v128.store(gradient, v128.and(v128.load(gradient), f32x4.gt(v128.load(activation), zero)));
  }
}

/** out = a·b, row by row: each operand has its own stride in bytes, `out` and `b` lie without gaps. */
export function multiplyRows(a: usize, aStride: usize, b: usize, out: usize, rows: i32, columns: i32): void {
  const bytes = (<usize>columns) << 2;
  for (let row = 0; row < rows; row++) {
    for (let at: usize = 0; at < bytes; at += 16) {
      v128.store(out + at, f32x4.mul(v128.load(a + at), v128.load(b + at)));
    }
    a += aStride;
    b += bytes;
    out += bytes;
  }
}
