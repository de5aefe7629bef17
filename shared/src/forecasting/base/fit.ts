import type { Smoothing } from '../artifact.ts';
import { solveCholesky } from '../cholesky.ts';
import type { Calendar } from '../features/calendar.ts';
import { createRandom } from '../random.ts';
import { effectSums } from './effects.ts';
import {
  type BaseParameters,
  type BaseState,
  createBaseState,
  observeValue,
  RIDGE_INPUTS,
  ridgeInputs,
  WARM_UP_WEEKS,
} from './track.ts';

const CANDIDATES = 64;
const RIDGE_PENALTY = 0.01;
/** A series with trade in fewer buckets than this has no rhythm to learn: what is usual is nothing. */
export const RARE_TRADE = 0.03;
/** Used where a series is too short to choose: slow level, lively weekly season. */
export const DEFAULT_SMOOTHING: Smoothing = { level: 0.005, daily: 0.02, weekly: 0.15, carry: 0.3 };

/** Where the values of a series lie in time, and how far ahead they are forecast. */
export interface BaseTerms {
  /** Bucket of the first value. */
  readonly firstBucket: number;
  readonly calendar: Calendar;
  readonly horizons: number;
}

/**
 * The parameters of one series' base forecast, fitted to its training part.
 * @param values training part only, `NaN` where nothing is known.
 * @example
 * const parameters = fitBase(values.subarray(0, trained), { firstBucket, calendar, horizons: 12 }, 1);
 */
export function fitBase(values: Float64Array, terms: BaseTerms, seed: number): BaseParameters {
  const { firstBucket, calendar, horizons } = terms;
  const { perDay } = calendar;
  const perWeek = 7 * perDay;
  const filled = fillHoles(values, perWeek);
  const magnitude = mean(filled, 0, (i) => Math.abs(filled[i]!));
  const weekly = mean(filled, perWeek, (i) => Math.abs(filled[i]! - filled[i - perWeek]!));
  // A series that never changes still needs a unit that is not zero.
  const scale = Math.max(weekly, 1e-3 * magnitude, 1e-6);
  const levelFloor = Math.max(magnitude / 10, 1e-3 * scale, 1e-6);
  const none = new Float32Array(0);
  const trading = filled.reduce((n, value) => n + (value === 0 ? 0 : 1), 0) / Math.max(1, filled.length);
  if (trading < RARE_TRADE) {
    return { scale, levelFloor, base: 'nothing', smoothing: DEFAULT_SMOOTHING, ridge: none, effects: none };
  }
  const fixed = { scale, levelFloor, base: 'smoothed', ridge: none, effects: none } as const;
  const start = WARM_UP_WEEKS * perWeek;
  if (filled.length < start + 2 * perWeek) return { ...fixed, smoothing: DEFAULT_SMOOTHING };
  const smoothing = chooseSmoothing(
    ordinary(filled, firstBucket, calendar),
    { perDay, shifted: filled.map((_, i) => firstBucket + i + calendar.shift(firstBucket + i)) },
    horizons,
    seed,
  );
  const track = trackOf(filled, terms, { ...fixed, smoothing });
  return {
    ...fixed,
    smoothing,
    ridge: fitRidge(track, calendar, firstBucket + start, horizons),
    effects: Float32Array.from(track.effectSums),
  };
}

/** The values with holidays and events filled like holes. */
function ordinary(values: Float64Array, firstBucket: number, calendar: Calendar): Float64Array {
  if (calendar.occasions === 0) return values;
  const without = values.map((value, i) => (calendar.special(firstBucket + i)?.exceptional ? Number.NaN : value));
  return fillHoles(without, 7 * calendar.perDay);
}

/**
 * The state of the base forecast after a whole history.
 * @param values without holes, see `fillHoles`.
 * @example
 * const state = trackOf(fillHoles(values, 7 * calendar.perDay), { firstBucket, calendar, horizons: 12 }, parameters);
 */
export function trackOf(
  values: Float64Array,
  { firstBucket, calendar, horizons }: BaseTerms,
  parameters: BaseParameters,
): BaseState {
  const track = createBaseState({
    perDay: calendar.perDay,
    horizons,
    firstBucket,
    remembered: values.length,
    effectSums: effectSums(calendar),
  });
  for (const value of values) observeValue(track, calendar, parameters, value);
  return track;
}

/**
 * The values with each hole filled by the mean of up to four last same slots of the week, else the value before, else
 * 0.
 * @param values `NaN` where nothing is known.
 * @example
 * fillHoles(Float64Array.of(5, Number.NaN), 84); // [5, 5]
 */
