/**
 * Share of the standard normal distribution below `z`; error 1.5e-7 (Abramowitz & Stegun 1964, 7.1.26).
 * @example
 * normalShare(1.96); // 0.975
 */
export function normalShare(z: number): number {
  const x = Math.abs(z) * Math.SQRT1_2;
  const k = 1 / (1 + 0.3275911 * x);
  const sum =
    k *
    (0.254829592 + k * (-0.284496736 + k * (1.421413741 + k * (-1.453152027 + k * 1.061405429)))) *
    Math.exp(-x * x);
  return z < 0 ? sum / 2 : 1 - sum / 2;
}

/**
 * Quantile of the standard normal distribution, the inverse of `normalShare`; error 4.5e-4 (ibid., 26.2.23).
 * @example
 * normalScore(0.975); // 1.960
 */
export function normalScore(share: number): number {
  const tail = Math.min(share, 1 - share);
  const k = Math.sqrt(-2 * Math.log(Math.max(tail, 1e-9)));
  const z = k - (2.515517 + k * (0.802853 + k * 0.010328)) / (1 + k * (1.432788 + k * (0.189269 + k * 0.001308)));
  return share < 0.5 ? -z : z;
}
