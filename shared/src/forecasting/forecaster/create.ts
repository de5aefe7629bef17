import { UserError } from '../../errors.ts';
import type { ServedBy } from '../../vocabulary.ts';
import type { Artifact, SeriesModel } from '../artifact.ts';
import { effectSums } from '../base/effects.ts';
import { observeValue } from '../base/track.ts';
import { FAN_COVERAGES, type Fan } from '../calibration/fan.ts';
import { BASE, LAST_WEEK, NETWORK, type QuantileForecast } from '../calibration/quantile-forecast.ts';
import { COLD_SCORES, seedScores } from '../calibration/score-summary.ts';
import {
  addScores,
  CLEANING_COVERAGE,
  issuedAt,
  limitAt,
  medianAt,
  outsideBy,
  recordScores,
  thresholdsAt,
} from '../calibration/scores.ts';
import { updateThresholds } from '../calibration/thresholds.ts';
import { createCalendar } from '../features/calendar.ts';
import { SEQUENCE_FEATURES, targetFeatures, writeSequence, writeTarget } from '../features/inputs.ts';
import { hurdleLimit, hurdleMedian } from '../hurdle/distribution.ts';
import {
  hurdleHeld,
  issuedDistribution,
  issueHurdle,
  observeHurdle,
  scoreHurdle,
  seedHurdle,
  updateHurdleThresholds,
} from '../hurdle/hurdle.ts';
import { tradingShare } from '../hurdle/trade-rate.ts';
import { UNKNOWN_SIZES } from '../hurdle/trade-size.ts';
import { createNetwork, type Network } from '../network/forward.ts';
import { QUANTILES, quantilesFromRaw } from '../network/quantiles.ts';
import { untrainedRaw } from '../network/topology.ts';
import { DAY_MS, HOUR_MS } from '../time/duration.ts';
import { createGrid } from '../time/grid.ts';
import { addLosses, bandLoss, CANDIDATES, chooseCandidate, HURDLE } from './candidates.ts';
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
  /**
   * Whether the candidate that lost least in the last weeks serves. Default true; if not, who was chosen when the model
   * was trained serves for good.
   */
  readonly followLosses?: boolean;
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
const AT_95 = FAN_COVERAGES.indexOf(0.95);
/**
 * Where a smaller share of buckets trades the hurdle model serves: of the other bands, calibrated on buckets alone, the
 * 99 % band would leave out one payment in five or more.
 */
