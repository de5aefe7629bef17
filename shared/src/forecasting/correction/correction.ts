import { powerOfTwo } from '../base/track.ts';
import { solveCholesky } from '../cholesky.ts';

/** What the correction of a bucket looks at: the last residual, its means of about half a day and five days, and a day before. */
const INPUTS = 4;
/** Of the products of the inputs the lower triangle, then the products with the residual. */
const SUMS = (INPUTS * (INPUTS + 1)) / 2 + INPUTS;
/** Days after which a residual counts half in the two means. */
const MEAN_DAYS = [0.5, 5] as const;
/** Pairs of inputs and residual count half after so many newer ones: a number of samples, not a duration. */
const FADING = 0.5 ** (1 / 672);
/** Pairs that the assumption of no correction counts like. */
const PRIOR_PAIRS = 100;
/** No residual counts for more units than this, as an input and as what is to be explained. */
const LARGEST_INPUT = 2;
const LARGEST_RESIDUAL = 3;
/** No forecast is moved further, in units. */
const FURTHEST = 2;

/**
 * What is remembered to correct a forecast by its own last residuals, in units of its spread: what a series did that its
 * forecast did not expect often goes on, or comes again a day later.
 */
export interface Correction {
  readonly perDay: number;
  readonly horizons: number;
  readonly mask: number;
  readonly issuedMask: number;
  /** [mask + 1]: residual of each bucket by the forecast one bucket before, 0 where it is unknown. */
  readonly residuals: Float32Array;
  /** [MEAN_DAYS]: means of them, as they fade. */
  readonly means: Float32Array;
  /** [issuedMask + 1, 1 + MEAN_DAYS]: the last residual and the means, as they were at the last origins. */
  readonly known: Float32Array;
  /** [issuedMask + 1, horizons]: units by which the forecasts of the last origins were moved; NaN where none was made. */
  readonly moved: Float32Array;
  /** [horizons, SUMS]: products of inputs and residuals, as they fade. */
  readonly sums: Float32Array;
}

/** Nothing known yet. Rings are powers of two: a day of residuals before the origin, and a day of origins. */
export function createCorrection(perDay: number, horizons: number): Correction {
  const rows = powerOfTwo(horizons + 1);
  const size = powerOfTwo(perDay + 1);
  return {
    perDay,
    horizons,
    mask: size - 1,
    issuedMask: rows - 1,
    residuals: new Float32Array(size),
    means: new Float32Array(MEAN_DAYS.length),
    known: new Float32Array(rows * (1 + MEAN_DAYS.length)),
    moved: new Float32Array(rows * horizons).fill(Number.NaN),
    sums: new Float32Array(horizons * SUMS),
  };
}

/** Its arrays, in the order in which they are stored. */
export function correctionArrays({ residuals, means, known, moved, sums }: Correction): Float32Array[] {
  return [residuals, means, known, moved, sums];
}

/**
 * Takes in the next bucket.
 * @param residualOf residual of the forecast at horizon h as it was issued, in units; NaN where it is unknown.
 */
export function observeResiduals(state: Correction, bucket: number, residualOf: (h: number) => number): void {
  const { horizons, issuedMask, moved, sums } = state;
  let next = 0;
  for (let h = 1; h <= horizons; h++) {
    const row = ((bucket - h) & issuedMask) * horizons + h - 1;
    // What the forecast would have missed by, had it not been moved.
    const residual = residualOf(h) + moved[row]!;
    if (Number.isNaN(residual)) continue;
    if (h === 1) next = limited(residual, LARGEST_INPUT);
    readInputs(state, bucket - h, h);
    const target = limited(residual, LARGEST_RESIDUAL);
    let at = (h - 1) * SUMS;
    for (let i = 0; i < INPUTS; i++) {
      for (let j = 0; j <= i; j++, at++) sums[at] = FADING * sums[at]! + inputs[i]! * inputs[j]!;
    }
    for (let i = 0; i < INPUTS; i++, at++) sums[at] = FADING * sums[at]! + inputs[i]! * target;
  }
  remember(state, bucket, next);
}

/** Units by which the forecast from the last bucket observed is to be moved at horizon h; remembered as moved by. */
export function correctionOf(state: Correction, origin: number, h: number): number {
  const { horizons, issuedMask, moved, sums } = state;
  let at = (h - 1) * SUMS;
  for (let i = 0; i < INPUTS; i++) {
    for (let j = 0; j <= i; j++, at++) matrix[i * INPUTS + j] = sums[at]! + (i === j ? PRIOR_PAIRS : 0);
  }
  for (let i = 0; i < INPUTS; i++, at++) coefficients[i] = sums[at]!;
  solveCholesky(matrix, coefficients, INPUTS);
  readInputs(state, origin, h);
  let units = 0;
  for (let i = 0; i < INPUTS; i++) units += coefficients[i]! * inputs[i]!;
  const by = Number.isFinite(units) ? Math.fround(limited(units, FURTHEST)) : 0;
  moved[(origin & issuedMask) * horizons + h - 1] = by;
  return by;
}

/** The same where the forecast is to stay: no units. */
export function leaveUnmoved({ horizons, issuedMask, moved }: Correction, origin: number, h: number): number {
  moved[(origin & issuedMask) * horizons + h - 1] = 0;
  return 0;
}

const inputs = new Float64Array(INPUTS);
const matrix = new Float64Array(INPUTS * INPUTS);
const coefficients = new Float64Array(INPUTS);

function readInputs({ perDay, mask, issuedMask, known, residuals }: Correction, origin: number, h: number): void {
  const row = (origin & issuedMask) * (INPUTS - 1);
  for (let i = 0; i < INPUTS - 1; i++) inputs[i] = known[row + i]!;
  inputs[INPUTS - 1] = residuals[(origin + h - perDay) & mask]!;
}

function remember(state: Correction, bucket: number, residual: number): void {
  const { perDay, horizons, mask, issuedMask, residuals, means, known, moved } = state;
  residuals[bucket & mask] = residual;
  const row = bucket & issuedMask;
  known[row * (INPUTS - 1)] = residual;
  for (const [k, days] of MEAN_DAYS.entries()) {
    means[k] = means[k]! + (1 - 0.5 ** (1 / (days * perDay))) * (residual - means[k]!);
    known[row * (INPUTS - 1) + 1 + k] = means[k]!;
  }
  moved.fill(Number.NaN, row * horizons, (row + 1) * horizons);
}

function limited(x: number, most: number): number {
  return Math.max(-most, Math.min(most, x));
}
