import type { SeriesModel } from '../artifact.ts';
import { BASE, LAST_WEEK, NETWORK } from '../calibration/quantile-forecast.ts';
import { addScores, CLEANING_COVERAGE, recordScores } from '../calibration/scores.ts';
import { updateThresholds } from '../calibration/thresholds.ts';
import { credibleVolume, scoreHurdle, updateHurdleThresholds } from '../hurdle/hurdle.ts';
import { bandHolds, limitOf, medianOf } from './bands.ts';
import { COLD_START_WEEKS } from './cold-start.ts';
import { type ForecasterContext, lowestOf } from './context.ts';
import { canCompare, compareCandidates, isScored, isTrusted, servingNow, settledHorizons } from './serving.ts';
import type { ForecasterState } from './state.ts';

/** How far beyond the current threshold a cleaned bucket's score may count, in t. */
const CLEANED_SCORE_MARGIN = 0.25;

/**
 * Scores what was issued for the next bucket.
 * @returns the value that enters the context: what came, of an alarming bucket the limit of its band, of an unknown one
 * its forecast; where no band can be trusted, what is believed of it.
 */
export function judgeBucket(
  context: ForecasterContext,
  state: ForecasterState,
  model: SeriesModel,
  actual: number | null,
): number {
  const { base: track } = state;
  const lowest = lowestOf(context, state);
  if (track.count === 0) return actual ?? 0;
  const by = servingNow(context, state, model);
  const scored = isScored(state, model);
  if (!scored && actual === null) {
    return Math.max(lowest, track.base[(track.origin & track.issuedMask) * track.horizons]!);
  }
  const median = medianOf(state, by, track.origin, 1);
  if (actual === null) return Math.max(lowest, median);

  const outside = scored && !bandHolds(state, model, by, actual) && actual >= lowest;
  state.flagged = outside ? state.flagged + 1 : 0;
  const trusted = scored && isTrusted(state, model, by);
  const cleaned = context.cleanContext && outside && trusted && state.flagged <= context.cleanedInARow;
  const margin = cleaned ? CLEANED_SCORE_MARGIN : Number.POSITIVE_INFINITY;
  addAllScores(state, model, actual, lowest, margin);
  if (context.followLosses && canCompare(state, model)) compareCandidates(state, model, actual, lowest);
  if (!scored || (outside && !trusted)) return credibleVolume(state.hurdle, track.origin + 1, actual);
  if (!cleaned) return actual;
  return Math.max(lowest, limitOf(state, model, by, track.origin, 1, actual < median ? -1 : 1, CLEANING_COVERAGE));
}

/** Takes the thresholds of all candidates from their scores. */
export function recalibrate(state: ForecasterState): void {
  for (let h = 1; h <= state.base.horizons; h++) updateThresholds(state, h);
  updateHurdleThresholds(state.hurdle);
}

/** Remembers the scores of the next bucket: what every candidate's bands would have had to be. */
function addAllScores(
  state: ForecasterState,
  model: SeriesModel,
  actual: number,
  lowest: number,
  margin: number,
): void {
  const { origin, count, perWeek } = state.base;
  const bucket = origin + 1;
  scoreHurdle(state.hurdle, bucket, actual, count);
  if (model.base === 'nothing') return;
  for (const by of [NETWORK, BASE, LAST_WEEK] as const) {
    const settled = by === NETWORK ? settledHorizons(state) : count + 1 - COLD_START_WEEKS * perWeek;
    if (by === state.calibrated) {
      if (isScored(state, model) && bucket > model.scoredThrough) {
        recordScores(state, model, actual, lowest, settledHorizons(state), margin);
      }
    } else if (by !== NETWORK || canCompare(state, model)) {
      addScores(state, model, by, actual, lowest, settled, margin);
    }
  }
}
