import type { Calendar } from '../features/calendar.ts';
import { DAY_KINDS, type SpecialDay } from '../features/special-days.ts';

/**
 * What special days do to one series, learned bucket by bucket: how far a special bucket lies from an ordinary one is
 * regressed on two numbers, how far the last Sundays lie from it at that hour ("like a Sunday") and the ordinary
 * value itself ("so much less"). Ridge regression shrinks what few days have shown: an occasion (every 25 December)
 * towards its kind (holidays), a kind towards no effect.
 */

/** Sums kept per kind and per occasion: Σ like², Σ like·share, Σ share², Σ like·y, Σ share·y, all in levels. */
export const EFFECT_SUMS = 5;

/** Days of evidence at which what was seen and what is believed weigh the same. */
const BELIEF_DAYS = 1;

/** How many sums a series keeps under a calendar. */
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
  const prior = BELIEF_DAYS * perDay;
  const [kindLike, kindShare] = solve(sums, EFFECT_SUMS * kind, prior, 0, 0);
  const at = EFFECT_SUMS * (DAY_KINDS.length + occasion);
  const [ownLike, ownShare] = solve(sums, at, prior, kindLike, kindShare);
  return ownLike * like + ownShare * share;
}

/** Takes in how far a special bucket lay from an ordinary one. */
export function learnEffect(
  sums: Float64Array,
  { kind, occasion }: SpecialDay,
  like: number,
  share: number,
  distance: number,
): void {
  for (const at of [EFFECT_SUMS * kind, EFFECT_SUMS * (DAY_KINDS.length + occasion)]) {
    sums[at] = (sums[at] as number) + like * like;
    sums[at + 1] = (sums[at + 1] as number) + like * share;
    sums[at + 2] = (sums[at + 2] as number) + share * share;
    sums[at + 3] = (sums[at + 3] as number) + like * distance;
    sums[at + 4] = (sums[at + 4] as number) + share * distance;
  }
}

/** Both coefficients of the ridge regression that leans on believed ones. */
function solve(sums: Float64Array, at: number, belief: number, like: number, share: number): [number, number] {
  const a = (sums[at] as number) + belief;
  const b = sums[at + 1] as number;
  const c = (sums[at + 2] as number) + belief;
  const p = (sums[at + 3] as number) + belief * like;
  const q = (sums[at + 4] as number) + belief * share;
  const determinant = a * c - b * b;
  return [(c * p - b * q) / determinant, (a * q - b * p) / determinant];
}
