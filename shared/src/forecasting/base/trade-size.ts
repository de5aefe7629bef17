import { QUANTILE_LEVELS } from '../network/quantiles.ts';

/** Sizes of trades as a law: the logarithm of a bucket's volume is normal. */
export interface TradeSizes {
  /** Mean of ln |volume|. */
  readonly mean: number;
  /** Standard deviation of ln |volume|. */
  readonly deviation: number;
}

/** What is assumed where nothing is known: sizes within a factor of three of each other, around one unit of currency. */
const UNKNOWN: TradeSizes = { mean: 0, deviation: 1.1 };
/** A belief counts like so many buckets with trade. */
const BELIEF = 5;

/** Law of trade sizes over many series: what one with few trades is thought to be like. */
export function pooledTradeSizes(all: readonly Float64Array[]): TradeSizes {
  const laws = all.map((values) => sizesOf(values, 1)).filter(({ count }) => count >= 2);
  if (laws.length === 0) return UNKNOWN;
  const mean = laws.reduce((sum, law) => sum + law.mean, 0) / laws.length;
  const variance = laws.reduce((sum, law) => sum + law.variance, 0) / laws.length;
  return { mean, deviation: Math.sqrt(Math.max(variance, 0.25)) };
}

/**
 * Quantiles of the volume of a bucket with trade, at `QUANTILE_LEVELS` around a median of nothing: for series that
 * trade so rarely that the only question is whether a trade is unusually large. Sales set the upper side, negative
 * buckets the lower; where few are known the law leans on the belief, and a refund may be as large as a sale.
 */
export function tradeQuantiles(values: Float64Array, prior: TradeSizes = UNKNOWN): number[] {
  const sales = lawOf(sizesOf(values, 1), prior);
  const refunds = lawOf(sizesOf(values, -1), sales);
  const at = ({ mean, deviation }: TradeSizes, normalScore: number) => Math.exp(mean + normalScore * deviation);
  return QUANTILE_LEVELS.map((level) => {
    if (level === 0.5) return 0;
    const normalScore = level === 0.025 || level === 0.975 ? 1.96 : 2.5758;
    return level < 0.5 ? -at(refunds, normalScore) : at(sales, normalScore);
  });
}

interface Sizes {
  readonly count: number;
  readonly mean: number;
  readonly variance: number;
}

function sizesOf(values: Float64Array, side: -1 | 1): Sizes {
  const logs: number[] = [];
  for (const value of values) if (side * value > 0) logs.push(Math.log(side * value));
  const count = logs.length;
  const mean = logs.reduce((sum, x) => sum + x, 0) / Math.max(1, count);
  const variance = logs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / Math.max(1, count);
  return { count, mean, variance };
}

/** The law seen, leaning on the belief while little was seen; wider by what is not known of its mean. */
function lawOf({ count, mean, variance }: Sizes, belief: TradeSizes): TradeSizes {
  const trust = count / (count + 1);
  const spread = (count * variance + BELIEF * belief.deviation ** 2) / (count + BELIEF);
  return {
    mean: trust * mean + (1 - trust) * belief.mean,
    deviation: Math.sqrt(spread * (1 + 1 / (count + 1))),
  };
}
