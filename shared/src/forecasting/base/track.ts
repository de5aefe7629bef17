import type { SeriesModel, Smoothing } from '../artifact.ts';
import type { Calendar } from '../features/calendar.ts';
import type { SpecialDay } from '../features/special-days.ts';
import { expectedEffect, learnEffect } from './effects.ts';

/** Weeks of observed buckets before smoothing starts; until then same-slot means serve. */
export const WARM_UP_WEEKS = 2;

/** Inputs of the ridge autoregression: 14 last excesses, their weekly mean, two same slots, one constant. */
export const RIDGE_INPUTS = 18;
const RIDGE_LAGS = 14;

/** Share by which weekly averages move each week. */
const WEEKLY_RATE = 0.25;
/** Weeks over which the level is the mean. */
const LEVEL_WEEKS = 4;
const SAME_SLOTS = 4;

/** What the base forecast needs to know of a series. */
export type BaseParameters = Pick<SeriesModel, 'scale' | 'levelFloor' | 'base' | 'smoothing' | 'ridge' | 'effects'> & {
  /** Last bucket whose effect is in `effects` already; absent: the track learns them from its first bucket on. */
  readonly trainedThrough?: number;
};

/**
 * The base forecast of one series and everything features look at, advanced bucket by bucket in O(1).
 *
 * Half additive double-seasonal exponential smoothing (Taylor 2003: level, daily and weekly season, carried error),
 * half a ridge autoregression on the excess over the mean of the last four same slots of the week. The spread is an
 * exponentially weighted mean of |actual − base forecast| at the same slot of the week, per horizon.
 *
 * Special days move the base forecast by what they have done to this series so far (`effects.ts`). What enters the
 * memory is the value without that; of holidays and events, which say nothing about an ordinary week, it is the mean of
 * the same slots, so that they do not bend the following weeks.
 *
 * Past values lie in rings indexed by `bucket & mask`; what was issued at an origin lies in rows
 * `(origin & issuedMask) · horizons + h − 1`. A trainer asks for rings as long as the history and so may look at any
 * origin; serving keeps the last weeks only. Whatever is read for an origin was written at or before it.
 */
export interface BaseState {
  readonly perDay: number;
  readonly perWeek: number;
  readonly horizons: number;
  readonly mask: number;
  readonly issuedMask: number;
  /** Last bucket observed. */
  origin: number;
  /** Buckets observed. */
  count: number;
  /** [mask + 1]: actuals, holes filled, alarms cleaned, effects of special days taken off. */
  readonly values: Float64Array;
  /** [mask + 1]: actual − mean of same slots. */
  readonly excess: Float64Array;
  /** [mask + 1]: actual − base forecast one bucket before. */
  readonly residuals: Float64Array;
  /** [issuedMask + 1, horizons]: base forecasts. */
  readonly base: Float64Array;
  /** [issuedMask + 1, horizons]: what a special day adds to that base forecast; 0 on ordinary days. */
  readonly effect: Float64Array;
  /** [issuedMask + 1, horizons]: expected |actual − base forecast|. */
  readonly spread: Float64Array;
  /** [issuedMask + 1, horizons]: weighted mean of the target's slot of the week. */
  readonly slotMean: Float64Array;
  /** [issuedMask + 1]: mean |value| of the last four weeks, floored: the divisor of inputs. */
  readonly levels: Float64Array;
  /** Smoothing: [level, carried error, 0, 0], daily season [perDay], weekly season [perWeek]. */
  readonly smoothed: Float64Array;
  readonly daily: Float64Array;
  readonly weekly: Float64Array;
  /** [perWeek]: weighted mean per slot of the week. */
  readonly slotMeans: Float64Array;
  /** [perWeek, horizons]: weighted mean |error| per slot of the week. */
  readonly spreads: Float64Array;
  /** What special days did so far; see `effects.ts`. Empty without a calendar. */
  readonly effectSums: Float64Array;
}

/** Smallest power of two ≥ n. */
export function powerOfTwo(n: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, n)));
}

