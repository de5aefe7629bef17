import { powerOfTwo } from '../base/track.ts';
import { FAN_COVERAGES } from '../calibration/fan.ts';
import { addScore, SCORE_BINS, scoresAtShares } from '../calibration/score-histogram.ts';
import { EVENLY } from '../calibration/spread-evenly.ts';
import type { Calendar } from '../features/calendar.ts';
import { type HurdleDistribution, hurdleHolds, hurdleScore, scoreOfShare } from './distribution.ts';
import {
  closedProbability,
  createTradeRate,
  observeTrade,
  type TradeRate,
  tradeProbability,
  tradingShare,
} from './trade-rate.ts';
import { KNOTS, REMEMBERED_TRADES, sizeExceededBy, type TradeSizes, writeKnots } from './trade-size.ts';

const COVERAGES = FAN_COVERAGES.length;
/** Scores of buckets count half after four weeks of two-hour buckets, those of trades after seventy trades. */
const SCORE_FADING = 1 - 0.5 ** (1 / 336);
const TRADE_SCORE_FADING = 0.01;
/** Counts of trades by side and sizes by slot of the day fade with every trade. */
const SIDE_FADING = 0.005;
const UNIT_FADING = 0.02;
/** Trades after which what a slot's sizes showed weighs as much as "the same at all hours". */
const UNIT_PRIOR_TRADES = 10;
/** Refunds that are not assumed to end: one in so many trades beside those seen. */
const REFUND_PRIOR_TRADES = 20;
/** From this coverage on bands are to hold trades as well, however rare. */
const ALARM_COVERAGE = 0.99;
/** No trade is believed to be larger than the size that this share of them exceeds. */
const INCREDIBLE_SHARE = 1e-9;
/** Trades from which there is a tail: as many as are assumed beside the first ones. */
const BELIEVED_TRADES = 3;

/** Share of trades that a band of a coverage holds: at most twice as many lie outside as of all buckets. */
export function tradeShareOf(coverage: number): number {
  return 1 - 2 * (1 - coverage);
}

/**
 * What is remembered of one series to forecast whether anything comes, and how much: advanced in O(1) a bucket.
 * Rows of `issued` lie at `origin & issuedMask`: [trade, closed, unit] per horizon, share of refunds, knots of both sides.
 */
export interface HurdleState {
  readonly horizons: number;
  readonly perDay: number;
  readonly issuedMask: number;
  readonly rate: TradeRate;
  /** [2, REMEMBERED_TRADES]: rings of sizes in units of their slot, sales before refunds. */
  readonly sizes: Float32Array;
  /** [2, 3]: per side, trades seen, next place in the ring, trades with older ones fading. */
  readonly sides: Float64Array;
  /** [perDay, 2]: Σ |volume| and trades by slot of the day, older ones fading. */
  readonly units: Float64Array;
  /** [2, KNOTS]: of the sizes as they are now. */
  readonly knots: Float32Array;
  readonly issued: Float32Array;
  /** [horizons + 1, SCORE_BINS]: scores of buckets by horizon, then of trades. */
  readonly bins: Float32Array;
  /** [horizons, FAN_COVERAGES]: scores at which bands end. */
  readonly thresholds: Float32Array;
}

const PER_HORIZON = 3;

/** A state that knows nothing. */
export function createHurdle(perDay: number, horizons: number): HurdleState {
  const row = PER_HORIZON * horizons + 1 + 2 * KNOTS;
  const rows = powerOfTwo(horizons + 1);
  return {
    horizons,
    perDay,
    issuedMask: rows - 1,
    rate: createTradeRate(perDay),
    sizes: new Float32Array(2 * REMEMBERED_TRADES),
    sides: new Float64Array(6),
    units: new Float64Array(2 * perDay),
    knots: new Float32Array(2 * KNOTS),
    issued: new Float32Array(rows * row),
    bins: new Float32Array((horizons + 1) * SCORE_BINS),
    thresholds: new Float32Array(horizons * COVERAGES),
  };
}

/** The arrays of a state, in the order in which they are stored. */
export function hurdleArrays(state: HurdleState): (Float64Array | Float32Array)[] {
  const { rate, sizes, sides, units, knots, issued, bins, thresholds } = state;
  return [rate, sizes, sides, units, knots, issued, bins, thresholds];
}

/** The distribution that was issued at an origin for the bucket `h` after it. */
export function issuedDistribution(state: HurdleState, origin: number, h: number): HurdleDistribution {
  const { horizons, issued } = state;
  const row = rowAt(state, origin);
  const at = row + PER_HORIZON * (h - 1);
  const sides = row + PER_HORIZON * horizons;
  return { trade: issued[at]!, refunds: issued[sides]!, unit: issued[at + 2]!, knots: issued, at: sides + 1 };
}

