import { createRandom, type Random as Source } from '@tidemark/shared/forecasting';

/** A stream of random random numbers; the same seed gives the same stream on every machine. */
export interface Random extends Source {
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  /** Poisson count with the given mean; its normal approximation from 60 on. */
  poisson(mean: number): number;
  /** Gamma with mean 1 and the given shape ≥ 1, variance 1 ÷ shape (Marsaglia & Tsang 2000). */
  gamma(shape: number): number;
}

/** A stream of its own for each seed. */
export function random(seed: number): Random {
  const source = createRandom(seed);
  return {
    ...source,
    between: (low, high) => low + (high - low) * source.uniform(),
    poisson(mean) {
      if (mean <= 0) return 0;
      if (mean >= 60) return Math.max(0, Math.round(mean + Math.sqrt(mean) * source.normal()));
      const limit = Math.exp(-mean);
      let count = 0;
      for (let product = source.uniform(); product > limit; product *= source.uniform()) count++;
      return count;
    },
    gamma(shape) {
      const d = shape - 1 / 3;
      for (;;) {
        const x = source.normal();
        const v = (1 + x / Math.sqrt(9 * d)) ** 3;
        if (v > 0 && Math.log(1 - source.uniform()) < (x * x) / 2 + d * (1 - v + Math.log(v))) return (d * v) / shape;
      }
    },
  };
}
