import type { SeriesModel } from '../artifact.ts';
import { FAN_COVERAGES, type Fan } from '../calibration/fan.ts';
import type { QuantileForecast } from '../calibration/quantile-forecast.ts';
import { CLEANING_COVERAGE, limitAt, medianAt, outsideBy, thresholdsAt } from '../calibration/scores.ts';
import { hurdleLimit, hurdleMedian } from '../hurdle/distribution.ts';
import { hurdleHeld, issuedDistribution } from '../hurdle/hurdle.ts';
import { HURDLE } from './candidates.ts';
import type { ForecasterState } from './state.ts';

/** Whether the 99 % band that a candidate issued for the next bucket holds what came. */
export function bandHolds(state: ForecasterState, model: SeriesModel, by: number, actual: number): boolean {
  if (by === HURDLE) return hurdleHeld(state.hurdle, state.origin + 1, actual, CLEANING_COVERAGE);
  const forecast = by as QuantileForecast;
  const limit = state.thresholds[thresholdsAt(state, forecast, 1) + CLEANING_COVERAGE]!;
  return outsideBy(state, model, forecast, state.origin, 1, actual) <= limit;
}

/** The median that a candidate issued at `origin`. */
export function medianOf(state: ForecasterState, by: number, origin: number, h: number): number {
  if (by === HURDLE) return hurdleMedian(issuedDistribution(state.hurdle, origin, h));
  return medianAt(state, by as QuantileForecast, origin, h);
}

/** A limit of the band of `FAN_COVERAGES[c]` that a candidate issued at `origin`, by its present thresholds. */
export function limitOf(
  state: ForecasterState,
  model: SeriesModel,
  by: number,
  origin: number,
  h: number,
  side: -1 | 1,
  c: number,
): number {
  if (by === HURDLE) {
    const ends = state.hurdle.thresholds[(h - 1) * FAN_COVERAGES.length + c]!;
    return hurdleLimit(issuedDistribution(state.hurdle, origin, h), side, ends);
  }
  const forecast = by as QuantileForecast;
  const ends = state.thresholds[thresholdsAt(state, forecast, h) + c]!;
  return limitAt(state, model, forecast, origin, h, side, ends);
}

/** The fan of a candidate for the bucket `h` after the last one observed, cut off at `lowest`. */
export function fanOf(state: ForecasterState, model: SeriesModel, by: number, h: number, lowest: number): Fan {
  const limits = (side: -1 | 1) =>
    FAN_COVERAGES.map((_, c) => Math.max(lowest, limitOf(state, model, by, state.origin, h, side, c)));
  return { median: Math.max(lowest, medianOf(state, by, state.origin, h)), lower: limits(-1), upper: limits(1) };
}
