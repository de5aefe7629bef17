import type { ColdStart, SeriesModel, Smoothing } from '../artifact.ts';
import { RARE_TRADE } from '../base/fit.ts';
import { type BaseState, RIDGE_INPUTS, WARM_UP_WEEKS } from '../base/track.ts';
import { NO_CALIBRATION } from '../calibration/score-summary.ts';

/** Weeks of buckets from which a series without parameters of its own is forecast by more than how often it trades. */
export const COLD_START_WEEKS = WARM_UP_WEEKS;

/** Weeks that its scale is measured over. */
const SCALE_WEEKS = 4;

/**
 * The parameters that all series have in common, `null` where none was fitted; `scores` is left to whoever measures
 * them.
 * @example
 * const common = commonParameters(artifact.metadata.series);
 */
export function commonParameters(
  models: readonly SeriesModel[],
): Pick<ColdStart, 'smoothing' | 'ridge' | 'effects'> | null {
  const own = models.filter(({ base }) => base === 'smoothed');
  if (own.length === 0) return null;
  const median = (of: (smoothing: Smoothing) => number) => {
    const sorted = own.map(({ smoothing }) => of(smoothing)).sort((a, b) => a - b);
    return sorted[sorted.length >> 1]!;
  };
  const ridge = meanOf(own.map((one) => one.ridge));
  // The constant counts in each series' own currency.
  for (let k = RIDGE_INPUTS - 1; k < ridge.length; k += RIDGE_INPUTS) ridge[k] = 0;
  return {
    smoothing: {
      level: median(({ level }) => level),
      daily: median(({ daily }) => daily),
      weekly: median(({ weekly }) => weekly),
      carry: median(({ carry }) => carry),
    },
    ridge,
    effects: meanOf(own.map(({ effects }) => effects)),
  };
}

/** Mean of arrays of one length, the empty ones left out. */
function meanOf(all: readonly Float32Array[]): Float32Array {
  const known = all.filter(({ length }) => length > 0);
  const mean = new Float32Array(known[0]?.length ?? 0);
  for (const one of known) {
    for (let k = 0; k < mean.length; k++) mean[k] = mean[k]! + one[k]! / known.length;
  }
  return mean;
}

/**
 * The model of a series without parameters of its own, as far as its track remembers it: unit and level from the last
 * four weeks, the rest from what all series have in common. It changes from bucket to bucket as more is known.
 */
export function coldModel(id: string, track: BaseState, common: ColdStart): SeriesModel {
  const { values, mask, origin, count, perWeek } = track;
  const n = Math.min(count, SCALE_WEEKS * perWeek);
  const at = (bucket: number) => values[bucket & mask]!;
  let magnitude = 0;
  let trading = 0;
  let change = 0;
  for (let b = origin - n + 1; b <= origin; b++) {
    const value = at(b);
    magnitude += Math.abs(value) / n;
    if (value !== 0) trading++;
    if (b - perWeek > origin - n) change += Math.abs(value - at(b - perWeek)) / (n - perWeek);
  }
  const scale = Math.max(change, 1e-3 * magnitude, 1e-6);
  const levelFloor = Math.max(magnitude / 10, 1e-3 * scale, 1e-6);
  const rare = n > 0 && trading < RARE_TRADE * n;
  return {
    id,
    servedBy: 'cold-start',
    reason: COLD_START_REASON,
    scale,
    levelFloor,
    base: rare ? 'nothing' : 'smoothed',
    smoothing: common.smoothing,
    ridge: common.ridge,
    effects: common.effects,
    trainedThrough: Number.NEGATIVE_INFINITY,
    scoredThrough: Number.NEGATIVE_INFINITY,
    ...NO_CALIBRATION,
    scores: common.scores,
  };
}

/** Why a series that the model does not know is served as it is, in words for people. */
export const COLD_START_REASON =
  'unknown when the model was trained: served by its own trades from its second day on, and from its third week on by what all series have in common, whichever loses less';
