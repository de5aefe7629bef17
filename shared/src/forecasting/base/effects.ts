import type { Calendar } from '../features/calendar.ts';
import { DAY_KINDS, type SpecialDay } from '../features/special-days.ts';

/**
 * Effects of special days on one series, fitted bucket by bucket: the difference between a special bucket and an ordinary
 * one is regressed on the difference of the last Sundays at that hour (`like`) and on the ordinary value (`share`). Ridge
 * regression shrinks an occasion (every 25 December) towards its kind (holidays), and a kind towards no effect.
 */

/** Sums kept per kind and per occasion: Σ like², Σ like·share, Σ share², Σ like·y, Σ share·y, all in levels. */
export const EFFECT_SUMS = 5;

/** Weight of the prior, in days of data. */
const PRIOR_DAYS = 1;

/** Number of sums a series keeps under a calendar. */
export function effectSums(calendar: Calendar): number {
  return calendar.occasions === 0 ? 0 : EFFECT_SUMS * (DAY_KINDS.length + calendar.occasions);
}

/**
 * Expected distance of a special bucket from an ordinary one, in levels.
 * @param like mean of the last Sundays at that hour less the ordinary value, in levels.
 * @param share the ordinary value, in levels.
 */
export function expectedEffect(
  sums: Float64Array,
  { kind, occasion }: SpecialDay,
  like: number,
  share: number,
  perDay: number,
): number {
  const prior = PRIOR_DAYS * perDay;
  const [kindLike, kindShare] = solve(sums, EFFECT_SUMS * kind, prior, 0, 0);
  const at = EFFECT_SUMS * (DAY_KINDS.length + occasion);
  const [ownLike, ownShare] = solve(sums, at, prior, kindLike, kindShare);
  return ownLike * like + ownShare * share;
}

/**
 * Probability that an occasion which the series has never met does nothing to it, whatever others of its kind did: by the
 * rule of succession 1 ÷ (n + 2) after n days of the kind, 0 once the occasion itself was met.
 */
export function indifference(sums: Float64Array, { kind, occasion }: SpecialDay, perDay: number): number {
  const own = EFFECT_SUMS * (DAY_KINDS.length + occasion);
  if (sums[own]! + sums[own + 2]! > 0) return 0;
  return 1 / (sums[EFFECT_SUMS * kind + 2]! / perDay + 2);
}

/** Adds the difference of a special bucket from an ordinary one to the sums. */
export function learnEffect(
  sums: Float64Array,
  { kind, occasion }: SpecialDay,
  like: number,
  share: number,
  distance: number,
): void {
  for (const at of [EFFECT_SUMS * kind, EFFECT_SUMS * (DAY_KINDS.length + occasion)]) {
    sums[at] = sums[at]! + like * like;
    sums[at + 1] = sums[at + 1]! + like * share;
    sums[at + 2] = sums[at + 2]! + share * share;
    sums[at + 3] = sums[at + 3]! + like * distance;
    sums[at + 4] = sums[at + 4]! + share * distance;
  }
}

/** Both coefficients of the ridge regression with a prior of weight `prior` at (`like`, `share`). */
function solve(sums: Float64Array, at: number, prior: number, like: number, share: number): [number, number] {
  const a = sums[at]! + prior;
  const b = sums[at + 1]!;
  const c = sums[at + 2]! + prior;
  const p = sums[at + 3]! + prior * like;
  const q = sums[at + 4]! + prior * share;
  const determinant = a * c - b * b;
  return [(c * p - b * q) / determinant, (a * q - b * p) / determinant];
}
