import { UserError } from '../../errors.ts';
import type { Artifact } from '../artifact.ts';
import { effectSums } from '../base/effects.ts';
import { observeValue } from '../base/track.ts';
import { NETWORK, type QuantileForecast } from '../calibration/quantile-forecast.ts';
import { seedScores } from '../calibration/score-summary.ts';
import { issueVolatility } from '../calibration/volatility.ts';
import { issueHurdle, observeHurdle, seedHurdle } from '../hurdle/hurdle.ts';
import { fanOf } from './bands.ts';
import { CANDIDATES, HURDLE } from './candidates.ts';
import { COLD_START_REASON } from './cold-start.ts';
import {
  calendarOf,
  createContext,
  type ForecasterContext,
  type ForecasterOptions,
  lowestOf,
  modelOf,
} from './context.ts';
import type { Forecast, Forecaster, SeriesState, Service } from './forecaster.ts';
import { issueNetwork, issueSimple } from './issue.ts';
import { judgeBucket, recalibrate } from './judge-bucket.ts';
import { isScored, servedByOf, servingNow } from './serving.ts';
import { asForecasterState, ForecasterState } from './state.ts';
import { observeSurprise } from './surprises.ts';

/**
 * The forecaster an artifact stands for; see `Forecaster`.
 * @throws UserError `invalid-model` or `unsupported-layer` when the artifact cannot be served.
 * @example
 * const forecaster = createForecaster(decodeModel(text).artifact);
 * const state = forecaster.start('shop', firstBucket);
 * values.forEach((value, index) => forecaster.observe(state, firstBucket + index, value));
 * const [next] = forecaster.forecast(state).fans;
 */
export function createForecaster(artifact: Artifact, options: ForecasterOptions = {}): Forecaster {
  const context = createContext(artifact, options);
  const { modelVersion, horizons, byId } = context;
  return {
    modelVersion,
    stepMs: artifact.metadata.stepMs,
    horizons,
    seriesIds: [...byId.keys()],
    serviceOf: (seriesId) => serviceOf(context, seriesId),
    start: (seriesId, firstBucket) => start(context, seriesId, firstBucket),
    observe: (given, bucket, value) => observe(context, checked(given, modelVersion), bucket, value),
    forecast: (given) => forecast(context, checked(given, modelVersion)),
  };
}

function serviceOf({ byId, coldStart }: ForecasterContext, seriesId: string): Service | null {
  const found = byId.get(seriesId);
  if (found) return { servedBy: found.servedBy, reason: found.reason };
  return coldStart ? { servedBy: 'cold-start', reason: COLD_START_REASON } : null;
}

function start(context: ForecasterContext, seriesId: string, firstBucket: number): ForecasterState {
  const { modelVersion, calendar, horizons } = context;
  const sums = effectSums(calendar);
  const shape = { perDay: calendar.perDay, horizons, firstBucket, effectSums: sums };
  const state = new ForecasterState(seriesId, modelVersion, shape);
  const model = modelOf(context, state);
  if (model.effects.length === sums) state.base.effectSums.set(model.effects);
  state.negativeSeen = model.negativeSeen;
  state.serving = Math.max(NETWORK, CANDIDATES.indexOf(model.servedBy as (typeof CANDIDATES)[number]));
  state.calibrated = (state.serving === HURDLE ? NETWORK : state.serving) as QuantileForecast;
  seedScores(state, model);
  seedHurdle(state.hurdle, model.hurdle);
  const { sums: residualSums } = state.correction;
  if (model.residualSums.length === residualSums.length) residualSums.set(model.residualSums);
  recalibrate(state);
  return state;
}

function observe(context: ForecasterContext, state: ForecasterState, bucket: number, value: number | null): void {
  checkNext(state, bucket, value);
  const { tradeSizes, recalibrateEvery } = context;
  const model = modelOf(context, state);
  const calendar = calendarOf(context, model);
  const remembered = judgeBucket(context, state, model, value);
  observeSurprise(state, model, value, remembered);
  if (value !== null && value < 0) state.negativeSeen = true;
  if (value !== null && (model.hurdle.length === 0 || bucket > model.scoredThrough)) {
    observeHurdle(state.hurdle, calendar, bucket, value !== 0, remembered, tradeSizes);
  }
  observeValue(state.base, calendar, model, remembered, value ?? Number.NaN);
  issueHurdle(state.hurdle, calendar, state.origin, tradeSizes);
  issueVolatility(state.volatility, state.origin);
  issueSimple(context, state, model);
  if (isScored(state, model)) issueNetwork(context, state, model);
  if (state.origin % recalibrateEvery === 0) recalibrate(state);
}

function forecast(context: ForecasterContext, state: ForecasterState): Forecast {
  const { horizons, calendar } = context;
  const { origin } = state;
  const model = modelOf(context, state);
  const by = servingNow(context, state, model);
  const servedBy = servedByOf(state, model, by);
  const isUnknown = model.servedBy === 'cold-start' || (by === HURDLE && model.hurdle.length === 0);
  if (isUnknown && state.base.count < calendar.perDay) return { origin, servedBy, fans: [] };
  if (by === NETWORK && state.issuedQuantilesOrigin !== origin) issueNetwork(context, state, model);
  const lowest = lowestOf(context, state);
  const fans = Array.from({ length: horizons }, (_, k) => fanOf(state, model, by, k + 1, lowest));
  return { origin, servedBy, fans };
}

function checked(given: SeriesState, modelVersion: string): ForecasterState {
  const state = asForecasterState(given);
  if (state.modelVersion === modelVersion) return state;
  throw new UserError(
    'state-of-other-model',
    `state of "${state.seriesId}" was made by model ${state.modelVersion}, not ${modelVersion}; rebuild it from history`,
  );
}

function checkNext(state: ForecasterState, bucket: number, value: number | null): void {
  if (bucket !== state.origin + 1) {
    throw new UserError(
      'bucket-out-of-order',
      `bucket out of order for "${state.seriesId}": ${bucket}; expected ${state.origin + 1}`,
    );
  }
  if (value === null || Number.isFinite(value)) return;
  throw new UserError(
    'invalid-value',
    `invalid value of "${state.seriesId}" in bucket ${bucket}: ${value}; expected a finite number`,
  );
}
