import { UserError } from '../../errors.ts';

/** Coverages at which a fan carries limits; any level between the ends is interpolated. */
export const FAN_COVERAGES = [0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999] as const;

/** A lower and an upper limit, and the share of actuals that should fall between them. */
export interface Band {
  readonly lower: number;
  readonly upper: number;
  /** Nominal coverage, in [0.8, 0.999]. */
  readonly coverage: number;
}

/**
 * One bucket's calibrated forecast: the median and nested limits at each of `FAN_COVERAGES`
 * (a fan chart's column). `lower` falls and `upper` rises with coverage.
 */
export interface Fan {
  readonly median: number;
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

const MIN_COVERAGE = FAN_COVERAGES[0];
const MAX_COVERAGE = FAN_COVERAGES[FAN_COVERAGES.length - 1]!;

/**
 * The band of a fan at any coverage, by linear interpolation in ln(1 − coverage),
 * so that bands nest: a higher coverage never gives a narrower band.
 * @throws UserError `invalid-coverage` outside [0.8, 0.999].
 * @example
 * const { lower, upper } = bandAt(forecaster.forecast(state).fans[0], 0.99);
 */
export function bandAt(fan: Fan, coverage: number): Band {
  if (!(coverage >= MIN_COVERAGE && coverage <= MAX_COVERAGE)) {
    throw new UserError('invalid-coverage', `invalid coverage; not in [${MIN_COVERAGE}, ${MAX_COVERAGE}]: ${coverage}`);
  }
  let above = 1;
  while (above < FAN_COVERAGES.length - 1 && coverage > FAN_COVERAGES[above]!) above++;
  const tailBelow = Math.log(1 - FAN_COVERAGES[above - 1]!);
  const tailAbove = Math.log(1 - FAN_COVERAGES[above]!);
  const share = (Math.log(1 - coverage) - tailBelow) / (tailAbove - tailBelow);
  const between = (limits: readonly number[]) => {
    const from = limits[above - 1]!;
    return from + share * (limits[above]! - from);
  };
  return { lower: between(fan.lower), upper: between(fan.upper), coverage };
}
