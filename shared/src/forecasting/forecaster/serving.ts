import type { ServedBy } from '../../vocabulary.ts';
import type { SeriesModel } from '../artifact.ts';
import { FAN_COVERAGES } from '../calibration/fan.ts';
import { NETWORK } from '../calibration/quantile-forecast.ts';
import { COLD_SCORES } from '../calibration/score-summary.ts';
import { tradingShare } from '../hurdle/trade-rate.ts';
import { limitOf } from './bands.ts';
import { addLosses, bandLoss, CANDIDATES, chooseCandidate, HURDLE } from './candidates.ts';
import { COLD_START_WEEKS } from './cold-start.ts';
import type { ForecasterContext } from './context.ts';
import type { ForecasterState } from './state.ts';

/** Weeks of buckets before the network serves: before, its inputs are not what it learned from. */
const NETWORK_WEEKS = 3;
/** Weeks before the first new score in which actuals are judged, so that what is left of an incident is cleaned. */
const JUDGED_BEFORE_SCORES = 4;
const AT_95 = FAN_COVERAGES.indexOf(0.95);
/**
 * Where a smaller share of buckets trades the hurdle model serves: of the other bands, calibrated on buckets alone, the
 * 99 % band would leave out one payment in five or more.
 */
export const SPARSE_SHARE = 0.05;
/** Where a larger share trades the hurdle model does not compete: an empty bucket is an outage there. */
export const BUSY_SHARE = 0.9;

const lost = new Float64Array(CANDIDATES.length);

/** Place of the candidate that serves now. */
export function servingNow(
  { followLosses }: Pick<ForecasterContext, 'followLosses'>,
  state: ForecasterState,
  model: SeriesModel,
): number {
  if (model.base === 'nothing' || tradingShare(state.hurdle.rate) < SPARSE_SHARE) return HURDLE;
  const young = state.base.count < COLD_START_WEEKS * state.base.perWeek;
  if (model.servedBy === 'cold-start' && young) return HURDLE;
  return model.servedBy === 'hurdle' || followLosses ? state.serving : state.calibrated;
}

/** The word for who serves: the network waits for a few weeks of context, and until then the base forecast serves. */
export function servedByOf(state: ForecasterState, model: SeriesModel, by: number): ServedBy {
  if (by === HURDLE) return 'hurdle';
  if (model.servedBy === 'cold-start') return 'cold-start';
  return by === NETWORK && !isRipe(state) ? 'base' : CANDIDATES[by]!;
}

/** Adds what every candidate's 95 % band would have lost at the next bucket, and chooses who serves from there. */
export function compareCandidates(state: ForecasterState, model: SeriesModel, actual: number, lowest: number): void {
  const { horizons } = state.base;
  for (let by = 0; by < CANDIDATES.length; by++) {
    lost[by] = 0;
    for (const h of [1, horizons]) {
      const origin = state.origin + 1 - h;
      const limit = (side: -1 | 1) => Math.max(lowest, limitOf(state, model, by, origin, h, side, AT_95));
      lost[by] = lost[by]! + bandLoss(limit(-1), limit(1), actual);
    }
  }
  addLosses(state.losses, lost);
  const competing = tradingShare(state.hurdle.rate) < BUSY_SHARE ? CANDIDATES.length : HURDLE;
  state.serving = chooseCandidate(state.losses, state.serving, competing);
}

/** Whether the network's forecasts are issued, so that the candidates can be compared. */
export function canCompare(state: ForecasterState, model: SeriesModel): boolean {
  return model.base !== 'nothing' && isScored(state, model) && settledHorizons(state) > state.base.horizons;
}

/**
 * Whether a forecast from an origin, by default the last bucket observed, will be scored or judged. Long before the scores
 * begin it will not, and the network can be spared.
 */
export function isScored({ base: track }: ForecasterState, model: SeriesModel, origin = track.origin): boolean {
  return origin > model.scoredThrough - JUDGED_BEFORE_SCORES * track.perWeek;
}

/** Whether the series has the weeks of context that the network needs. */
export function isRipe({ base: track }: ForecasterState): boolean {
  return track.count >= NETWORK_WEEKS * track.perWeek;
}

/** How many buckets ago the one that serves for good began to. */
export function settledHorizons({ base: track }: ForecasterState): number {
  return track.count + 1 - NETWORK_WEEKS * track.perWeek;
}

/** Whether the band has seen enough to call an actual an alarm. */
export function isTrusted(state: ForecasterState, { servedBy }: SeriesModel, by: number): boolean {
  if (by !== state.calibrated) return settledHorizons(state) > 2 * COLD_SCORES;
  const enough = servedBy === 'cold-start' ? 2 * COLD_SCORES : 100;
  return settledHorizons(state) > 0 && state.scoreCounts[0]! >= enough;
}
