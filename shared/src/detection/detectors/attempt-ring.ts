import type { Dispersion } from '../expected/dispersion.ts';

/** The last week of one series' attempts, buckets by `bucket mod buckets a week`. */
export interface AttemptRing {
  last: number;
  readonly counts: Float64Array;
  readonly means: Float64Array;
  /** Variance beyond Poisson, without that of days and weeks. */
  readonly variances: Float64Array;
  /** Local day. */
  readonly days: Float64Array;
  /** Totals of that day up to and with the bucket: counted, expected, variance beyond Poisson. */
  readonly dayCounts: Float64Array;
  readonly dayMeans: Float64Array;
  readonly dayVariances: Float64Array;
}

/** One bucket of attempts: what was counted and expected of it, and the variance of that beyond Poisson, days and weeks. */
export interface AttemptBucket {
  readonly bucket: number;
  /** Local day. */
  readonly day: number;
  readonly count: number;
  readonly mean: number;
  readonly variance: number;
}

/** What was counted and expected in a window, and the variance of the count. */
export interface Window {
  readonly count: number;
  readonly mean: number;
  readonly variance: number;
}

const NEVER = Number.MIN_SAFE_INTEGER;

/** A ring of so many buckets that has seen nothing. */
export function startRing(buckets: number): AttemptRing {
  const floats = () => new Float64Array(buckets);
  return {
    last: NEVER,
    counts: floats(),
    means: floats(),
    variances: floats(),
    days: floats(),
    dayCounts: floats(),
    dayMeans: floats(),
    dayVariances: floats(),
  };
}

/** Where a bucket lies. */
export function slotOf({ counts: { length } }: AttemptRing, bucket: number): number {
  return ((bucket % length) + length) % length;
}

/** Makes `bucket` the newest. Buckets before it that never came count for nothing: expected nothing, seen nothing. */
export function skipTo(ring: AttemptRing, bucket: number): void {
  const { counts, means, variances, dayCounts, dayMeans, dayVariances, days } = ring;
  for (let missing = Math.max(ring.last + 1, bucket - counts.length); missing < bucket; missing++) {
    const k = slotOf(ring, missing);
    for (const one of [counts, means, variances, dayCounts, dayMeans, dayVariances]) one[k] = 0;
    days[k] = NEVER;
  }
  ring.last = bucket;
}

/** Writes the newest bucket over that of a week ago. */
export function putAttempts(ring: AttemptRing, { bucket, day, count, mean, variance }: AttemptBucket): void {
  skipTo(ring, bucket);
  const k = slotOf(ring, bucket);
  const before = slotOf(ring, bucket - 1);
  const same = ring.days[before] === day;
  ring.counts[k] = count;
  ring.means[k] = mean;
  ring.variances[k] = variance;
  ring.days[k] = day;
  ring.dayCounts[k] = (same ? ring.dayCounts[before]! : 0) + count;
  ring.dayMeans[k] = (same ? ring.dayMeans[before]! : 0) + mean;
  ring.dayVariances[k] = (same ? ring.dayVariances[before]! : 0) + variance;
}

/** Expected of the local `day` in its buckets before `bucket`; 0 where `bucket` is its first. */
export function expectedBefore(ring: AttemptRing, bucket: number, day: number): number {
  const k = slotOf(ring, bucket - 1);
  return ring.days[k] === day ? ring.dayMeans[k]! : 0;
}

/**
 * Calls back with every window that ends at the newest bucket, by rising length, a week at most. What the window's first
 * day showed before the window began moves the expectation of that day and takes part of its variance away.
 * @param wanted by length in buckets: whether such a window is looked at.
 */
export function forWindows(
  ring: AttemptRing,
  spread: Dispersion,
  wanted: readonly boolean[],
  visit: (length: number, window: Window) => void,
): void {
  const bucket = ring.last;
  const most = ring.counts.length;
  let count = 0;
  let mean = 0;
  let variances = 0;
  // Σ m² of the days that lie in the window whole, and Σ m of the day it begins in.
  let wholeDays = 0;
  let firstDay = 0;
  const unknown: KnownOfDay = { shift: 0, rest: spread.day };
  const { counts, means, variances: ofBuckets, days } = ring;
  let k = slotOf(ring, bucket);
  let day = days[k]!;
  for (let length = 1; length <= most; length++) {
    const m = means[k]!;
    if (days[k] !== day) {
      day = days[k]!;
      wholeDays += firstDay * firstDay;
      firstDay = 0;
    }
    count += counts[k]!;
    mean += m;
    variances += ofBuckets[k]!;
    firstDay += m;
    k = k === 0 ? most - 1 : k - 1;
    if (!wanted[length]) continue;
    const { shift, rest } = length < most ? knownOfDay(ring, k, day, spread) : unknown;
    const expected = mean + shift * firstDay;
    const ofDays = spread.day * wholeDays + rest * firstDay * firstDay;
    visit(length, { count, mean: expected, variance: expected + variances + ofDays + spread.week * mean * mean });
  }
}

/** What is known of how a day deviates: the expectation of that, and its remaining variance. */
interface KnownOfDay {
  readonly shift: number;
  readonly rest: number;
}

/** What the buckets of `day` up to and with that at `k` say of the day's own deviation. */
function knownOfDay(ring: AttemptRing, k: number, day: number, spread: Dispersion): KnownOfDay {
  const seen = ring.dayMeans[k]!;
  if (ring.days[k] !== day || seen <= 0) return { shift: 0, rest: spread.day };
  const noise = 1 / seen + ring.dayVariances[k]! / (seen * seen);
  const gain = spread.day / (spread.day + noise);
  const limit = 3 * Math.sqrt(spread.day);
  const deviation = Math.max(-limit, Math.min(limit, ring.dayCounts[k]! / seen - 1));
  return { shift: gain * deviation, rest: spread.day * (1 - gain) };
}