/** Probability that the day of the bucket `h` after an origin is closed, as issued there. */
export function issuedClosed(state: HurdleState, origin: number, h: number): number {
  return state.issued[rowAt(state, origin) + PER_HORIZON * (h - 1) + 1]!;
}

/**
 * What is believed of the next bucket's volume where no band judges it: at most what one trade in a thousand million
 * exceeds, by the tail of the trades seen. An amount mistyped a thousandfold lies beyond; of a series that has grown so
 * much, each trade moves the tail further out until all are believed. The first three are, whatever they are.
 */
export function credibleVolume(state: HurdleState, bucket: number, volume: number): number {
  const { unit, knots, at } = issuedDistribution(state, bucket - 1, 1);
  if (unit === 0 || state.sides[0]! + state.sides[3]! < BELIEVED_TRADES) return volume;
  const largest = unit * sizeExceededBy(knots, volume < 0 ? at + KNOTS : at, INCREDIBLE_SHARE);
  return Math.max(-largest, Math.min(largest, volume));
}

/** Takes in the scores of the next bucket, at every horizon up to `last`. */
export function scoreHurdle(state: HurdleState, bucket: number, actual: number, last: number): void {
  const { horizons, bins } = state;
  for (let h = 1; h <= Math.min(last, horizons); h++) {
    const one = issuedDistribution(state, bucket - h, h);
    const score = hurdleScore(one, actual, ((bucket + 8 * h) * EVENLY) % 1);
    addScore(bins, (h - 1) * SCORE_BINS, score, SCORE_FADING);
    if (actual !== 0 && h === 1) addScore(bins, horizons * SCORE_BINS, score, TRADE_SCORE_FADING);
  }
}

/**
 * Takes in the next bucket.
 * @param traded whether anything was sold or refunded.
 * @param value what came, or, of an alarming bucket, the limit it is remembered by.
 */
export function observeHurdle(
  state: HurdleState,
  calendar: Calendar,
  bucket: number,
  traded: boolean,
  value: number,
  prior: TradeSizes,
): void {
  observeTrade(state.rate, calendar, bucket, traded);
  if (!traded || value === 0) return;
  const { units, sides, sizes, knots, perDay } = state;
  const slot = calendar.slotOfWeek(bucket) % perDay;
  units[2 * slot] = (1 - UNIT_FADING) * units[2 * slot]! + Math.abs(value);
  units[2 * slot + 1] = (1 - UNIT_FADING) * units[2 * slot + 1]! + 1;
  const side = value > 0 ? 0 : 1;
  const place = sides[3 * side + 1]!;
  sizes[side * REMEMBERED_TRADES + place] = Math.abs(value) / unitOf(state, slot, meanVolume(state));
  sides[3 * side] = sides[3 * side]! + 1;
  sides[3 * side + 1] = (place + 1) % REMEMBERED_TRADES;
  for (const k of [2, 5]) sides[k] = (1 - SIDE_FADING) * sides[k]!;
  sides[3 * side + 2] = sides[3 * side + 2]! + 1;
  writeKnots(seenSizes(state, side), prior, knots, side * KNOTS);
}

/** Issues what is forecast from a bucket, the last one observed. */
export function issueHurdle(state: HurdleState, calendar: Calendar, origin: number, prior: TradeSizes): void {
  const { horizons, issued, rate, sides, knots, perDay } = state;
  for (const side of [0, 1]) if (sides[3 * side] === 0) writeKnots(NONE, priorOf(state, prior), knots, side * KNOTS);
  const row = rowAt(state, origin);
  const today = calendar.dayOf(origin);
  const mean = meanVolume(state);
  for (let h = 1; h <= horizons; h++) {
    const at = row + PER_HORIZON * (h - 1);
    const slot = calendar.slotOfWeek(origin + h);
    const closed = closedProbability(rate, calendar.dayOf(origin + h) - today);
    issued[at] = (1 - closed) * tradeProbability(rate, perDay, slot);
    issued[at + 1] = closed;
    issued[at + 2] = unitOf(state, slot % perDay, mean);
  }
  const refunds = sides[3]! > 0 ? sides[5]! : 0;
  issued[row + PER_HORIZON * horizons] =
    refunds / Math.max(1, sides[2]! + refunds + (refunds > 0 ? REFUND_PRIOR_TRADES : 0));
  issued.set(knots, row + PER_HORIZON * horizons + 1);
}

