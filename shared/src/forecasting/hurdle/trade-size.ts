/** Sizes of trades as a log-normal distribution: what is assumed of a merchant before its own trades are known. */
export interface TradeSizes {
  /** Mean of ln |volume|. */
  readonly mean: number;
  /** Standard deviation of ln |volume|. */
  readonly deviation: number;
}

/** What is assumed where nothing is known: sizes within a factor of three of each other, around one unit of currency. */
export const UNKNOWN_SIZES: TradeSizes = { mean: 0, deviation: 1.1 };

/** Trades that are remembered on each side. */
export const REMEMBERED_TRADES = 96;
/** Standard scores, around the mean, of the trades that are assumed beside those seen. */
const ASSUMED = [-1.2, 0, 1.2] as const;
/** Trades seen from which none are assumed beside them. */
const ENOUGH_TRADES = 12;

/** Shares of trades that exceed each knot of a size distribution. */
const SHARES = [1, 0.97, 0.9, 0.75, 0.55, 0.4, 0.28, 0.19, 0.12, 0.07, 0.04, 0.02] as const;
const LOGS = Float64Array.from(SHARES, Math.log);
/** Numbers that describe a distribution of sizes. */
export const KNOTS = SHARES.length;
/** The tail beyond the last knot falls as fast as from this one on. */
const TAIL_FROM = 5;

/**
 * Distribution of trade sizes over many series: what one with few trades is assumed to be like.
 * @param all one array of amounts per series, 0 where there was no trade; those with fewer than two trades say nothing.
 * @example
 * const prior = pooledTradeSizes([Float64Array.of(0, 12, 0, 15), Float64Array.of(90, 0, 110, 0)]);
 */
export function pooledTradeSizes(all: readonly Float64Array[]): TradeSizes {
  const each = all.flatMap((values) => {
    const logs = Array.from(
      values.filter((value) => value > 0),
      Math.log,
    );
    if (logs.length < 2) return [];
    const mean = logs.reduce((sum, x) => sum + x, 0) / logs.length;
    return [{ mean, variance: logs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / logs.length }];
  });
  if (each.length === 0) return UNKNOWN_SIZES;
  const mean = each.reduce((sum, one) => sum + one.mean, 0) / each.length;
  const variance = each.reduce((sum, one) => sum + one.variance, 0) / each.length;
  return { mean, deviation: Math.sqrt(Math.max(variance, 0.25)) };
}

/**
 * Writes the sizes exceeded by fixed shares of trades: the empirical distribution of the trades seen. While they are
 * few, a few assumed ones around their mean stand beside them, as far apart as those of other merchants.
 * @param seen sizes > 0, in any order.
 */
export function writeKnots(seen: Float32Array, prior: TradeSizes, out: Float32Array, at: number): void {
  const sizes = seen.length < ENOUGH_TRADES ? withAssumed(seen, prior) : Float64Array.from(seen);
  sizes.sort();
  const last = sizes.length - 1;
  for (let k = 0; k < KNOTS; k++) {
    // The largest of n is exceeded by one in n + 1.
    const place = Math.max(0, Math.min(last, (1 - SHARES[k]!) * (sizes.length + 1) - 1));
    const below = Math.floor(place);
    const above = Math.min(last, below + 1);
    out[at + k] = sizes[below]! + (place - below) * (sizes[above]! - sizes[below]!);
  }
}

function withAssumed(seen: Float32Array, prior: TradeSizes): Float64Array {
  let mean = seen.length === 0 ? prior.mean : 0;
  for (const size of seen) mean += Math.log(size) / seen.length;
  const assumed = ASSUMED.map((score) => Math.exp(mean + score * prior.deviation));
  return Float64Array.from([...seen, ...assumed]);
}

/** Share of trades larger than `size`: exponential between the knots and beyond the last one. */
export function shareAbove(knots: Float32Array, at: number, size: number): number {
  if (size <= knots[at]!) return 1;
  for (let k = 1; k < KNOTS; k++) {
    const upper = knots[at + k]!;
    if (size > upper) continue;
    const lower = knots[at + k - 1]!;
    return Math.exp(LOGS[k - 1]! + ((size - lower) / (upper - lower)) * (LOGS[k]! - LOGS[k - 1]!));
  }
  return Math.exp(LOGS[KNOTS - 1]! - (size - knots[at + KNOTS - 1]!) / tailUnit(knots, at));
}

/** Size that a share of trades exceeds: the inverse of `shareAbove`. */
export function sizeExceededBy(knots: Float32Array, at: number, share: number): number {
  const log = Math.log(Math.min(1, share));
  for (let k = 1; k < KNOTS; k++) {
    if (log < LOGS[k]!) continue;
    const lower = knots[at + k - 1]!;
    return lower + ((log - LOGS[k - 1]!) / (LOGS[k]! - LOGS[k - 1]!)) * (knots[at + k]! - lower);
  }
  return knots[at + KNOTS - 1]! + (LOGS[KNOTS - 1]! - log) * tailUnit(knots, at);
}

/** By how much a size grows for every factor e of rarity in the tail. */
function tailUnit(knots: Float32Array, at: number): number {
  const last = knots[at + KNOTS - 1]!;
  const rise = (last - knots[at + TAIL_FROM]!) / (LOGS[TAIL_FROM]! - LOGS[KNOTS - 1]!);
  return Math.max(rise, 1e-3 * last, 1e-9);
}