/** Where a base state begins, and how much it keeps. */
export interface BaseStateShape {
  readonly perDay: number;
  readonly horizons: number;
  readonly firstBucket: number;
  /** Buckets and origins to keep at least, in shared memory; what serving needs unless given. */
  readonly remembered?: number;
  /** Numbers to keep about special days, see `effectSums`; none unless given. */
  readonly effectSums?: number;
}

/** An empty track just before its first bucket. */
export function createBaseState(shape: BaseStateShape): BaseState {
  const { perDay, horizons, firstBucket, remembered = 0, effectSums = 0 } = shape;
  const perWeek = 7 * perDay;
  const size = powerOfTwo(Math.max(remembered, SAME_SLOTS * perWeek + horizons));
  const issued = powerOfTwo(Math.max(remembered, horizons + 1));
  // A trainer's tracks are read by several threads. A web page that is not isolated has none, and no memory to share.
  const shared = remembered > 0 && typeof SharedArrayBuffer !== 'undefined';
  const floats = (n: number) => new Float64Array(shared ? new SharedArrayBuffer(8 * n) : new ArrayBuffer(8 * n));
  return {
    perDay,
    perWeek,
    horizons,
    mask: size - 1,
    issuedMask: issued - 1,
    origin: firstBucket - 1,
    count: 0,
    values: floats(size),
    excess: floats(size),
    residuals: floats(size),
    base: floats(issued * horizons),
    effect: floats(issued * horizons),
    spread: floats(issued * horizons),
    slotMean: floats(issued * horizons),
    levels: floats(issued),
    smoothed: floats(2),
    daily: floats(perDay),
    weekly: floats(perWeek),
    slotMeans: floats(perWeek),
    spreads: floats(perWeek * horizons),
    effectSums: floats(effectSums),
  };
}

/**
 * Mean of up to four last same slots of the week before `target`, seen from `origin` with `count` buckets observed;
 * in the first week the mean of the same slots of the day, on the first day the last value.
 */
export function sameSlotMean(
  track: BaseState,
  calendar: Calendar,
  target: number,
  origin: number,
  count: number,
): number {
  const { values, mask, perWeek, perDay } = track;
  const first = origin - count + 1;
  let sum = 0;
  let n = 0;
  for (let lag = perWeek; n < SAME_SLOTS; lag += perWeek) {
    const bucket = calendar.earlier(target, lag);
    if (bucket < first) break;
    sum += values[bucket & mask]!;
    n++;
  }
  if (n > 0) return sum / n;
  for (let lag = perDay; ; lag += perDay) {
    const bucket = calendar.earlier(target, lag);
    if (bucket < first) break;
    if (bucket > origin) continue;
    sum += values[bucket & mask]!;
    n++;
  }
  if (n > 0) return sum / n;
  return count > 0 ? values[origin & mask]! : 0;
}

/**
 * Mean of the last Sundays at the hour of `target`, seen from `origin` with `count` buckets observed; what a holiday is
 * often like.
 */
export function sundayMean(
  track: BaseState,
  calendar: Calendar,
  target: number,
  origin: number,
  count: number,
): number {
  const back = 1 + Math.floor(calendar.slotOfWeek(target) / track.perDay);
  return sameSlotMean(track, calendar, target - back * track.perDay + track.perWeek, origin, count);
}

/** How far a special target should lie from an ordinary one, seen from `origin`; 0 while the series is young. */
function effectAt(track: BaseState, calendar: Calendar, day: SpecialDay, target: number): number {
  const { origin, count, perDay, perWeek } = track;
  if (count < WARM_UP_WEEKS * perWeek) return 0;
  const level = track.levels[origin & track.issuedMask]!;
  const ordinary = sameSlotMean(track, calendar, target, origin, count);
  const like = sundayMean(track, calendar, target, origin, count) - ordinary;
  return level * expectedEffect(track.effectSums, day, like / level, ordinary / level, perDay);
}

function learnEffectAt(track: BaseState, calendar: Calendar, day: SpecialDay, target: number, value: number): void {
  const { origin, count, perWeek } = track;
  if (count < WARM_UP_WEEKS * perWeek) return;
  const level = track.levels[origin & track.issuedMask]!;
  const ordinary = sameSlotMean(track, calendar, target, origin, count);
  const like = sundayMean(track, calendar, target, origin, count) - ordinary;
  learnEffect(track.effectSums, day, like / level, ordinary / level, (value - ordinary) / level);
}

