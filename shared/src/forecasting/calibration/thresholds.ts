import type { ForecasterState } from '../forecaster/state.ts';
import { decodeScore, SCORES } from './calibrate.ts';
import { FAN_COVERAGES } from './fan.ts';
import { QUANTILE_FORECASTS, type QuantileForecast } from './quantile-forecast.ts';
import { SCORE_BINS, scoresAtShares } from './score-histogram.ts';
import { thresholdsAt } from './scores.ts';
import { ageOf, codeOf, keyOf, sortByCode } from './sort-codes.ts';

/**
 * After so many newer ones a score counts half. A number of samples, not a duration: it leaves an effective 485, which a
 * limit of 99.5 % coverage needs.
 */
const HALF_LIFE = 336;

/** Two-sided normal scores of `FAN_COVERAGES`: where an uncalibrated band of that coverage ends. */
const NOMINAL = [1.2816, 1.6449, 1.96, 2.3263, 2.5758, 2.807, 3.2905];

/** [SCORES]: the weight of a score by its age, 1 for the newest. */
const WEIGHTS = Float64Array.from({ length: SCORES }, (_, age) => 2 ** (-age / HALF_LIFE));
/** [SCORES + 1]: the sum of the weights of the newest scores, by their number. */
const TOGETHER = new Float64Array(SCORES + 1);
for (const [age, weight] of WEIGHTS.entries()) TOGETHER[age + 1] = TOGETHER[age]! + weight;

const nominalScore = (share: number) => NOMINAL[(FAN_COVERAGES as readonly number[]).indexOf(share)]!;

const keys = new Uint32Array(SCORES);

/**
 * One horizon's scores as keys of code and age, in rising order; age 0 is the newest. The array is lent: the next call
 * writes over it.
 */
export function risingScores({ scores, scoreCounts, scoreHeads }: ForecasterState, h: number): Uint32Array {
  const n = scoreCounts[h - 1]!;
  const ring = (h - 1) * SCORES;
  const newest = scoreHeads[h - 1]! + SCORES - 1;
  const rising = keys.subarray(0, n);
  for (let age = 0; age < n; age++) {
    rising[age] = keyOf(scores[ring + ((newest - age) % SCORES)]!, age);
  }
  sortByCode(rising);
  return rising;
}

/**
 * Codes that these shares of all scores do not exceed, where a score counts the less the older it is.
 * @param rising as `risingScores` lends them.
 * @param shares in rising order, in [0, 1].
 * @param beside what counts beside the scores, as larger than all of them: 1 for the one to come.
 * @returns how many of the shares the scores reach; so many codes are written to `out`.
 */
export function weightedCodes(rising: Uint32Array, shares: ArrayLike<number>, beside: 0 | 1, out: Uint16Array): number {
  const total = TOGETHER[rising.length]! + beside;
  let reached = 0;
  let weight = 0;
  for (let k = 0; k < rising.length && reached < shares.length; k++) {
    const key = rising[k]!;
    weight += WEIGHTS[ageOf(key)]!;
    while (reached < shares.length && weight >= shares[reached]! * total - 1e-9) out[reached++] = codeOf(key);
  }
  return reached;
}

/**
 * Takes the thresholds of one horizon from its scores: at each of `FAN_COVERAGES` the smallest t that this share of
 * them does not exceed, the one to come counted as the largest (conformal prediction with fixed weights: Barber,
 * Candès, Ramdas & Tibshirani, "Conformal prediction beyond exchangeability", 2023). A coverage that they do not reach
 * has the largest of them, but no less than nominal. So for the forecast that is calibrated with all its scores; the
 * others' come from the histograms of theirs.
 */
export function updateThresholds(state: ForecasterState, h: number): void {
  for (let k = 0; k < QUANTILE_FORECASTS; k++) {
    const by = k as QuantileForecast;
    if (by === state.calibrated) continue;
    const at = (by * state.base.horizons + h - 1) * SCORE_BINS;
    const taken = scoresAtShares(state.scoreBins, at, FAN_COVERAGES, (share) => nominalScore(share));
    state.thresholds.set(taken, thresholdsAt(state, by, h));
  }
  const at = thresholdsAt(state, state.calibrated, h);
  const rising = risingScores(state, h);
  const reached = weightedCodes(rising, FAN_COVERAGES, 1, codes);
  const largest = rising.length === 0 ? 0 : decodeScore(codeOf(rising[rising.length - 1]!));
  for (let c = 0; c < FAN_COVERAGES.length; c++) {
    state.thresholds[at + c] = c < reached ? decodeScore(codes[c]!) : Math.max(largest, NOMINAL[c]!);
  }
}

const codes = new Uint16Array(FAN_COVERAGES.length);
