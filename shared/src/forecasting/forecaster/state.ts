import { UserError } from '../../errors.ts';
import { type BaseState, type BaseStateShape, createBaseState, powerOfTwo } from '../base/track.ts';
import { SCORES } from '../calibration/calibrate.ts';
import { FAN_COVERAGES } from '../calibration/fan.ts';
import { NETWORK, QUANTILE_FORECASTS, type QuantileForecast } from '../calibration/quantile-forecast.ts';
import { SCORE_BINS } from '../calibration/score-histogram.ts';
import { createVolatility, type Volatility } from '../calibration/volatility.ts';
import { type Correction, correctionArrays, createCorrection } from '../correction/correction.ts';
import { createHurdle, type HurdleState, hurdleArrays } from '../hurdle/hurdle.ts';
import { QUANTILES } from '../network/quantiles.ts';
import { CANDIDATES } from './candidates.ts';
import type { SeriesState } from './forecaster.ts';

/** What is kept of one series between buckets: its base state, the quantiles issued at the last origins, and their scores. */
export class ForecasterState implements SeriesState {
  readonly seriesId: string;
  readonly modelVersion: string;
  readonly base: BaseState;
  /** What is remembered to forecast rare trade and closed days. */
  readonly hurdle: HurdleState;
  /** [QUANTILE_FORECASTS, rows, horizons, QUANTILES] as issued at the last origins, by `origin & issuedQuantilesMask`. */
  readonly issuedQuantiles: Float32Array;
  readonly issuedQuantilesMask: number;
  /** [horizons, SCORES] coded scores, each row a ring. */
  readonly scores: Uint16Array;
  /** Scores known per horizon, at most SCORES. */
  readonly scoreCounts: Uint16Array;
  /** Next place in each ring. */
  readonly scoreHeads: Uint16Array;
  /** [perDay, horizons]: logarithm of the factor on t in a slot of the day; see `scores.ts`. */
  readonly logScaleBySlot: Float32Array;
  /** [QUANTILE_FORECASTS, horizons, FAN_COVERAGES] */
  readonly thresholds: Float32Array;
  /** [QUANTILE_FORECASTS, horizons, SCORE_BINS]: scores of those that are not `calibrated`. */
  readonly scoreBins: Float32Array;
  /** What is remembered to correct the network by its last residuals. */
  readonly correction: Correction;
  /** How surprising the last buckets were. */
  readonly volatility: Volatility;
  /** [candidates + 1]: what each candidate lost in the last weeks, then the weight of that; see `candidates.ts`. */
  readonly losses: Float64Array;
  /** The quantile forecast that `scores` and `logScaleBySlot` belong to. */
  calibrated: QuantileForecast = NETWORK;
  /** Place of the candidate that serves; see `candidates.ts`. */
  serving = 0;
  /** Alarming buckets in a row, up to the last one observed. */
  flagged = 0;
  /** Whether a bucket below zero was ever observed, or is known of from the artifact. */
  negativeSeen = false;
  /** Origin of the last row of `pending` that was written. */
  issuedQuantilesOrigin: number;

  constructor(seriesId: string, modelVersion: string, shape: Omit<BaseStateShape, 'remembered'>) {
    const { perDay, horizons, firstBucket } = shape;
    this.seriesId = seriesId;
    this.modelVersion = modelVersion;
    this.base = createBaseState(shape);
    this.issuedQuantilesOrigin = firstBucket - 2;
    const rows = powerOfTwo(horizons + 1);
    this.issuedQuantilesMask = rows - 1;
    this.issuedQuantiles = new Float32Array(QUANTILE_FORECASTS * rows * horizons * QUANTILES);
    this.hurdle = createHurdle(perDay, horizons);
    this.scores = new Uint16Array(horizons * SCORES);
    this.scoreCounts = new Uint16Array(horizons);
    this.scoreHeads = new Uint16Array(horizons);
    this.logScaleBySlot = new Float32Array(perDay * horizons);
    this.thresholds = new Float32Array(QUANTILE_FORECASTS * horizons * FAN_COVERAGES.length);
    this.scoreBins = new Float32Array(QUANTILE_FORECASTS * horizons * SCORE_BINS);
    this.losses = new Float64Array(CANDIDATES.length + 1);
    this.correction = createCorrection(perDay, horizons);
    this.volatility = createVolatility(rows);
  }

  get origin(): number {
    return this.base.origin;
  }
}

const MAGIC = 0x54494445; // "TIDE"
const VERSION = 6;
/** Bytes before the names: twelve numbers. */
const HEADER = 96;

