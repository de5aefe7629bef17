import { UserError } from '../../errors.ts';
import type { ServedBy } from '../../vocabulary.ts';
import type { Artifact, SeriesModel } from '../artifact.ts';
import { effectSums } from '../base/effects.ts';
import { observeValue } from '../base/track.ts';
import { FAN_COVERAGES, type Fan } from '../calibration/fan.ts';
import { COLD_SCORES, seedScores } from '../calibration/score-summary.ts';
import { byTradeSize, CLEANING_COVERAGE, issuedAt, limitAt, outsideBy, recordScores } from '../calibration/scores.ts';
import { updateThresholds } from '../calibration/thresholds.ts';
import { createCalendar } from '../features/calendar.ts';
import { SEQUENCE_FEATURES, targetFeatures, writeSequence, writeTarget } from '../features/inputs.ts';
import { createNetwork, type Network } from '../network/forward.ts';
import { QUANTILES, quantilesFromRaw } from '../network/quantiles.ts';
import { untrainedRaw } from '../network/topology.ts';
import { DAY_MS, HOUR_MS } from '../time/duration.ts';
import { createGrid } from '../time/grid.ts';
import { COLD_START_REASON, COLD_START_WEEKS, coldModel } from './cold-start.ts';
import type { Forecaster, SeriesState } from './forecaster.ts';
import { asForecasterState, ForecasterState } from './state.ts';

/** How a forecaster treats what it sees. */
export interface ForecasterOptions {
  /**
   * Whether actuals outside the 99 % band enter the context capped at its edge, so that one incident does not
   * bend the next days' bands. Default true.
   */
  readonly cleanContext?: boolean;
}

