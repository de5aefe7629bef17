import type { Evidence, Finding } from './detector.ts';
import { clearUnseen, LEAST_LEFT, newestWell, RATE_RING, rateSlot, sumOf } from './ring.ts';
import { fewerSuccessesTail } from './tails.ts';
import { BAD, ratioBefore, WORSE_SPARE } from './trigger.ts';

const HALF_LIFE_WEEKS = 4;
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

/** Writes the newest bucket's trials and successes over the oldest; buckets since `last` that never came had none. */
export function putRate(
  state: RateState,
  last: number,
  bucket: number,
  { trials, successes }: Pick<RateState, 'trials' | 'successes'>,
): void {
  if (last < bucket - 1) clearUnseen(last, bucket, [state.ringTrials, state.ringSuccesses]);
  const slot = rateSlot(bucket);
  state.ringTrials[slot] = trials;
  state.ringSuccesses[slot] = successes;
}

/** The usual share, a little drawn in from 0 and 1; 0.5 of nothing. */
export function usualRate({ trials, successes }: RateState): number {
  return (successes + 0.5) / (trials + 1);
}

/** What the share of some buckets is held against. */
export interface Usual {
  readonly rate: number;
  /** What is not known of it, as a correlation of trials: its variance ÷ (rate · (1 − rate)). */
  readonly doubt: number;
}

/** The usual share of any bucket. */
export function usualOf(state: RateState): Usual {
  return { rate: usualRate(state), doubt: doubtOf(state) };
}

/** What is not known of the usual share, see `Usual.doubt`. */
export function doubtOf({ trials }: RateState): number {
  return 1 / (trials + 1);
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
export function rateTail(state: RateState, { trials, successes }: Run, { rate, doubt }: Usual): number {
  return successes >= rate * trials ? 0 : fewerSuccessesTail(successes, trials, rate, rhoOf(state) + doubt);
}

/** Standard deviations from the usual within which a share is not worked out: it could not alarm. */
export const NEAR = 1;

/**
 * Whether so few successes among so many trials lie within some standard deviations of the usual, where no tail has to be
 * worked out: within one it never reaches 1.84, within half of one never 1.24, whatever the trials, share and correlation.
 */
export function isNearUsual(
  state: RateState,
  { trials, successes }: Run,
  { rate }: Pick<Usual, 'rate'>,
  deviations: number,
): boolean {
  const missing = rate * trials - successes;
  const variance = rate * (1 - rate) * trials * (1 + (trials - 1) * rhoOf(state));
  return missing <= 0 || missing * missing <= deviations * deviations * variance;
}

/** Standing evidence, before and with the newest bucket. */
export interface Standing {
  readonly before: Evidence;
  readonly now: Evidence;
}

/**
 * Standing evidence, or that of the newest bucket alone where its share is far below what stood before, see `ratioBefore`.
 * @param usualAt the usual share of the bucket in a slot of the rings.
 */
export function worsenedRate(
  state: RateState,
  bucket: number,
  { before, now }: Standing,
  usualAt: (slot: number) => number,
): Evidence {
  const slot = rateSlot(bucket);
  const trials = state.ringTrials[slot]!;
  const successes = state.ringSuccesses[slot]!;
  const last = rateSlot(bucket - 1);
  const part = (state.ringSuccesses[last]! * before.expected) / usualAt(last);
  const stood = ratioBefore(before.observed, { part, whole: state.ringTrials[last]! });
  const lets = (stood * usualAt(slot)) / before.expected;
  if (trials < 4 || stood < BAD * before.expected || successes >= lets * trials) return now;
  // What stood is known by no more than the trials of its window.
  const doubt = 1 / (trialsOf(state, before, bucket) + 1);
  const strength = fewerSuccessesTail(successes, trials, lets, rhoOf(state) + doubt);
  if (strength < now.threshold - WORSE_SPARE) return now;
  return {
    ...now,
    strength: Math.max(now.strength, strength),
    start: bucket,
    since: bucket,
    buckets: 1,
    observed: successes / trials,
    expected: usualAt(slot),
    worse: true,
  };
}

/** Trials in the window of standing evidence, as far as the ring reaches before `bucket`. */
function trialsOf({ ringTrials }: RateState, { start, buckets }: Evidence, bucket: number): number {
  let trials = 0;
  for (let one = Math.max(start, bucket - RATE_RING + 1); one < start + buckets; one++)
    trials += ringTrials[rateSlot(one)]!;
  return trials;
}

/** By what sums of a rate, and of its correlation, fade from bucket to bucket. */
export interface RateFades {
  readonly keep: number;
  readonly slow: number;
}

/** The fading of rates on a grid of so many buckets a week. */
export function rateFades(perWeek: number): RateFades {
  return { keep: 2 ** (-1 / (HALF_LIFE_WEEKS * perWeek)), slow: 2 ** (-1 / (26 * perWeek)) };
}

/**
 * Learns from a calm bucket.
 * @param usual what its share is held against, and what of that is no part of how shares vary; `null` where too little is
 * known of it to say how they do.
 */
export function learnRate(
  state: RateState,
  { trials, successes }: Run,
  { keep, slow }: RateFades,
  usual: Usual | null,
): void {
  if (usual !== null && trials > 1 && knowsRate(state) && usual.rate < 0.999) {
    const { rate, doubt } = usual;
    const squared = Math.min(
      (successes - trials * rate) ** 2 / (rate * (1 - rate)),
      12 * trials * (1 + trials * PRIOR_RHO),
    );
    const weight = 0.5 / (1 / trials + PRIOR_RHO) ** 2;
    state.rhoSum = slow * state.rhoSum + weight * ((squared - trials) / (trials * (trials - 1)) - doubt);
    state.rhoWeight = slow * state.rhoWeight + weight;
  }
  state.trials = keep * state.trials + trials;
  state.successes = keep * state.successes + successes;
}

/** Takes the share of the newest twelve buckets for the usual one, and no more trials for known than they had. */
export function renewRate(state: RateState): void {
  state.trials = sumOf(state.ringTrials);
  state.successes = sumOf(state.ringSuccesses);
}

/** Trials and successes of the newest `length` buckets, as a running pair. */
export interface Run {
  trials: number;
  successes: number;
}

/** Adds the bucket in a slot of the rings to a run. */
export function extendRun(state: RateState, run: Run, slot: number): void {
  run.trials += state.ringTrials[slot]!;
  run.successes += state.ringSuccesses[slot]!;
}

/**
 * First of the newest buckets, later than the trouble's first, in which the share is as usual rather than as low as in the
 * trouble.
 * @param usualAt the usual share of the bucket in a slot of the rings.
 */
export function rateRecovery(
  state: RateState,
  bucket: number,
  { observed, expected, start }: Pick<Finding, 'observed' | 'expected' | 'start'>,
  usualAt: (slot: number) => number,
): number | null {
  const rho = rhoOf(state);
  let gain = 0;
  let trials = 0;
  let squares = 0;
  return newestWell(bucket, start, (slot) => {
    const ofSlot = usualAt(slot);
    const usual = Math.min(0.9999, ofSlot);
    const low = Math.min(0.97 * usual, Math.max(LEAST_LEFT * usual, (observed * ofSlot) / expected));
    const successes = state.ringSuccesses[slot]!;
    const ofBucket = state.ringTrials[slot]!;
    gain += successes * Math.log(usual / low) + (ofBucket - successes) * Math.log((1 - usual) / (1 - low));
    trials += ofBucket;
    squares += ofBucket * ofBucket;
    return trials === 0 ? 0 : gain / (1 + (rho * squares) / trials);
  });
}
