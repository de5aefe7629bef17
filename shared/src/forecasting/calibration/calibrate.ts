/**
 * Conformal scores remembered per horizon. A number of samples, not a duration: a limit of 99.9 % coverage needs about
 * a thousand, whatever the step.
 */
export const SCORES = 1008;

/** Where the 95 % band of a normal distribution ends. */
export const NEAR = 1.96;
const FAR = 2.5758;
/** Added to every band in scales per unit of t, so that a band of width zero can widen. */
const OPENING = 0.2;
/** The same beyond the far quantile. */
const TAIL = 0.5;

/**
 * Limit of the band with parameter `t` on one side. The bands of all `t` nest; they run through five quantiles (.005 …
 * .995), after Gupta, Kuchibhotla & Ramdas, "Nested conformal prediction" (2022): band(0) is the median, band(1.96) the
 * 95 % and band(2.576) the 99 % quantiles, straight lines between, and beyond them as steep as from the median to the far
 * quantile. All coverages come from one family and one set of scores, so a higher coverage never gives a narrower band.
 * @param side −1 for the lower limit, 1 for the upper.
 * @example
 * bandLimit(Float32Array.of(60, 80, 100, 120, 140), 0, 0, 1, 1.96); // 120
 */
export function bandLimit(q: Float32Array, at: number, scale: number, side: -1 | 1, t: number): number {
  const median = q[at + 2]!;
  const near = Math.abs(q[at + 2 + side]! - median);
  const far = Math.abs(q[at + 2 + 2 * side]! - median);
  let reach: number;
  if (t <= NEAR) reach = (near * t) / NEAR;
  else if (t <= FAR) reach = near + ((far - near) * (t - NEAR)) / (FAR - NEAR);
  else reach = far + ((far + TAIL * scale) / FAR) * (t - FAR);
  return median + side * (reach + OPENING * scale * t);
}

/**
 * Nonconformity score of an actual, ≥ 0: the smallest t whose band contains it. The inverse of `bandLimit`.
 * @example
 * nonconformity(Float32Array.of(60, 80, 100, 120, 140), 0, 0, 120); // 1.96
 */
export function nonconformity(q: Float32Array, at: number, scale: number, actual: number): number {
  const median = q[at + 2]!;
  const side = actual < median ? -1 : 1;
  const near = Math.abs(q[at + 2 + side]! - median);
  const far = Math.abs(q[at + 2 + 2 * side]! - median);
  const distance = Math.abs(actual - median);
  const opening = OPENING * scale;
  const atNear = near + opening * NEAR;
  if (distance <= atNear) return distance / (near / NEAR + opening);
  const atFar = far + opening * FAR;
  if (distance <= atFar) return NEAR + (distance - atNear) / ((far - near) / (FAR - NEAR) + opening);
  return FAR + (distance - atFar) / ((far + TAIL * scale) / FAR + opening);
}

const LARGEST = 65535;
/** ln(1 + t) is coded in steps of 1/6000: t up to 55,000, to 1/6000 of 1 + t. */
const CODES_PER_LOG = 6000;

/**
 * A score as 16 bits; rounded up, so that the coded band never covers less.
 * @example
 * codeScore(1.96); // 6512
 */
export function codeScore(t: number): number {
  return Math.min(LARGEST, Math.ceil(Math.log1p(t) * CODES_PER_LOG));
}

/**
 * The score of a code.
 * @example
 * decodeScore(6512); // 1.9604
 */
export function decodeScore(code: number): number {
  return Math.expm1(code / CODES_PER_LOG);
}
