/** Scores after which one counts half: of the next hours, of the next day, and of what is usual of the series. */
const HALF_LIVES = [3, 24, 336] as const;
/** No score counts for more. */
const LARGEST_SCORE = 3;
/** Part of the usual score added to each mean: a few perfect forecasts promise no more of them. */
const FLOOR = 0.3;
/** How much of what the last scores were above the usual ones the next bucket's band follows, and a band far ahead. */
const NEAR_SHARE = 0.4;
const FAR_SHARE = 0.5;
/** What a band one bucket further ahead keeps of the nearer weight. */
const NEARNESS = 0.7;
/** Largest factor; its inverse is the smallest. */
const LARGEST_FACTOR = 2.5;

const MEANS = HALF_LIVES.length;
/** Places in the state: the means, how many scores they are of, then logarithms of the recent to the usual score. */
const COUNT = MEANS;
const LOGS = MEANS + 1;
/** Logarithms remembered of an origin. */
const PER_ORIGIN = MEANS - 1;

/**
 * How surprising the last buckets of a series were, in scores of their bands: means of three half-lives, and what they
 * came to at the last origins. Surprises come in clusters (Engle 1982); a band that was scored at the width it was issued
 * with keeps its coverage whatever the width follows.
 */
export type Volatility = Float32Array;

/** Nothing known yet. @param rows origins that are remembered, a power of two. */
export function createVolatility(rows: number): Volatility {
  return new Float32Array(LOGS + rows * PER_ORIGIN);
}

/** Takes in the score of the next bucket, by a band of no factor. */
export function observeScore(state: Volatility, score: number): void {
  const counted = Math.min(LARGEST_SCORE, score);
  state[COUNT] = Math.min(HALF_LIVES[MEANS - 1]!, state[COUNT]! + 1);
  for (let k = 0; k < MEANS; k++) {
    const rate = Math.max(1 - 0.5 ** (1 / HALF_LIVES[k]!), 1 / state[COUNT]!);
    state[k] = state[k]! + rate * (counted - state[k]!);
  }
}

/** Remembers what bands issued from an origin follow. */
export function issueVolatility(state: Volatility, origin: number): void {
  const usual = state[MEANS - 1]!;
  for (let k = 0; k < PER_ORIGIN; k++) {
    const log = usual > 0 ? Math.log((state[k]! + FLOOR * usual) / ((1 + FLOOR) * usual)) : 0;
    state[placeOf(state, origin) + k] = log;
  }
}

/** Factor on the width of the band of the bucket `h` after an origin: above 1 after surprises, below after calm. */
export function volatilityFactor(state: Volatility, origin: number, h: number): number {
  const at = placeOf(state, origin);
  const near = NEARNESS ** (h - 1);
  const log = NEAR_SHARE * near * state[at]! + FAR_SHARE * (1 - near) * state[at + 1]!;
  return Math.exp(Math.max(-LARGEST_LOG, Math.min(LARGEST_LOG, log)));
}

const LARGEST_LOG = Math.log(LARGEST_FACTOR);

function placeOf(state: Volatility, origin: number): number {
  const rows = (state.length - LOGS) / PER_ORIGIN;
  return LOGS + (origin & (rows - 1)) * PER_ORIGIN;
}