/** A bucket's slot of the day or of the week by the local clock, numbered from an arbitrary one. */
function slotIn(calendar: Calendar, bucket: number, slots: number): number {
  return (bucket + calendar.shift(bucket)) % slots;
}

/** What is special about a bucket, for a base forecast that uses it. */
function specialOf(calendar: Calendar, { base }: BaseParameters, bucket: number): SpecialDay | undefined {
  return base === 'smoothed' ? calendar.special(bucket) : undefined;
}

/**
 * Takes the next bucket's value in (finite: the caller fills holes) and issues the base forecasts from there.
 * @param actual what effects are learned from, where `value` is not what happened: a first Christmas looks like an
 * incident and is cleaned, but the next one should be known. `NaN`: unknown.
 */
export function observeValue(
  track: BaseState,
  calendar: Calendar,
  parameters: BaseParameters,
  value: number,
  actual: number = value,
): void {
  const { horizons, perWeek, mask, issuedMask } = track;
  const bucket = track.origin + 1;
  const slot = slotIn(calendar, bucket, perWeek);
  const day = specialOf(calendar, parameters, bucket);
  const exceptional = day?.exceptional === true && track.count >= perWeek;
  const sameSlots = sameSlotMean(track, calendar, bucket, track.origin, track.count);
  const issuedBefore = track.count > 0 ? track.base[(track.origin & issuedMask) * horizons]! : sameSlots;

  const plain = day ? value - effectAt(track, calendar, day, bucket) : value;
  const remembered = exceptional ? sameSlots : plain;
  if (day && bucket > (parameters.trainedThrough ?? Number.NEGATIVE_INFINITY) && Number.isFinite(actual)) {
    learnEffectAt(track, calendar, day, bucket, actual);
  }

  for (let h = 1; h <= horizons && h <= track.count && !exceptional; h++) {
    const issued = track.base[((bucket - h) & issuedMask) * horizons + h - 1]!;
    const at = slot * horizons + h - 1;
    const known = track.spreads[at]!;
    const miss = Math.abs(value - issued);
    track.spreads[at] = track.count < WARM_UP_WEEKS * perWeek ? miss : known + WEEKLY_RATE * (miss - known);
  }
  const slotMean = track.slotMeans[slot]!;
  track.slotMeans[slot] = track.count < perWeek ? remembered : slotMean + WEEKLY_RATE * (remembered - slotMean);
  if (track.count >= WARM_UP_WEEKS * perWeek) smooth(track, calendar, parameters.smoothing, plain, bucket, exceptional);

  track.values[bucket & mask] = remembered;
  track.excess[bucket & mask] = plain - sameSlots;
  track.residuals[bucket & mask] = value - issuedBefore;
  track.origin = bucket;
  track.count++;
  if (track.count === WARM_UP_WEEKS * perWeek) beginSmoothing(track, calendar);
  track.levels[bucket & issuedMask] = Math.max(parameters.levelFloor, meanMagnitude(track, LEVEL_WEEKS * perWeek));
  issue(track, calendar, parameters);
}

function smooth(
  track: BaseState,
  calendar: Calendar,
  smoothing: Smoothing,
  value: number,
  bucket: number,
  exceptional: boolean,
): void {
  const { smoothed, daily, weekly } = track;
  const day = slotIn(calendar, bucket, track.perDay);
  const week = slotIn(calendar, bucket, track.perWeek);
  const level = smoothed[0]!;
  const inDay = daily[day]!;
  const inWeek = weekly[week]!;
  const plain = value - (level + inDay + inWeek);
  const error = exceptional ? 0 : plain - smoothing.carry * smoothed[1]!;
  smoothed[0] = level + smoothing.level * error;
  daily[day] = inDay + smoothing.daily * error;
  weekly[week] = inWeek + smoothing.weekly * error;
  smoothed[1] = plain;
}

