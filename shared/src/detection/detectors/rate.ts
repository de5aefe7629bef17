import type { Evidence, Finding } from './detector.ts';
import { fewerSuccessesTail } from './tails.ts';

/** Buckets that windows of rates and means reach back at most. */
export const RATE_RING = 12;
const RATE_HOURS = [2, 4, 6, 8, 12];

/** The lengths of those windows in buckets, half a day at most: each once, by rising length. */
export function rateWindows(perWeek: number): readonly number[] {
  const lengths = RATE_HOURS.map((hours) => Math.max(1, Math.min(RATE_RING, Math.round((hours * perWeek) / 168))));
  return [...new Set(lengths)];
}
const HALF_LIFE_WEEKS = 4;
/** Share of the usual rate below which a trouble cannot get far worse. */
const BAD = 0.3;
/** What correlation of chances within a bucket is believed to be, and the standard error of that belief. */
const PRIOR_RHO = 0.002;
const PRIOR_RHO_ERROR = 0.002;
/** Trials that must be known before a rate says anything. */
const LEAST_KNOWN = 60;

/** A share of trials that succeed: what it usually is, and the newest buckets. */
export interface RateState {
  trials: number;
  successes: number;
  rhoSum: number;
  rhoWeight: number;
  /** [12] each, by `bucket mod 12`. */
  readonly ringTrials: Float64Array;
  readonly ringSuccesses: Float64Array;
}

/** A state that has seen nothing. */
export function startRate(): RateState {
  const ring = () => new Float64Array(RATE_RING);
  return { trials: 0, successes: 0, rhoSum: 0, rhoWeight: 0, ringTrials: ring(), ringSuccesses: ring() };
}

/** Where a bucket lies in rings of `RATE_RING`. */
export const rateSlot = (bucket: number) => ((bucket % RATE_RING) + RATE_RING) % RATE_RING;

/** Writes the newest bucket's trials and successes over the oldest. */
export function putRate(state: RateState, bucket: number, trials: number, successes: number): void {
  state.ringTrials[rateSlot(bucket)] = trials;
  state.ringSuccesses[rateSlot(bucket)] = successes;
}

/** The usual share, a little drawn in from 0 and 1; 0.5 of nothing. */
export function usualRate({ trials, successes }: RateState): number {
  return (successes + 0.5) / (trials + 1);
}

/** Whether enough trials are known for the share to say anything. */
export function knowsRate({ trials }: RateState): boolean {
  return trials >= LEAST_KNOWN;
}

/** Correlation within a bucket as it is believed now. */
function rhoOf({ rhoSum, rhoWeight }: RateState): number {
  const prior = 1 / PRIOR_RHO_ERROR ** 2;
  return Math.max(0.0002, (rhoSum + prior * PRIOR_RHO) / (rhoWeight + prior));
}

/** −ln of how likely so few successes among so many trials are, with what is not known of the usual share. */
export function rateTail(state: RateState, trials: number, successes: number): number {
  const rate = usualRate(state);
  return successes >= rate * trials
    ? 0
    : fewerSuccessesTail(successes, trials, rate, rhoOf(state) + 1 / (state.trials + 1));
}

/** Standing evidence, or that of the newest bucket alone where its share is far below what stood before. */
export function worsenedRate(state: RateState, bucket: number, before: Evidence, now: Evidence): Evidence {
  const trials = state.ringTrials[rateSlot(bucket)]!;
  const successes = state.ringSuccesses[rateSlot(bucket)]!;
  if (trials < 4 || before.observed < BAD * before.expected || successes >= before.observed * trials) return now;
  const strength = fewerSuccessesTail(successes, trials, before.observed, rhoOf(state));
  if (strength < now.threshold) return now;
  return {
    ...now,
    strength: Math.max(now.strength, strength),
    start: bucket,
    buckets: 1,
    observed: successes / trials,
    worse: true,
  };
}

/** Learns from a calm bucket. */
export function learnRate(state: RateState, trials: number, successes: number, perWeek: number): void {
  const rate = usualRate(state);
  const keep = 2 ** (-1 / (HALF_LIFE_WEEKS * perWeek));
  if (trials > 1 && knowsRate(state) && rate < 0.999) {
    const squared = Math.min(
      (successes - trials * rate) ** 2 / (rate * (1 - rate)),
      12 * trials * (1 + trials * PRIOR_RHO),
    );
    const weight = 0.5 / (1 / trials + PRIOR_RHO) ** 2;
    const slow = 2 ** (-1 / (26 * perWeek));
    state.rhoSum = slow * state.rhoSum + (weight * (squared - trials)) / (trials * (trials - 1));
    state.rhoWeight = slow * state.rhoWeight + weight;
  }
  state.trials = keep * state.trials + trials;
  state.successes = keep * state.successes + successes;
}

/** Trials and successes of the newest `length` buckets, as a running pair. */
export interface Run {
  trials: number;
  successes: number;
}

/** Adds the bucket `length − 1` before `bucket` to a run that holds the newer ones. */
export function extendRun(state: RateState, run: Run, bucket: number, length: number): void {
  const k = rateSlot(bucket - length + 1);
  run.trials += state.ringTrials[k]!;
  run.successes += state.ringSuccesses[k]!;
}

/** Empties the rings of buckets that never came. */
export function skipRates(states: readonly RateState[], last: number, bucket: number): void {
  for (let missing = Math.max(last + 1, bucket - RATE_RING); missing < bucket; missing++) {
    for (const state of states) putRate(state, missing, 0, 0);
  }
}

/**
 * First of the newest buckets, later than the trouble's first, in which the share is as usual rather than as low as
 * `observed`, or `null` (ratio of likelihoods, Wald 1945).
 */
export function rateRecovery(
  state: RateState,
  bucket: number,
  { observed, start }: Pick<Finding, 'observed' | 'start'>,
): number | null {
  const usual = Math.min(0.9999, usualRate(state));
  const low = Math.min(0.97 * usual, Math.max(0.02 * usual, observed));
  const win = Math.log(usual / low);
  const loss = Math.log((1 - usual) / (1 - low));
  const rho = rhoOf(state);
  const run: Run = { trials: 0, successes: 0 };
  for (let length = 1; length <= RATE_RING && bucket - length + 1 > start; length++) {
    extendRun(state, run, bucket, length);
    const gain = run.successes * win + (run.trials - run.successes) * loss;
    if (gain / (1 + run.trials * rho) > 1.5) return bucket - length + 1;
  }
  return null;
}
