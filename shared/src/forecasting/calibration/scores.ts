import type { SeriesModel } from '../artifact.ts';
import type { ForecasterState } from '../forecaster/state.ts';
import { issuedClosed } from '../hurdle/hurdle.ts';
import { QUANTILES } from '../network/quantiles.ts';
import { bandLimit, codeScore, nonconformity, SCORES } from './calibrate.ts';
import { FAN_COVERAGES } from './fan.ts';
import { normalScore, normalShare } from './normal.ts';
import type { QuantileForecast } from './quantile-forecast.ts';
import { addScore, SCORE_BINS } from './score-histogram.ts';
import { EVENLY } from './spread-evenly.ts';
import { volatilityFactor } from './volatility.ts';

const COVERAGES = FAN_COVERAGES.length;
/** Place of the coverage by whose band actuals are cleaned. */
export const CLEANING_COVERAGE = FAN_COVERAGES.indexOf(0.99);
/** Volumes within this many scales of nothing are nothing. */
export const QUIET = 0.1;
/** Growth of a slot's log width when its bucket lies outside the 90 % band. */
const WIDER = 0.04;
/** Share of its log width that a slot loses with each bucket: half in five weeks. */
const FORGOTTEN = 0.02;
const WATCHED_COVERAGE = 0.9;
const WATCHED = FAN_COVERAGES.indexOf(WATCHED_COVERAGE);
/** Largest factor of a slot's width; its inverse is the smallest. */
const WIDEST = Math.E;
/** Scores known for a slot of the day before slots may differ. */
const ENOUGH_SLOT_SCORES = 7;
/** Scores in a histogram count half after four weeks, as in `thresholds.ts`. */
const HISTOGRAM_FADING = 1 - 0.5 ** (1 / 336);
/** From this probability of a closed day on bands use it: not before a day has begun empty, so that an outage alarms. */
const CLOSED_FROM = 0.1;

/** Where the quantiles of a bucket, issued at an origin by one forecast, lie in `issuedQuantiles`. */
export function issuedAt(state: ForecasterState, by: QuantileForecast, origin: number, h: number): number {
  const { issuedQuantilesMask: mask, base: track } = state;
  return ((by * (mask + 1) + (origin & mask)) * track.horizons + h - 1) * QUANTILES;
}

/** Where the thresholds of one forecast at a horizon begin in `thresholds`. */
export function thresholdsAt({ base: track }: ForecasterState, by: QuantileForecast, h: number): number {
  return (by * track.horizons + h - 1) * COVERAGES;
}

/**
 * Place of a bucket's slot of the day in `logScaleBySlot`. It changes only when that slot is observed, a day before at
 * the latest, so a bucket is scored at the width its band was issued with.
 */
function slotAt({ base: track }: ForecasterState, bucket: number, h: number): number {
  return (bucket % track.perDay) * track.horizons + h - 1;
}

/**
 * Factor on t of the bucket `h` after an origin: that of the last surprises, and of its slot of the day, which is above 1
 * where the forecast is too sure of itself and known of one forecast only.
 */
function widthOf(state: ForecasterState, model: SeriesModel, by: QuantileForecast, origin: number, h: number): number {
  const followed = mayStayEmpty(state, model, by, origin, h) ? 1 : volatilityFactor(state.volatility, origin, h);
  return by === state.calibrated ? followed * Math.exp(state.logScaleBySlot[slotAt(state, origin + h, h)]!) : followed;
}

/** Whether the bucket `h` after an origin may stay empty: no surprise before it says how much comes in it. */
export function mayStayEmpty(
  state: ForecasterState,
  { scale }: SeriesModel,
  by: QuantileForecast,
  origin: number,
  h: number,
): boolean {
  return state.issuedQuantiles[issuedAt(state, by, origin, h) + 1]! <= QUIET * scale;
}

/** The median of a forecast: nothing where its day is more probably closed than not. */
export function medianAt(state: ForecasterState, by: QuantileForecast, origin: number, h: number): number {
  return issuedClosed(state.hurdle, origin, h) > 0.5 ? 0 : state.issuedQuantiles[issuedAt(state, by, origin, h) + 2]!;
}

/**
 * One limit of the band that ends at `t`, for the bucket `h` after `origin`. Where its day may be closed, the band is one
 * of the mixture of nothing and of the forecast: its lower limit is nothing as soon as a closed day is more probable
 * than its tail, and so is its upper limit while an open day is less so.
 */