/** Weeks of buckets before the network serves: before, its inputs are not what it learned from. */
const NETWORK_WEEKS = 3;
/** Weeks before the first new score in which actuals are judged, so that what is left of an incident is cleaned. */
const JUDGED_BEFORE_SCORES = 4;
/** How long actuals are cleaned in a row; what lasts longer is the new normal. Three buckets at least. */
const CLEANED_FOR_MS = DAY_MS;
/** How far beyond the current threshold a cleaned bucket's score may count, in t. */
const CLEANED_SCORE_MARGIN = 0.25;
/** Thresholds are computed again this often. */
const RECALIBRATE_EVERY_MS = 8 * HOUR_MS;
/** Part of the scale added to the spread, so that quiet slots keep a band that can learn. */
export const SPREAD_FLOOR = 0.1;

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
  const { modelVersion, stepMs, timeZone, lookback, horizons, specialDays } = artifact.metadata;
  const grid = createGrid(stepMs);
  const cleanedInARow = Math.max(3, grid.buckets(CLEANED_FOR_MS));
  const recalibrateEvery = grid.buckets(RECALIBRATE_EVERY_MS);
  const calendar = createCalendar(stepMs, timeZone, specialDays);
  const network = createNetwork(artifact);
  const sequence = new Float32Array(lookback * SEQUENCE_FEATURES);
  const target = new Float32Array(horizons * targetFeatures(calendar.perDay, horizons));
  checkInputs(network, lookback, target.length);
  const byId = new Map(artifact.metadata.series.map((series) => [series.id, series]));
  const mayBeNegative = artifact.metadata.measure === 'net';
  /** Smallest volume forecast: zero for sums of one sign, and for a net series until its first bucket below zero. */
  const lowestOf = ({ negativeSeen }: ForecasterState) =>
    mayBeNegative && negativeSeen ? Number.NEGATIVE_INFINITY : 0;
  const clean = options.cleanContext ?? true;
  const common = artifact.metadata.coldStart;

  const modelOf = ({ seriesId, base: track }: ForecasterState): SeriesModel => {
    const found = byId.get(seriesId);
    if (found && found.servedBy !== 'cold-start') return found;
    if (common) return coldModel(seriesId, track, common);
    throw new UserError(
      'unknown-series',
      `unknown series: "${seriesId}"; the model serves ${someOf([...byId.keys()])}`,
    );
  };

  return {
    modelVersion,
    stepMs,
    horizons,
    seriesIds: [...byId.keys()],

    serviceOf(seriesId) {
      const found = byId.get(seriesId);
      if (found) return { servedBy: found.servedBy, reason: found.reason };
      return common ? { servedBy: 'cold-start', reason: COLD_START_REASON } : null;
    },

    start(seriesId, firstBucket) {
      const sums = effectSums(calendar);
      const state = new ForecasterState(seriesId, modelVersion, calendar.perDay, horizons, firstBucket, sums);
      const model = modelOf(state);
      if (model.effects.length === sums) state.base.effectSums.set(model.effects);
      state.negativeSeen = model.negativeSeen;
      seedScores(state, model);
      for (let h = 1; h <= horizons; h++) updateThresholds(state, h);
      return state;
    },

    observe(given, bucket, value) {
      const state = checked(given, modelVersion);
      if (bucket !== state.origin + 1) {
        throw new UserError(
          'bucket-out-of-order',
          `bucket out of order for "${state.seriesId}": ${bucket}; expected ${state.origin + 1}`,
        );
      }
      const model = modelOf(state);
      if (value !== null) checkValue(state, bucket, value);
      const taken = takeIn(state, model, bucket, value);
      if (value !== null && value < 0) state.negativeSeen = true;
      observeValue(state.base, calendar, model, taken, value ?? Number.NaN);
      const { base: track } = state;
      if (!matters(state, model)) return;
      issue(state, model);
      if (track.origin % recalibrateEvery === 0) for (let h = 1; h <= horizons; h++) updateThresholds(state, h);
    },

    forecast(given) {
      const state = checked(given, modelVersion);
      const model = modelOf(state);
      const by = servedBy(state, model);
      if (by === 'cold-start' && state.base.count < COLD_START_WEEKS * state.base.perWeek) {
        return { origin: state.origin, servedBy: by, fans: [] };
      }
      if (state.issuedQuantilesOrigin !== state.origin) issue(state, model);
      const fans: Fan[] = [];
      for (let h = 1; h <= horizons; h++) fans.push(fanOf(state, model, h, lowestOf(state)));
      return { origin: state.origin, servedBy: by, fans };
    },
  };

  /** Scores what was issued for this bucket, and gives the value that enters the context. */
  function takeIn(state: ForecasterState, model: SeriesModel, bucket: number, actual: number | null): number {
    const { base: track, issuedQuantiles: pending } = state;
    const lowest = lowestOf(state);
    if (track.count === 0) return actual ?? 0;
    if (!matters(state, model)) {
      const base = track.base[(track.origin & track.issuedMask) * horizons] as number;
      return actual ?? Math.max(lowest, base);
    }
    const median = pending[issuedAt(state, track.origin, 1) + 2] as number;
    if (actual === null) return Math.max(lowest, median);

    const limit = state.thresholds[CLEANING_COVERAGE] as number;
    const outside = outsideBy(state, model, track.origin, 1, actual) > limit && actual >= lowest;
    state.flagged = outside ? state.flagged + 1 : 0;
    const cleaned = clean && outside && trusted(state, model) && state.flagged <= cleanedInARow;
    // Of a series that trades rarely only trades are scored: 99 % of them shall lie inside, not 99 % of the buckets.
    const counts = !byTradeSize(model) || actual !== 0;
    if (counts && bucket > model.scoredThrough) {
      const margin = cleaned ? CLEANED_SCORE_MARGIN : Number.POSITIVE_INFINITY;
      recordScores(state, model, actual, lowest, settledHorizons(state), margin);
    }
    if (!cleaned) return actual;
    return Math.max(lowest, limitAt(state, model, track.origin, 1, actual < median ? -1 : 1, limit));
  }

  /**
   * Whether a forecast from this origin will be scored or judged. Long before the scores begin it will not, and the
   * network can be spared.
   */
  function matters({ base: track }: ForecasterState, model: SeriesModel): boolean {
    return track.origin > model.scoredThrough - JUDGED_BEFORE_SCORES * track.perWeek;
  }

  function issue(state: ForecasterState, model: SeriesModel): void {
    const { base: track, issuedQuantiles: pending } = state;
    const row = issuedAt(state, track.origin, 1);
    state.issuedQuantilesOrigin = track.origin;
    const by = servedBy(state, model);
    let raw = UNTRAINED;
    let stride = 0;
    if (byTradeSize(model)) {
      for (let h = 0; h < horizons; h++) pending.set(model.tradeQuantiles, row + h * QUANTILES);
      return;
    }
    if (by === 'lstm' || (by === 'cold-start' && ripe(state))) {
      writeSequence(track, calendar, track.origin, lookback, sequence, 0);
      writeTarget(track, calendar, track.origin, target, 0);
      raw = network.run(network.inputs[0]?.name === 'sequence' ? [sequence, target] : [target, sequence]);
      stride = QUANTILES;
    }
    const issued = (track.origin & track.issuedMask) * horizons;
    for (let h = 0; h < horizons; h++) {
      const at = row + h * QUANTILES;
      quantilesFromRaw(raw, h * stride, pending, at);
      const unit = (track.spread[issued + h] as number) + SPREAD_FLOOR * model.scale;
      const naive = by === 'seasonal-naive' && track.count >= track.perWeek;
      const center = naive
        ? (track.values[(track.origin + 1 + h - track.perWeek) & track.mask] as number)
        : (track.base[issued + h] as number);
      for (let q = 0; q < QUANTILES; q++) pending[at + q] = center + unit * (pending[at + q] as number);
    }
  }

  /** The network waits for a few weeks of context; with less than two weeks only last week's values can serve. */
  function servedBy(state: ForecasterState, model: SeriesModel): ServedBy {
    if (model.servedBy === 'lstm') return ripe(state) ? 'lstm' : 'base';
    return model.servedBy;
  }

  function ripe({ base: track }: ForecasterState): boolean {
    return track.count >= NETWORK_WEEKS * track.perWeek;
  }

  /** How many buckets ago the one that serves for good began to. */
  function settledHorizons({ base: track }: ForecasterState): number {
    return track.count + 1 - NETWORK_WEEKS * track.perWeek;
  }

  /** Whether the band has seen enough to call an actual an alarm. */
  function trusted(state: ForecasterState, { servedBy }: SeriesModel): boolean {
    const enough = servedBy === 'cold-start' ? 2 * COLD_SCORES : 100;
    return settledHorizons(state) > 0 && (state.scoreCounts[0] as number) >= enough;
  }
}