/**
 * Takes the scores at which bands end from those seen: calibrated on buckets, and on trades, whichever is wider. Where
 * trade is rare, a band that holds 95 % of the buckets may hold no trade at all, and one that holds the trades is many
 * times as wide. So for the sake of trades a band opens as far as to halve what it leaves outside; and from 99 % on,
 * where alarms are judged, as much further as rare trade requires.
 */
export function updateHurdleThresholds({ horizons, bins, thresholds, rate }: HurdleState): void {
  const share = tradingShare(rate);
  const ofTrades = scoresAtShares(bins, horizons * SCORE_BINS, FAN_COVERAGES.map(tradeShareOf), (inside) =>
    Math.max(0, scoreOfShare(2 * share * (1 - inside))),
  );
  const forRareTrade = Math.max(0, scoreOfShare(4 * share));
  for (let h = 0; h < horizons; h++) {
    const ofBuckets = scoresAtShares(bins, h * SCORE_BINS, FAN_COVERAGES, (inside) => scoreOfShare(1 - inside));
    FAN_COVERAGES.forEach((coverage, c) => {
      const most = ofBuckets[c]! + Math.LN2 + (coverage < ALARM_COVERAGE ? 0 : forRareTrade);
      thresholds[h * COVERAGES + c] = Math.max(ofBuckets[c]!, Math.min(ofTrades[c]!, most));
    });
  }
}

/** Whether the band of a coverage, issued one bucket before, holds what came; `c` is its place in `FAN_COVERAGES`. */
export function hurdleHeld(state: HurdleState, bucket: number, actual: number, c: number): boolean {
  return hurdleHolds(issuedDistribution(state, bucket - 1, 1), actual, state.thresholds[c]!);
}

function rowAt({ issued, issuedMask }: HurdleState, origin: number): number {
  return (origin & issuedMask) * (issued.length / (issuedMask + 1));
}

function seenSizes({ sizes, sides }: HurdleState, side: number): Float32Array {
  const from = side * REMEMBERED_TRADES;
  return sizes.subarray(from, from + Math.min(REMEMBERED_TRADES, sides[3 * side]!));
}

/** Before its first refund a merchant's refunds are assumed as large as its sales. */
function priorOf(state: HurdleState, prior: TradeSizes): TradeSizes {
  const seen = [...seenSizes(state, 0), ...seenSizes(state, 1)];
  if (seen.length === 0) return prior;
  return { ...prior, mean: seen.reduce((sum, size) => sum + Math.log(size) / seen.length, 0) };
}

/** Mean |volume| of a trade, at all hours; 0 before the first. */
function meanVolume({ units }: HurdleState): number {
  let volume = 0;
  let trades = 0;
  for (let k = 0; k < units.length; k += 2) {
    volume += units[k]!;
    trades += units[k + 1]!;
  }
  return trades > 0 ? volume / trades : 0;
}

/** How much larger the trades of a slot of the day are than the mean one. */
function unitOf({ units }: HurdleState, slot: number, mean: number): number {
  if (mean === 0) return 1;
  return (units[2 * slot]! + UNIT_PRIOR_TRADES * mean) / ((units[2 * slot + 1]! + UNIT_PRIOR_TRADES) * mean);
}

const NONE = new Float32Array(0);

/** Merchants that trade in fewer buckets need more than the twelve weeks that a state is rebuilt from. */
const SUMMARIZED_SHARE = 0.1;

/**
 * What an artifact hands on of a series that trades rarely, to begin a state with: rate, sizes and scores of trades.
 * Empty for others, whose last twelve weeks tell enough.
 */
export function summaryOfHurdle(state: HurdleState): Float32Array {
  if (tradingShare(state.rate) >= SUMMARIZED_SHARE) return new Float32Array(0);
  return Float32Array.from(summarized(state).flatMap((part) => [...part]));
}

/** Begins a state with a summary; false where there is none of its size. */
export function seedHurdle(state: HurdleState, summary: Float32Array): boolean {
  const parts = summarized(state);
  if (summary.length !== parts.reduce((sum, part) => sum + part.length, 0)) return false;
  let at = 0;
  for (const part of parts) {
    part.set(summary.subarray(at, at + part.length));
    at += part.length;
  }
  return true;
}

function summarized({
  rate,
  sizes,
  sides,
  units,
  knots,
  bins,
  horizons,
}: HurdleState): (Float64Array | Float32Array)[] {
  return [rate, sizes, sides, units, knots, bins.subarray(horizons * SCORE_BINS)];
}