export function limitAt(
  state: ForecasterState,
  model: SeriesModel,
  by: QuantileForecast,
  origin: number,
  h: number,
  side: -1 | 1,
  t: number,
): number {
  const { issuedQuantiles } = state;
  const width = widthOf(state, model, by, origin, h);
  const limit = bandLimit(issuedQuantiles, issuedAt(state, by, origin, h), model.scale, side, t * width);
  const closed = issuedClosed(state.hurdle, origin, h);
  if (closed < CLOSED_FROM) return limit;
  if (side < 0) return t >= -normalScore(closed) ? Math.min(0, limit) : limit;
  return t < normalScore(closed) ? Math.min(0, limit) : limit;
}

/** How far out an actual lies, as the smallest t whose band for it holds it. */
export function outsideBy(
  state: ForecasterState,
  model: SeriesModel,
  by: QuantileForecast,
  origin: number,
  h: number,
  actual: number,
): number {
  const at = issuedAt(state, by, origin, h);
  const t = nonconformity(state.issuedQuantiles, at, model.scale, actual) / widthOf(state, model, by, origin, h);
  const closed = issuedClosed(state.hurdle, origin, h);
  if (closed < CLOSED_FROM) return t;
  return actual === 0 ? Math.min(t, Math.max(0, -normalScore(closed))) : Math.max(t, normalScore(closed));
}

/**
 * Remembers how far outside the next bucket lies, at every horizon up to `last`, and adapts its slot's
 * width, for the forecast that is calibrated with all its scores.
 * @param lowest 0 where volumes cannot be negative, else −∞.
 * @param margin no score counts further beyond the present 99 % threshold.
 */
export function recordScores(
  state: ForecasterState,
  model: SeriesModel,
  actual: number,
  lowest: number,
  last: number,
  margin: number,
): void {
  const { scores, scoreCounts, scoreHeads, thresholds, logScaleBySlot: widths, base: track, calibrated: by } = state;
  const bucket = state.origin + 1;
  for (let h = 1; h <= Math.min(last, track.horizons); h++) {
    const limits = thresholdsAt(state, by, h);
    const cap = thresholds[limits + CLEANING_COVERAGE]! + margin;
    const score = Math.min(cap, scoreOf(state, model, by, h, actual, lowest));
    const head = scoreHeads[h - 1]!;
    scores[(h - 1) * SCORES + head] = codeScore(score);
    scoreHeads[h - 1] = (head + 1) % SCORES;
    if (scoreCounts[h - 1]! >= ENOUGH_SLOT_SCORES * track.perDay) {
      const at = slotAt(state, bucket, h);
      const outside = score > thresholds[limits + WATCHED]! ? 1 : 0;
      const updated = (1 - FORGOTTEN) * widths[at]! + WIDER * (outside - (1 - WATCHED_COVERAGE));
      widths[at] = Math.max(-Math.log(WIDEST), Math.min(Math.log(WIDEST), updated));
    }
    scoreCounts[h - 1] = Math.min(SCORES, scoreCounts[h - 1]! + 1);
  }
}

/** Adds the next bucket's scores to the histogram of another forecast, up to the horizon `last`. */
export function addScores(
  state: ForecasterState,
  model: SeriesModel,
  by: QuantileForecast,
  actual: number,
  lowest: number,
  last: number,
  margin: number,
): void {
  const { horizons } = state.base;
  for (let h = 1; h <= Math.min(last, horizons); h++) {
    const cap = state.thresholds[thresholdsAt(state, by, h) + CLEANING_COVERAGE]! + margin;
    const score = Math.min(cap, scoreOf(state, model, by, h, actual, lowest));
    addScore(state.scoreBins, (by * horizons + h - 1) * SCORE_BINS, score, HISTOGRAM_FADING);
  }
}

/**
 * The score of the next bucket. Nothing where nothing was expected would count as a perfect forecast, and closed
 * hours would narrow the bands of busy ones. It proves nothing: its score is what a bucket from that part of the
 * forecast distribution would have (randomized probability integral transform; Czado, Gneiting & Held 2009), evenly
 * over buckets instead of at random. Where volumes cannot be negative that part ends at what is still nothing.
 */
function scoreOf(
  state: ForecasterState,
  model: SeriesModel,
  by: QuantileForecast,
  h: number,
  actual: number,
  lowest: number,
): number {
  const origin = state.origin + 1 - h;
  const plain = (volume: number) => outsideBy(state, model, by, origin, h, volume);
  const median = medianAt(state, by, origin, h);
  const quiet = QUIET * model.scale;
  if (actual !== 0 || (lowest === 0 ? median : Math.abs(median)) > quiet) return plain(actual);
  const part = lowest === 0 ? normalShare(plain(quiet)) : 1;
  return Math.abs(normalScore(part * (((origin + 8 * h) * EVENLY) % 1)));
}