const UNTRAINED = untrainedRaw();

function fanOf(state: ForecasterState, model: SeriesModel, h: number, lowest: number): Fan {
  const { issuedQuantiles: pending, thresholds, origin } = state;
  const lower: number[] = [];
  const upper: number[] = [];
  for (let c = 0; c < FAN_COVERAGES.length; c++) {
    const t = thresholds[(h - 1) * FAN_COVERAGES.length + c] as number;
    lower.push(Math.max(lowest, limitAt(state, model, origin, h, -1, t)));
    upper.push(Math.max(lowest, limitAt(state, model, origin, h, 1, t)));
  }
  return { median: Math.max(lowest, pending[issuedAt(state, origin, h) + 2] as number), lower, upper };
}

function checked(given: SeriesState, modelVersion: string): ForecasterState {
  const state = asForecasterState(given);
  if (state.modelVersion === modelVersion) return state;
  throw new UserError(
    'state-of-other-model',
    `state of "${state.seriesId}" was made by model ${state.modelVersion}, not ${modelVersion}; rebuild it from history`,
  );
}

function checkValue(state: ForecasterState, bucket: number, value: number): void {
  if (Number.isFinite(value)) return;
  throw new UserError(
    'invalid-value',
    `invalid value of "${state.seriesId}" in bucket ${bucket}: ${value}; expected a finite number`,
  );
}

function checkInputs(network: Network, lookback: number, targetSize: number): void {
  const sizeOf = (name: string) => network.inputs.find((one) => one.name === name)?.shape.reduce((a, b) => a * b, 1);
  const fits = sizeOf('sequence') === lookback * SEQUENCE_FEATURES && sizeOf('target') === targetSize;
  if (!fits) throw new UserError('invalid-model', 'invalid model: its inputs are not those its metadata describes');
}

function someOf(ids: readonly string[]): string {
  const shown = ids.slice(0, 5).map((id) => `"${id}"`);
  return ids.length > 5 ? `${shown.join(', ')} and ${ids.length - 5} more` : shown.join(', ');
}
