/** Solves A·x = b for symmetric positive definite A, given by its lower triangle; overwrites both. */
export function solveCholesky(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const at = (i: number, j: number) => a[i * n + j]!;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = at(i, j);
      for (let k = 0; k < j; k++) sum -= at(i, k) * at(j, k);
      a[i * n + j] = i === j ? Math.sqrt(Math.max(sum, 1e-300)) : sum / at(j, j);
    }
  }
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) b[i] = b[i]! - at(i, k) * b[k]!;
    b[i] = b[i]! / at(i, i);
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) b[i] = b[i]! - at(k, i) * b[k]!;
    b[i] = b[i]! / at(i, i);
  }
  return b;
}
