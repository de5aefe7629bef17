import type { BaseState } from '../base/track.ts';
import { sameSlotMean } from '../base/track.ts';
import type { Calendar } from './calendar.ts';
import { DAY_KINDS } from './special-days.ts';

/** Inputs per lookback step: value, residual, sine and cosine of the hour of day and of the day of week. */
export const SEQUENCE_FEATURES = 6;

/** Numbers per target that do not depend on the length of the day; see `writeTarget`. */
const TARGET_NUMBERS = 14;

/** Inputs are limited to this many levels, so that a spike in a quiet series does not dominate. */
const LIMIT = 20;

/**
 * Number of inputs per target: the numbers, one-hot slot of the day, day of the week and horizon, and the special day.
 * @example
 * targetFeatures(12, 12); // 52
 */
export function targetFeatures(perDay: number, horizons: number): number {
  return TARGET_NUMBERS + perDay + 7 + horizons + DAY_KINDS.length + 1;
}

/**
 * Writes the lookback seen from `origin`: [steps, SEQUENCE_FEATURES], oldest first. Reads nothing after `origin`.
 * Volumes are divided by the level at the origin; before the first bucket they are 0.
 * @example
 * writeSequence(state, calendar, state.origin, lookback, sequence, 0);
 */
export function writeSequence(
  track: BaseState,
  calendar: Calendar,
  origin: number,
  steps: number,
  out: Float32Array,
  at: number,
): void {
  const { values, residuals, mask, issuedMask, perDay } = track;
  const level = track.levels[origin & issuedMask]!;
  const first = track.origin - track.count + 1;
  let k = at;
  for (let bucket = origin - steps + 1; bucket <= origin; bucket++) {
    const slot = calendar.slotOfWeek(bucket);
    const hour = (2 * Math.PI * (slot % perDay)) / perDay;
    const day = (2 * Math.PI * slot) / (7 * perDay);
    const known = bucket >= first;
    out[k++] = known ? limited(values[bucket & mask]! / level) : 0;
    out[k++] = known ? limited(residuals[bucket & mask]! / level) : 0;
    out[k++] = Math.sin(hour);
    out[k++] = Math.cos(hour);
    out[k++] = Math.sin(day);
    out[k++] = Math.cos(day);
  }
}

/**
 * Writes the inputs at `origin` of each target `origin + h`: [horizons, targetFeatures]. Reads nothing after
 * `origin`. In levels: value one and two weeks before, same-slot mean and weighted mean, all less the base forecast;
 * base forecast; spread; residuals one and two days before the target; last residual and its means over 12 and 36
 * buckets; last residual fading fast and slowly with the horizon. Then h ÷ horizons and the one-hots. Where the target
 * is a special day, its kind, and what it adds to the base forecast; else 0.
 * @example
 * writeTarget(state, calendar, state.origin, target, 0);
 */
export function writeTarget(track: BaseState, calendar: Calendar, origin: number, out: Float32Array, at: number): void {
  const { values, residuals, mask, issuedMask, horizons, perDay, perWeek } = track;
  const width = targetFeatures(perDay, horizons);
  const level = track.levels[origin & issuedMask]!;
  const count = track.count - (track.origin - origin);
  const first = origin - count + 1;
  const row = (origin & issuedMask) * horizons;
  const valueAt = (bucket: number, otherwise: number) => (bucket >= first ? values[bucket & mask]! : otherwise);
  const residualAt = (bucket: number) => (bucket >= first ? residuals[bucket & mask]! : 0);
  const last = residualAt(origin);
  let shortMean = 0;
  let longMean = 0;
  for (let k = 0; k < 36; k++) {
    const residual = residualAt(origin - k);
    if (k < 12) shortMean += residual / 12;
    longMean += residual / 36;
  }
  out.fill(0, at, at + horizons * width);
  for (let h = 1; h <= horizons; h++) {
    const target = origin + h;
    const effect = track.effect[row + h - 1]!;
    // The base forecast of an ordinary day, as are the values it is compared with.
    const base = track.base[row + h - 1]! - effect;
    const slot = calendar.slotOfWeek(target);
    let k = at + (h - 1) * width;
    const put = (volume: number) => {
      out[k++] = limited(volume / level);
    };
    put(valueAt(calendar.earlier(target, perWeek), base) - base);
    put(valueAt(calendar.earlier(target, 2 * perWeek), base) - base);
    put(sameSlotMean(track, calendar, target, origin, count) - base);
    put(track.slotMean[row + h - 1]! - base);
    put(base);
    put(track.spread[row + h - 1]!);
    put(target - perDay <= origin ? residualAt(target - perDay) : 0);
    put(residualAt(target - 2 * perDay));
    put(last);
    put(shortMean);
    put(longMean);
    put(last * Math.exp(1 - h));
    put(last * Math.exp((1 - h) / 3));
    out[k++] = h / horizons;
    out[k + (slot % perDay)] = 1;
    out[k + perDay + Math.floor(slot / perDay)] = 1;
    out[k + perDay + 7 + h - 1] = 1;
    const day = calendar.special(target);
    if (day === undefined) continue;
    k += perDay + 7 + horizons;
    out[k + day.kind] = 1;
    k += DAY_KINDS.length;
    put(effect);
  }
}

function limited(x: number): number {
  return Math.min(LIMIT, Math.max(-LIMIT, x));
}
