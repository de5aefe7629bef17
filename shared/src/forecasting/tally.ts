import { FAN_COVERAGES, type Fan } from './calibration/fan.ts';
import { pinball, QUANTILE_LEVELS } from './network/quantiles.ts';

/** What bands of one coverage did over many buckets. */
export interface BandFigures {
  readonly coverage: number;
  /** Share of actuals inside. */
  readonly inside: number;
  /** Share of actuals below the lower and above the upper limit. */
  readonly below: number;
  readonly above: number;
  /** Mean width ÷ mean actual. */
  readonly width: number;
  /** Mean scaled interval score (Gneiting & Raftery 2007; M4 competition), in scales: small is good. */
  readonly msis: number;
}

/** How good forecasts of one horizon were. */
export interface HorizonFigures {
  readonly buckets: number;
  /** Mean |actual − median| ÷ scale (Hyndman & Koehler 2006). */
  readonly mase: number;
  /** Mean pinball loss at the levels .005, .025, .5, .975, .995, in scales. */
  readonly pinball: number;
  /** One per coverage of `FAN_COVERAGES`. */
  readonly bands: readonly BandFigures[];
}

/** Adds forecasts up bucket by bucket; the figures may be read at any time. */
export interface Tally {
  /** @param actual finite volume of the bucket the fan was issued for. */
  add(actual: number, fan: Fan): void;
  figures(): HorizonFigures;
}

/**
 * A tally of how actuals fell into the fans issued for them, empty.
 * @param scale mean |y_t − y_{t−week}| over the training part.
 * @example
 * const tally = createTally(scale);
 * tally.add(actual, fan);
 * tally.figures();
 */
export function createTally(scale: number): Tally {
  const levels = FAN_COVERAGES.length;
  const [inside, below, above, width, score] = Array.from({ length: 5 }, () => new Float64Array(levels)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  let n = 0;
  let sum = 0;
  let error = 0;
  let loss = 0;
  return {
    add(actual, fan) {
      n++;
      sum += actual;
      error += Math.abs(actual - fan.median);
      loss += quantileLoss(actual, fan);
      for (let c = 0; c < levels; c++) {
        const lower = fan.lower[c]!;
        const upper = fan.upper[c]!;
        const penalty = 2 / (1 - FAN_COVERAGES[c]!);
        bump(width, c, upper - lower);
        bump(score, c, upper - lower);
        if (actual < lower) {
          bump(below, c, 1);
          bump(score, c, penalty * (lower - actual));
        } else if (actual > upper) {
          bump(above, c, 1);
          bump(score, c, penalty * (actual - upper));
        } else bump(inside, c, 1);
      }
    },
    figures: () => ({
      buckets: n,
      mase: error / n / scale,
      pinball: loss / n / scale,
      bands: FAN_COVERAGES.map((coverage, c) => ({
        coverage,
        inside: inside[c]! / n,
        below: below[c]! / n,
        above: above[c]! / n,
        width: width[c]! / Math.abs(sum),
        msis: score[c]! / n / scale,
      })),
    }),
  };
}

const AT_95 = FAN_COVERAGES.indexOf(0.95);
const AT_99 = FAN_COVERAGES.indexOf(0.99);

function quantileLoss(actual: number, { median, lower, upper }: Fan): number {
  const quantiles = [lower[AT_99]!, lower[AT_95]!, median, upper[AT_95]!, upper[AT_99]!];
  let loss = 0;
  for (let q = 0; q < quantiles.length; q++) {
    loss += pinball(QUANTILE_LEVELS[q]!, actual, quantiles[q]!) / quantiles.length;
  }
  return loss;
}

function bump(sums: Float64Array, at: number, by: number): void {
  sums[at] = sums[at]! + by;
}