/** Level and seasons from the warm-up weeks: overall mean, mean per slot of day, mean per slot of week. */
function beginSmoothing(track: BaseState, calendar: Calendar): void {
  const { values, mask, perDay, perWeek, horizons, daily, weekly, smoothed, spreads } = track;
  const n = WARM_UP_WEEKS * perWeek;
  const from = track.origin - n + 1;
  const at = (bucket: number) => values[bucket & mask]!;
  let level = 0;
  for (let b = from; b <= track.origin; b++) level += at(b) / n;
  daily.fill(0);
  weekly.fill(0);
  for (let b = from; b <= track.origin; b++) {
    const day = slotIn(calendar, b, perDay);
    daily[day] = daily[day]! + ((at(b) - level) * perDay) / n;
  }
  for (let b = from; b <= track.origin; b++) {
    const rest = at(b) - level - daily[slotIn(calendar, b, perDay)]!;
    const week = slotIn(calendar, b, perWeek);
    weekly[week] = weekly[week]! + (rest * perWeek) / n;
  }
  smoothed[0] = level;
  smoothed[1] = 0;
  // One week's errors per slot are few: start half way to their mean.
  for (let h = 0; h < horizons; h++) {
    let mean = 0;
    for (let slot = 0; slot < perWeek; slot++) mean += spreads[slot * horizons + h]! / perWeek;
    for (let slot = 0; slot < perWeek; slot++) {
      const k = slot * horizons + h;
      spreads[k] = (spreads[k]! + mean) / 2;
    }
  }
}

function issue(track: BaseState, calendar: Calendar, parameters: BaseParameters): void {
  const { base, ridge, smoothing } = parameters;
  const { origin, count, horizons, perDay, perWeek, issuedMask } = track;
  const row = (origin & issuedMask) * horizons;
  let carry = 1;
  for (let h = 1; h <= horizons; h++) {
    carry *= smoothing.carry;
    const target = origin + h;
    const slot = slotIn(calendar, target, perWeek);
    let forecast = sameSlotMean(track, calendar, target, origin, count);
    if (base === 'nothing') forecast = 0;
    if (base === 'smoothed' && count >= WARM_UP_WEEKS * perWeek) {
      const season = track.daily[slotIn(calendar, target, perDay)]! + track.weekly[slot]!;
      const smoothed = track.smoothed[0]! + season + carry * track.smoothed[1]!;
      if (ridge.length > 0) {
        ridgeInputs(track, calendar, origin, count, h, inputs);
        for (let k = 0; k < RIDGE_INPUTS; k++) {
          forecast += ridge[(h - 1) * RIDGE_INPUTS + k]! * inputs[k]!;
        }
      }
      forecast = (smoothed + forecast) / 2;
    }
    const day = specialOf(calendar, parameters, target);
    const effect = day ? effectAt(track, calendar, day, target) : 0;
    track.base[row + h - 1] = forecast + effect;
    track.effect[row + h - 1] = effect;
    track.spread[row + h - 1] = track.spreads[slot * horizons + h - 1]!;
    track.slotMean[row + h - 1] = count >= perWeek ? track.slotMeans[slot]! : forecast;
  }
}

const inputs = new Float64Array(RIDGE_INPUTS);

/** Writes the ridge inputs for one origin and horizon, seen with `count` buckets observed; see `RIDGE_INPUTS`. */
export function ridgeInputs(
  track: BaseState,
  calendar: Calendar,
  origin: number,
  count: number,
  h: number,
  out: Float64Array,
): void {
  const { excess, values, mask, perWeek } = track;
  const target = origin + h;
  const sameSlots = sameSlotMean(track, calendar, target, origin, count);
  let weekExcess = 0;
  for (let k = 0; k < perWeek; k++) weekExcess += excess[(origin - k) & mask]! / perWeek;
  for (let k = 0; k < RIDGE_LAGS; k++) out[k] = excess[(origin - k) & mask]!;
  out[14] = weekExcess;
  out[15] = values[calendar.earlier(target, perWeek) & mask]! - sameSlots;
  out[16] = values[calendar.earlier(target, 2 * perWeek) & mask]! - sameSlots;
  out[17] = 1;
}

function meanMagnitude(track: BaseState, window: number): number {
  const n = Math.min(window, track.count);
  let sum = 0;
  for (let k = 0; k < n; k++) sum += Math.abs(track.values[(track.origin - k) & track.mask]!);
  return sum / n;
}