const SPARSE_SHARE = 0.05;
/** Where a larger share trades the hurdle model does not compete: an empty bucket is an outage there. */
const BUSY_SHARE = 0.9;
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
  const follow = options.followLosses ?? true;
  const common = artifact.metadata.coldStart;
  const sizes = common?.tradeSizes ?? UNKNOWN_SIZES;
  const lost = new Float64Array(CANDIDATES.length);

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
      state.serving = Math.max(NETWORK, CANDIDATES.indexOf(model.servedBy as (typeof CANDIDATES)[number]));
      state.calibrated = (state.serving === HURDLE ? NETWORK : state.serving) as QuantileForecast;
      seedScores(state, model);
      seedHurdle(state.hurdle, model.hurdle);
      recalibrate(state);
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
      if (value !== null && (model.hurdle.length === 0 || bucket > model.scoredThrough)) {
        observeHurdle(state.hurdle, calendar, bucket, value !== 0, taken, sizes);
      }
      observeValue(state.base, calendar, model, taken, value ?? Number.NaN);
      issueHurdle(state.hurdle, calendar, state.origin, sizes);
      issueSimple(state, model);
      if (matters(state, model)) issueNetwork(state, model);
      if (state.origin % recalibrateEvery === 0) recalibrate(state);
    },

    forecast(given) {
      const state = checked(given, modelVersion);
      const model = modelOf(state);
      const by = serving(state, model);
      if (state.base.count < calendar.perDay && (by === HURDLE || model.servedBy === 'cold-start')) {
        return { origin: state.origin, servedBy: servedBy(state, model, by), fans: [] };
      }
      if (by === NETWORK && state.issuedQuantilesOrigin !== state.origin) issueNetwork(state, model);
      const fans: Fan[] = [];
      for (let h = 1; h <= horizons; h++) fans.push(fanOf(state, model, by, h, lowestOf(state)));
      return { origin: state.origin, servedBy: servedBy(state, model, by), fans };
    },
  };

  /** Scores what was issued for this bucket, and gives the value that enters the context. */
  function takeIn(state: ForecasterState, model: SeriesModel, bucket: number, actual: number | null): number {
    const { base: track } = state;
    const lowest = lowestOf(state);
    if (track.count === 0) return actual ?? 0;
    const by = serving(state, model);
    const mattering = matters(state, model);
    if (!mattering && actual === null) {
      return Math.max(lowest, track.base[(track.origin & track.issuedMask) * horizons] as number);
    }
    const median = medianOf(state, by, track.origin, 1);
    if (actual === null) return Math.max(lowest, median);

    const outside = mattering && !holds(state, model, by, actual) && actual >= lowest;
    state.flagged = outside ? state.flagged + 1 : 0;
    const cleaned = clean && outside && trusted(state, model, by) && state.flagged <= cleanedInARow;
    const margin = cleaned ? CLEANED_SCORE_MARGIN : Number.POSITIVE_INFINITY;
    score(state, model, actual, lowest, margin, bucket);
    compare(state, model, actual, lowest);
    if (!cleaned) return actual;
    return Math.max(lowest, limitOf(state, model, by, track.origin, 1, actual < median ? -1 : 1, CLEANING_COVERAGE));
  }

  /** Remembers the scores of the next bucket: what every candidate's bands would have had to be. */
  function score(
    state: ForecasterState,
    model: SeriesModel,
    actual: number,
    lowest: number,
    margin: number,
    bucket: number,
  ): void {
    const { count } = state.base;
    scoreHurdle(state.hurdle, bucket, actual, count);
    if (model.base === 'nothing') return;
    for (const by of [NETWORK, BASE, LAST_WEEK] as const) {
      const settled = by === NETWORK ? settledHorizons(state) : count + 1 - COLD_START_WEEKS * state.base.perWeek;
      if (by === state.calibrated) {
        if (matters(state, model) && bucket > model.scoredThrough) {
          recordScores(state, model, actual, lowest, by === NETWORK ? settled : settledHorizons(state), margin);
        }
      } else if (by !== NETWORK || competes(state, model)) addScores(state, model, by, actual, lowest, settled, margin);
    }
  }

  /** Whether the network's forecasts are issued, so that the candidates can be compared. */
  function competes(state: ForecasterState, model: SeriesModel): boolean {
    return model.base !== 'nothing' && matters(state, model) && settledHorizons(state) > horizons;
  }

  /** Adds what every candidate's 95 % band would have lost at the next bucket, and chooses who serves from there. */
  function compare(state: ForecasterState, model: SeriesModel, actual: number, lowest: number): void {
    if (!follow || !competes(state, model)) return;
    for (let by = 0; by < CANDIDATES.length; by++) {
      lost[by] = 0;
      for (const h of [1, horizons]) {
        const origin = state.origin + 1 - h;
        const limit = (side: -1 | 1) => Math.max(lowest, limitOf(state, model, by, origin, h, side, AT_95));
        lost[by] = (lost[by] as number) + bandLoss(limit(-1), limit(1), actual);
      }
    }
    addLosses(state.losses, lost);
    const competing = tradingShare(state.hurdle.rate) < BUSY_SHARE ? CANDIDATES.length : HURDLE;
    state.serving = chooseCandidate(state.losses, state.serving, competing);
  }

  /** Place of the candidate that serves now. */
  function serving(state: ForecasterState, model: SeriesModel): number {
    if (model.base === 'nothing' || tradingShare(state.hurdle.rate) < SPARSE_SHARE) return HURDLE;
    const young = state.base.count < COLD_START_WEEKS * state.base.perWeek;
    if (model.servedBy === 'cold-start' && young) return HURDLE;
    return model.servedBy === 'hurdle' || follow ? state.serving : state.calibrated;
  }

  /** Takes the thresholds of all candidates from their scores. */
  function recalibrate(state: ForecasterState): void {
    for (let h = 1; h <= horizons; h++) updateThresholds(state, h);
    updateHurdleThresholds(state.hurdle);
  }

  /**
   * Whether a forecast from this origin will be scored or judged. Long before the scores begin it will not, and the
   * network can be spared.
   */
  function matters({ base: track }: ForecasterState, model: SeriesModel): boolean {
    return track.origin > model.scoredThrough - JUDGED_BEFORE_SCORES * track.perWeek;
  }

  /** Issues base forecast and last week's value with their spread. */
  function issueSimple(state: ForecasterState, model: SeriesModel): void {
    const { base: track, issuedQuantiles: issued } = state;
    for (const by of [BASE, LAST_WEEK] as const) {
      for (let h = 1; h <= horizons; h++) {
        issued.set(NORMAL, issuedAt(state, by, track.origin, h));
        place(state, model, by, h);
      }
    }
    // Until the network forecasts from here, its place holds the base forecast.
    const from = issuedAt(state, BASE, track.origin, 1);
    issued.copyWithin(issuedAt(state, NETWORK, track.origin, 1), from, from + horizons * QUANTILES);
  }

  function issueNetwork(state: ForecasterState, model: SeriesModel): void {
    const { base: track } = state;
    state.issuedQuantilesOrigin = track.origin;
    if (model.base === 'nothing' || !ripe(state) || !needsNetwork(model)) return;
    writeSequence(track, calendar, track.origin, lookback, sequence, 0);
    writeTarget(track, calendar, track.origin, target, 0);
    const raw = network.run(network.inputs[0]?.name === 'sequence' ? [sequence, target] : [target, sequence]);
    for (let h = 1; h <= horizons; h++) {
      quantilesFromRaw(raw, (h - 1) * QUANTILES, state.issuedQuantiles, issuedAt(state, NETWORK, track.origin, h));
      place(state, model, NETWORK, h);
    }
  }

  /** Nobody compares with the network where who serves is fixed. */
  function needsNetwork({ servedBy }: SeriesModel): boolean {
    return follow || servedBy === 'lstm' || servedBy === 'cold-start';
  }

  /** Turns issued quantiles, in spreads around a centre, into volumes. */
  function place(state: ForecasterState, model: SeriesModel, by: QuantileForecast, h: number): void {
    const { base: track, issuedQuantiles: issued } = state;
    const at = issuedAt(state, by, track.origin, h);
    const row = (track.origin & track.issuedMask) * horizons + h - 1;
    const unit = (track.spread[row] as number) + SPREAD_FLOOR * model.scale;
    const lastWeek = by === LAST_WEEK && track.count >= track.perWeek;
    const center = lastWeek
      ? (track.values[(track.origin + h - track.perWeek) & track.mask] as number)
      : (track.base[row] as number);
    for (let q = 0; q < QUANTILES; q++) issued[at + q] = center + unit * (issued[at + q] as number);
  }

  /** The word for who serves: the network waits for a few weeks of context, and until then the base forecast serves. */
  function servedBy(state: ForecasterState, model: SeriesModel, by: number): ServedBy {
    if (by === HURDLE) return 'hurdle';
    if (model.servedBy === 'cold-start') return 'cold-start';
    return by === NETWORK && !ripe(state) ? 'base' : (CANDIDATES[by] as ServedBy);
  }

  function ripe({ base: track }: ForecasterState): boolean {
    return track.count >= NETWORK_WEEKS * track.perWeek;
  }

  /** How many buckets ago the one that serves for good began to. */
  function settledHorizons({ base: track }: ForecasterState): number {
    return track.count + 1 - NETWORK_WEEKS * track.perWeek;
  }

  /** Whether the band has seen enough to call an actual an alarm. */
  function trusted(state: ForecasterState, { servedBy }: SeriesModel, by: number): boolean {
    if (by !== state.calibrated) return settledHorizons(state) > 2 * COLD_SCORES;
    const enough = servedBy === 'cold-start' ? 2 * COLD_SCORES : 100;
    return settledHorizons(state) > 0 && (state.scoreCounts[0] as number) >= enough;
  }
}

