/** Levels of the quantiles the network stands for, in rising order. */
export const QUANTILE_LEVELS = [0.005, 0.025, 0.5, 0.975, 0.995] as const;

/** Number of quantiles, and of raw outputs per horizon. */
export const QUANTILES = QUANTILE_LEVELS.length;

/**
 * Writes the quantiles of one horizon, in spreads above the base forecast, from raw outputs of the network; they cannot
 * cross. Raw order: median, then the gaps .5→.025, .025→.005, .5→.975, .975→.995, each through softplus. `QUANTILES`
 * numbers in the order of `QUANTILE_LEVELS`.
 * @example
 * quantilesFromRaw(raw, h * QUANTILES, quantiles, h * QUANTILES);
 */
export function quantilesFromRaw(raw: Float32Array, from: number, out: Float32Array, to: number): void {
  const median = raw[from]!;
  const low = median - softplus(raw[from + 1]!);
  const high = median + softplus(raw[from + 3]!);
  out[to] = low - softplus(raw[from + 2]!);
  out[to + 1] = low;
  out[to + 2] = median;
  out[to + 3] = high;
  out[to + 4] = high + softplus(raw[from + 4]!);
}

/**
 * ln(1 + eˣ), without overflow.
 * @example
 * softplus(0); // 0.693…
 */
export function softplus(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}

/**
 * The pinball (quantile) loss of one forecast quantile: level·(y − q) above it, (1 − level)·(q − y) below
 * (Koenker & Bassett 1978).
 * @example
 * pinball(0.975, 110, 100); // 9.75
 */
export function pinball(level: number, actual: number, quantile: number): number {
  const over = actual - quantile;
  return over >= 0 ? level * over : (level - 1) * over;
}
