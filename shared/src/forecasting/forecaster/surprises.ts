import type { SeriesModel } from '../artifact.ts';
import { NEAR, nonconformity } from '../calibration/calibrate.ts';
import { FAN_COVERAGES } from '../calibration/fan.ts';
import { NETWORK } from '../calibration/quantile-forecast.ts';
import { issuedAt, mayStayEmpty, medianAt, outsideBy, QUIET, thresholdsAt } from '../calibration/scores.ts';
import { observeScore } from '../calibration/volatility.ts';
import { correctionOf, leaveUnmoved, observeResiduals } from '../correction/correction.ts';
import { QUANTILE_LEVELS, QUANTILES } from '../network/quantiles.ts';
import { isScored, settledHorizons } from './serving.ts';
import type { ForecasterState } from './state.ts';

const MEDIAN = QUANTILE_LEVELS.indexOf(0.5);
const AT_95 = FAN_COVERAGES.indexOf(0.95);
/** Part of the scale added to the unit of residuals. */
const UNIT_FLOOR = 0.05;
/** What lies under this share of its forecast, or the forecast under this share of it, is no error of the forecast. */
const INCIDENT_SHARE = 0.7;

/** Moves the network's quantiles for the bucket `h` after the last one observed by what its last residuals say. */
export function correctNetwork(state: ForecasterState, model: SeriesModel, h: number): void {
  const { correction, issuedQuantiles: issued, base: track } = state;
  const at = issuedAt(state, NETWORK, track.origin, h);
  const units = mayStayEmpty(state, model, NETWORK, track.origin, h)
    ? leaveUnmoved(correction, track.origin, h)
    : correctionOf(correction, track.origin, h);
  const by = units * unitOf(issued, at, model);
  for (let q = 0; q < QUANTILES; q++) issued[at + q] = issued[at + q]! + by;
}

/**
 * Takes in by how much the next bucket surprised its forecasts: what later ones are moved by, and how wide they are. What the
 * network was trained on surprises it less than what comes, and is left out. So is an incident, which would move and widen
 * the bands that are to show how it goes on.
 * @param actual `null` where nothing is known.
 * @param entered the value that enters the context.
 */
export function observeSurprise(
  state: ForecasterState,
  model: SeriesModel,
  actual: number | null,
  entered: number,
): void {
  const bucket = state.origin + 1;
  if (bucket <= model.trainedThrough) return;
  const isScoredNow = isScored(state, model) && settledHorizons(state) > 0 && model.base !== 'nothing';
  const counts = actual !== null && isScoredNow && !isIncident(state, model, actual);
  observeResiduals(state.correction, bucket, (h) => {
    if (!counts || !isScored(state, model, bucket - h)) return Number.NaN;
    const at = issuedAt(state, NETWORK, bucket - h, h);
    return (entered - state.issuedQuantiles[at + MEDIAN]!) / unitOf(state.issuedQuantiles, at, model);
  });
  if (!counts) return;
  const at = issuedAt(state, state.calibrated, state.origin, 1);
  // Where nothing was expected and nothing came, that says nothing.
  if (actual === 0 && state.issuedQuantiles[at + MEDIAN]! <= QUIET * model.scale) return;
  observeScore(state.volatility, nonconformity(state.issuedQuantiles, at, model.scale, actual));
}

/** Whether the next bucket is outside its 95 % band, and under 70 % of its median or over 143 %. */
function isIncident(state: ForecasterState, model: SeriesModel, actual: number): boolean {
  const { origin, thresholds, calibrated: by } = state;
  const median = medianAt(state, by, origin, 1);
  if (actual >= INCIDENT_SHARE * median && median >= INCIDENT_SHARE * actual) return false;
  return outsideBy(state, model, by, origin, 1, actual) > thresholds[thresholdsAt(state, by, 1) + AT_95]!;
}

/** Unit of residuals: about a standard deviation, as the 95 % band says; it does not change when quantiles are moved. */
function unitOf(issued: Float32Array, at: number, { scale }: SeriesModel): number {
  return (issued[at + MEDIAN + 1]! - issued[at + MEDIAN - 1]!) / (2 * NEAR) + UNIT_FLOOR * scale;
}