/** Quantiles of a forecast that knows only its spread, in spreads. */
const NORMAL = new Float32Array(QUANTILES);
quantilesFromRaw(untrainedRaw(), 0, NORMAL, 0);

/** Whether the 99 % band that a candidate issued for the next bucket holds what came. */
function holds(state: ForecasterState, model: SeriesModel, by: number, actual: number): boolean {
  if (by === HURDLE) return hurdleHeld(state.hurdle, state.origin + 1, actual, CLEANING_COVERAGE);
  const forecast = by as QuantileForecast;
  const limit = state.thresholds[thresholdsAt(state, forecast, 1) + CLEANING_COVERAGE] as number;
  return outsideBy(state, model, forecast, state.origin, 1, actual) <= limit;
}

function medianOf(state: ForecasterState, by: number, origin: number, h: number): number {
  if (by === HURDLE) return hurdleMedian(issuedDistribution(state.hurdle, origin, h));
  return medianAt(state, by as QuantileForecast, origin, h);
}

/** A limit of the band of `FAN_COVERAGES[c]` that a candidate issued at `origin`, by its present thresholds. */
function limitOf(
  state: ForecasterState,
  model: SeriesModel,
  by: number,
  origin: number,
  h: number,
  side: -1 | 1,
  c: number,
): number {
  if (by === HURDLE) {
    const ends = state.hurdle.thresholds[(h - 1) * FAN_COVERAGES.length + c] as number;
    return hurdleLimit(issuedDistribution(state.hurdle, origin, h), side, ends);
  }
  const forecast = by as QuantileForecast;
  const ends = state.thresholds[thresholdsAt(state, forecast, h) + c] as number;
  return limitAt(state, model, forecast, origin, h, side, ends);
}

function fanOf(state: ForecasterState, model: SeriesModel, by: number, h: number, lowest: number): Fan {
  const limits = (side: -1 | 1) =>
    FAN_COVERAGES.map((_, c) => Math.max(lowest, limitOf(state, model, by, state.origin, h, side, c)));
  return { median: Math.max(lowest, medianOf(state, by, state.origin, h)), lower: limits(-1), upper: limits(1) };
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
