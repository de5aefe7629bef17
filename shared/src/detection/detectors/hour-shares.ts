import type { LocalHours } from '../expected/local-hours.ts';
import type { RateState } from './rate.ts';
import { RATE_RING, rateSlot } from './ring.ts';

/** Days in which what an hour showed counts half. */
const HALF_LIFE_DAYS = 28;
/** Trials that the belief in an hour's share being that of all hours is worth. */
const PRIOR_TRIALS = 30;
/** Correlation of trials within a bucket: a bucket of many says no more of its hours than some hundred do. */
const BUCKET_RHO = 0.002;
const KEEP = 2 ** (-1 / HALF_LIFE_DAYS);

/** Trials by hour of the day, which all values of a dimension have in common. */
export interface HourTrials {
  /** [24], fading: trials, as many as tell something of the hour by themselves. */
  readonly trials: Float64Array;
  /** [12] by `bucket mod 12`: what is not known of the hours of a bucket, as a correlation of its trials. */
  readonly ringDoubt: Float64Array;
}

/** How one value's share goes by the hour of the day. */
export interface HourShare {
  /** [24], fading: its part of `HourTrials.trials`. */
  readonly successes: Float64Array;
  /** [12] by `bucket mod 12`: its usual share at the hours of a bucket, as it was known when that came. */
  readonly ringUsual: Float64Array;
}

type Hours = Pick<LocalHours, 'hours' | 'overlaps'>;
type Rings = Pick<RateState, 'ringTrials' | 'ringSuccesses'>;
type Trials = Pick<RateState, 'trials' | 'successes'>;

/** Hours of which nothing is known. */
export function startHourTrials(): HourTrials {
  return { trials: new Float64Array(24), ringDoubt: new Float64Array(RATE_RING) };
}

/** A share of which nothing is known by the hour. */
export function startHourShare(): HourShare {
  return { successes: new Float64Array(24), ringUsual: new Float64Array(RATE_RING) };
}

/**
 * Calls back with each hour of the day a bucket overlaps, the part of the bucket that lies in it, and by what the hour's sums
 * fade with it.
 */
function forHours({ hours, overlaps }: Hours, visit: (hour: number, part: number, keep: number) => void): void {
  let length = 0;
  for (const overlap of overlaps) length += overlap;
  for (let i = 0; i < hours.length; i++) {
    const overlap = overlaps[i]!;
    visit(hours[i]! % 24, overlap / length, 1 - overlap * (1 - KEEP));
  }
}

/** Writes what is not known of a bucket's hours over that of the bucket twelve before. */
export function putDoubt({ trials, ringDoubt }: HourTrials, bucket: number, at: Hours): void {
  let doubt = 0;
  forHours(at, (hour, part) => {
    doubt += (part * part) / (trials[hour]! + PRIOR_TRIALS);
  });
  ringDoubt[rateSlot(bucket)] = doubt;
}

/**
 * Writes the usual share at a bucket's hours over that of the bucket twelve before: those of the hours, drawn towards
 * `usual`, the share of all.
 */
export function putUsual(
  share: HourShare,
  { trials }: HourTrials,
  { bucket, at, usual }: { readonly bucket: number; readonly at: Hours; readonly usual: number },
): void {
  let own = 0;
  forHours(at, (hour, part) => {
    own += (part * (share.successes[hour]! + PRIOR_TRIALS * usual)) / (trials[hour]! + PRIOR_TRIALS);
  });
  share.ringUsual[rateSlot(bucket)] = own;
}

/** Learns from the trials of a calm bucket, after the shares of its values. */
export function learnHourTrials({ trials: known }: HourTrials, at: Hours, trials: number): void {
  const telling = tellingOf(trials);
  forHours(at, (hour, part, keep) => {
    known[hour] = keep * known[hour]! + part * telling;
  });
}

/** Learns from a value's share of a calm bucket. */
export function learnHourShare({ successes: known }: HourShare, at: Hours, { trials, successes }: Trials): void {
  const telling = trials === 0 ? 0 : (tellingOf(trials) * successes) / trials;
  forHours(at, (hour, part, keep) => {
    known[hour] = keep * known[hour]! + part * telling;
  });
}

/**
 * Takes the share of the newest twelve buckets for the usual one, with the rhythm that is known.
 * @param ring trials and successes of those buckets.
 */
export function renewHourShare({ successes, ringUsual }: HourShare, { trials }: HourTrials, ring: Rings): void {
  let [seen, expected] = [0, 0];
  ringUsual.forEach((usual, slot) => {
    seen += ring.ringSuccesses[slot]!;
    expected += usual * ring.ringTrials[slot]!;
  });
  const change = expected > 0 ? seen / expected : 1;
  for (let hour = 0; hour < successes.length; hour++) {
    successes[hour] = Math.min(trials[hour]!, change * successes[hour]!);
  }
}

/** Trials of a bucket that tell something by themselves (Kish 1965). */
function tellingOf(trials: number): number {
  return trials === 0 ? 0 : trials / (1 + (trials - 1) * BUCKET_RHO);
}
