import type { SeriesModel } from '../artifact.ts';
import type { ForecasterState } from '../forecaster/state.ts';
import { QUANTILES } from '../network/quantiles.ts';
import { bandLimit, codeScore, nonconformity, SCORES } from './calibrate.ts';
import { FAN_COVERAGES } from './fan.ts';
import { normalScore, normalShare } from './normal.ts';

const COVERAGES = FAN_COVERAGES.length;
/** Place of the coverage by whose band actuals are cleaned. */
export const CLEANING_COVERAGE = FAN_COVERAGES.indexOf(0.99);
/** Volumes within this many scales of nothing are nothing. */
const QUIET = 0.1;
/** Turns bucket numbers into shares that fill [0, 1) evenly: the golden ratio (van der Corput 1935; Kronecker). */
export const EVENLY = 0.6180339887498949;
/** A slot's band is widened by so much when its bucket lies outside the 90 % band, … */
const WIDER = 0.04;
/** … and with every bucket it forgets so much of what it differs by: half in five weeks. */
const FORGOTTEN = 0.02;
const WATCHED_COVERAGE = 0.9;
const WATCHED = FAN_COVERAGES.indexOf(WATCHED_COVERAGE);
/** … and never by more than this factor or less than its inverse. */
const WIDEST = Math.E;
/** Scores known for a slot of the day before slots may differ. */
const ENOUGH_SLOT_SCORES = 7;

/** Whether the law of trade sizes judges a series, which judges trades only. */
export function byTradeSize({ servedBy, base }: SeriesModel): boolean {
  return servedBy === 'trade-size' || (servedBy === 'cold-start' && base === 'nothing');
}

/** Where the forecast of a bucket issued at an origin lies in `pending`. */
export function issuedAt(state: ForecasterState, origin: number, h: number): number {
  return ((origin & state.issuedQuantilesMask) * state.base.horizons + h - 1) * QUANTILES;
}

/**
 * Place of a bucket's slot of the day in `widths`. It changes only when that slot is observed, a day before at the
 * latest, so a bucket is scored at the width its band was issued with.
 */
function slotAt({ base: track }: ForecasterState, bucket: number, h: number): number {
  return (bucket % track.perDay) * track.horizons + h - 1;
}

/** Factor on t in a slot of the day: above 1 where the network is too sure of itself. */
function widthOf(state: ForecasterState, bucket: number, h: number): number {
  return Math.exp(state.logScaleBySlot[slotAt(state, bucket, h)] as number);
}

/** One limit of the band that ends at `t`, for the bucket `h` after `origin`. */
export function limitAt(
  state: ForecasterState,
  model: SeriesModel,
  origin: number,
  h: number,
  side: -1 | 1,
  t: number,
): number {
  const { issuedQuantiles: pending } = state;
  return bandLimit(pending, issuedAt(state, origin, h), model.scale, side, t * widthOf(state, origin + h, h));
}

/** How far out an actual lies, as the smallest t whose band for it holds it. */
export function outsideBy(
  state: ForecasterState,
  model: SeriesModel,
  origin: number,
  h: number,
  actual: number,
): number {
  return (
    nonconformity(state.issuedQuantiles, issuedAt(state, origin, h), model.scale, actual) /
    widthOf(state, origin + h, h)
  );
}

/**
 * Remembers how far outside the next bucket lies, at every horizon up to `last`, and what that teaches about its
 * slot's width.
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
  const { scores, scoreCounts, scoreHeads, thresholds, logScaleBySlot: widths, base: track } = state;
  const bucket = state.origin + 1;
  for (let h = 1; h <= Math.min(last, track.horizons); h++) {
    const limits = (h - 1) * COVERAGES;
    const cap = (thresholds[limits + CLEANING_COVERAGE] as number) + margin;
    const score = Math.min(cap, scoreOf(state, model, h, actual, lowest));
    const head = scoreHeads[h - 1] as number;
    scores[(h - 1) * SCORES + head] = codeScore(score);
    scoreHeads[h - 1] = (head + 1) % SCORES;
    if ((scoreCounts[h - 1] as number) >= ENOUGH_SLOT_SCORES * track.perDay && !byTradeSize(model)) {
      const at = slotAt(state, bucket, h);
      const outside = score > (thresholds[limits + WATCHED] as number) ? 1 : 0;
      const updated = (1 - FORGOTTEN) * (widths[at] as number) + WIDER * (outside - (1 - WATCHED_COVERAGE));
      widths[at] = Math.max(-Math.log(WIDEST), Math.min(Math.log(WIDEST), updated));
    }
    scoreCounts[h - 1] = Math.min(SCORES, (scoreCounts[h - 1] as number) + 1);
  }
}

/**
 * The score of the next bucket. Nothing where nothing was expected would count as a perfect forecast, and closed
 * hours would narrow the bands of busy ones. It proves nothing: its score is what a bucket from that part of the
 * forecast law would have (randomized probability integral transform; Czado, Gneiting & Held 2009), evenly over
 * buckets instead of at random. Where volumes cannot be negative that part ends at what is still nothing.
 */
function scoreOf(state: ForecasterState, model: SeriesModel, h: number, actual: number, lowest: number): number {
  const origin = state.origin + 1 - h;
  const plain = (volume: number) => outsideBy(state, model, origin, h, volume);
  const median = state.issuedQuantiles[issuedAt(state, origin, h) + 2] as number;
  const quiet = QUIET * model.scale;
  if (actual !== 0 || (lowest === 0 ? median : Math.abs(median)) > quiet) return plain(actual);
  const part = lowest === 0 ? normalShare(plain(quiet)) : 1;
  return Math.abs(normalScore(part * (((origin + 8 * h) * EVENLY) % 1)));
}