/**
 * A state as bytes, to be stored between cycles: about 87 KB for two-hour buckets. Little-endian.
 * @example
 * await writeFile('shop.state', encodeState(state));
 */
export function encodeState(state: SeriesState): Uint8Array {
  const remembered = asForecasterState(state);
  const { base: track } = remembered;
  const names = JSON.stringify([remembered.seriesId, remembered.modelVersion, track.effectSums.length]);
  const numbers = [
    MAGIC,
    VERSION,
    names.length,
    track.perDay,
    track.horizons,
    track.origin,
    track.count,
    remembered.flagged,
    remembered.issuedQuantilesOrigin,
    remembered.negativeSeen ? 1 : 0,
    remembered.calibrated,
    remembered.serving,
  ];
  const parts = memories(remembered);
  const size = 8 * numbers.length + 2 * names.length + parts.reduce((sum, part) => sum + part.byteLength, 0);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const number of numbers) {
    view.setFloat64(at, number, true);
    at += 8;
  }
  for (let i = 0; i < names.length; i++, at += 2) view.setUint16(at, names.charCodeAt(i), true);
  for (const part of parts) {
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += part.byteLength;
  }
  return bytes;
}

/**
 * The state that `encodeState` wrote.
 * @throws UserError `invalid-state` when the bytes are no state, cut, or of another version.
 * @example
 * const copy = decodeState(encodeState(state)); // advances apart from the original
 */
export function decodeState(bytes: Uint8Array): SeriesState {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const invalid = (why: string) =>
    new UserError('invalid-state', `invalid series state: ${why}; rebuild it from history`);
  if (bytes.length < HEADER || view.getFloat64(0, true) !== MAGIC) throw invalid('not a state');
  const header = Array.from({ length: HEADER / 8 }, (_, i) => view.getFloat64(8 * i, true));
  const [
    ,
    version,
    nameLength,
    perDay,
    horizons,
    origin,
    count,
    flagged,
    pendingOrigin,
    negativeSeen,
    calibrated,
    serving,
  ] = header as Twelve;
  if (version !== VERSION) throw invalid(`got v${version}, expected v${VERSION}`);
  let at = HEADER;
  let names = '';
  for (let i = 0; i < nameLength && at + 1 < bytes.length; i++, at += 2) {
    names += String.fromCharCode(view.getUint16(at, true));
  }
  const [seriesId, modelVersion, sums] = JSON.parse(names) as [string, string, number];
  const shape = { perDay, horizons, firstBucket: origin + 1, effectSums: sums };
  const state = new ForecasterState(seriesId, modelVersion, shape);
  const parts = memories(state);
  const expected = at + parts.reduce((sum, part) => sum + part.byteLength, 0);
  if (bytes.length !== expected) throw invalid(`${bytes.length} bytes, expected ${expected}`);
  for (const part of parts) {
    new Uint8Array(part.buffer, part.byteOffset, part.byteLength).set(bytes.subarray(at, at + part.byteLength));
    at += part.byteLength;
  }
  state.base.origin = origin;
  state.base.count = count;
  state.flagged = flagged;
  state.issuedQuantilesOrigin = pendingOrigin;
  state.negativeSeen = negativeSeen !== 0;
  state.calibrated = calibrated as QuantileForecast;
  state.serving = serving;
  return state;
}

/**
 * Whether these are the first bytes, 16 at least, of a state that another release wrote. What is no state at all is not:
 * `decodeState` refuses it.
 * @example
 * isOfAnotherRelease(encodeState(state).subarray(0, 16)); // false
 */
export function isOfAnotherRelease(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return bytes.length >= 16 && view.getFloat64(0, true) === MAGIC && view.getFloat64(8, true) !== VERSION;
}

/** @throws TypeError when another forecaster made the state: a bug of the caller. */
export function asForecasterState(state: SeriesState): ForecasterState {
  if (state instanceof ForecasterState) return state;
  throw new TypeError('this state was not made by start() or decodeState()');
}

type Twelve = [number, number, number, number, number, number, number, number, number, number, number, number];

function memories(state: ForecasterState) {
  const { base: track } = state;
  return [
    track.values,
    track.excess,
    track.residuals,
    track.base,
    track.effect,
    track.spread,
    track.slotMean,
    track.levels,
    track.smoothed,
    track.daily,
    track.weekly,
    track.slotMeans,
    track.spreads,
    track.effectSums,
    state.issuedQuantiles,
    state.thresholds,
    state.logScaleBySlot,
    state.scores,
    state.scoreCounts,
    state.scoreHeads,
    state.scoreBins,
    state.losses,
    ...hurdleArrays(state.hurdle),
    ...correctionArrays(state.correction),
    state.volatility,
  ];
}