export function fillHoles(values: Float64Array, perWeek: number): Float64Array {
  const filled = Float64Array.from(values);
  for (let i = 0; i < filled.length; i++) {
    if (Number.isFinite(filled[i])) continue;
    let sum = 0;
    let n = 0;
    for (let k = i - perWeek; k >= 0 && n < 4; k -= perWeek, n++) sum += filled[k]!;
    filled[i] = n > 0 ? sum / n : (filled[i - 1] ?? 0);
  }
  return filled;
}

/** Buckets as the local clock numbers them. */
interface LocalGrid {
  readonly perDay: number;
  readonly shifted: Float64Array;
}

/** Random search over smoothing parameters by mean absolute error one bucket and `horizons` buckets ahead. */
function chooseSmoothing(values: Float64Array, grid: LocalGrid, horizons: number, seed: number): Smoothing {
  const random = createRandom(seed);
  const logUniform = (from: number, to: number) => from * (to / from) ** random.uniform();
  let best = DEFAULT_SMOOTHING;
  let bestError = Number.POSITIVE_INFINITY;
  for (let k = 0; k < CANDIDATES; k++) {
    const candidate = {
      level: logUniform(0.0005, 0.05),
      daily: logUniform(0.0005, 0.3),
      weekly: 0.02 + 0.38 * random.uniform(),
      carry: 0.95 * random.uniform(),
    };
    const error = smoothingError(values, grid, horizons, candidate);
    if (error < bestError) {
      best = candidate;
      bestError = error;
    }
  }
  return best;
}

/** Mean |error| at the first plus at the last horizon, over everything after the warm-up. */
function smoothingError(
  values: Float64Array,
  { perDay, shifted }: LocalGrid,
  horizons: number,
  smoothing: Smoothing,
): number {
  const perWeek = 7 * perDay;
  const start = WARM_UP_WEEKS * perWeek;
  const daily = new Float64Array(perDay);
  const weekly = new Float64Array(perWeek);
  let level = 0;
  for (let i = 0; i < start; i++) level += values[i]! / start;
  const dayOf = (i: number) => shifted[i]! % perDay;
  const weekOf = (i: number) => shifted[i]! % perWeek;
  for (let i = 0; i < start; i++) {
    daily[dayOf(i)] = daily[dayOf(i)]! + ((values[i]! - level) * perDay) / start;
  }
  for (let i = 0; i < start; i++) {
    const rest = values[i]! - level - daily[dayOf(i)]!;
    weekly[weekOf(i)] = weekly[weekOf(i)]! + (rest * perWeek) / start;
  }
  const farCarry = smoothing.carry ** horizons;
  let carried = 0;
  let sum = 0;
  for (let i = start; i < values.length; i++) {
    const day = dayOf(i);
    const week = weekOf(i);
    const plain = values[i]! - (level + daily[day]! + weekly[week]!);
    const error = plain - smoothing.carry * carried;
    sum += Math.abs(error);
    level += smoothing.level * error;
    daily[day] = daily[day]! + smoothing.daily * error;
    weekly[week] = weekly[week]! + smoothing.weekly * error;
    carried = plain;
    const far = i + horizons;
    if (far < values.length) {
      const season = daily[dayOf(far)]! + weekly[weekOf(far)]!;
      sum += Math.abs(values[far]! - (level + season + farCarry * carried));
    }
  }
  return sum;
}

/** One ridge regression per horizon on the excess over the same-slot mean; penalty .01·trace/p. */
function fitRidge(track: BaseState, calendar: Calendar, firstOrigin: number, horizons: number): Float32Array {
  const p = RIDGE_INPUTS;
  const coefficients = new Float32Array(horizons * p);
  const x = new Float64Array(p);
  const trackFirst = track.origin - track.count + 1;
  for (let h = 1; h <= horizons; h++) {
    const gram = new Float64Array(p * p);
    const right = new Float64Array(p);
    for (let origin = firstOrigin; origin + h <= track.origin; origin++) {
      if (calendar.special(origin + h)?.exceptional) continue;
      ridgeInputs(track, calendar, origin, origin - trackFirst + 1, h, x);
      const y = track.excess[(origin + h) & track.mask]!;
      for (let i = 0; i < p; i++) {
        const xi = x[i]!;
        right[i] = right[i]! + xi * y;
        for (let j = 0; j <= i; j++) gram[i * p + j] = gram[i * p + j]! + xi * x[j]!;
      }
    }
    let trace = 0;
    for (let i = 0; i < p; i++) trace += gram[i * p + i]!;
    const penalty = Math.max((RIDGE_PENALTY * trace) / p, 1e-9);
    for (let i = 0; i < p; i++) gram[i * p + i] = gram[i * p + i]! + penalty;
    coefficients.set(solveCholesky(gram, right, p), (h - 1) * p);
  }
  return coefficients;
}

function mean(values: Float64Array, from: number, of: (index: number) => number): number {
  let sum = 0;
  for (let i = from; i < values.length; i++) sum += of(i);
  return values.length > from ? sum / (values.length - from) : 0;
}
