import type { Direction } from '../../vocabulary.ts';
import {
  bucketDispersion,
  type Dispersion,
  type DispersionState,
  dispersionOf,
  learnDispersion,
  learnHourDispersion,
  startDispersion,
} from '../expected/dispersion.ts';
import {
  dateSlot,
  type ExpectationState,
  expectCount,
  learnCount,
  learnDate,
  startExpectation,
} from '../expected/expected-counts.ts';
import type { LocalHours } from '../expected/local-hours.ts';
import { type BucketContext, type Detector, type Evidence, type Finding, stronger } from './detector.ts';
import { fewerTail, moreTail } from './tails.ts';
import { type ThresholdPrior, thresholdFor } from './threshold.ts';
import { pullTrigger, startTrigger, type TriggerState } from './trigger.ts';

/** Lengths of windows in which attempts may be too few, and too many. */
const LOW_HOURS = [2, 4, 6, 8, 12, 16, 24, 36, 48, 72, 96, 120, 168];
const HIGH_HOURS = [2, 4, 6, 8, 12];
/** What the longest window's strength gains: long windows are few, so that they cost little of the budget. */
const LONG_BONUS = 1;
/** Windows in which less is expected say nothing. */
const LEAST_EXPECTED = 0.5;
/** Weeks that must have been learned from. */
const LEARNED_WEEKS = 3;
/** Log of the ratio of likelihoods from which newest buckets count as well again. */
const WELL = 1.5;
const RECOVERY_BUCKETS = 12;
/** Share of the expected below which a trouble cannot get far worse. */
const BAD = 0.3;

const PRIORS: Readonly<Record<Direction, ThresholdPrior>> = {
  low: { mark: 5, rate: 0.5, scale: 1 },
  high: { mark: 5, rate: 0.4, scale: 1 },
};

/** A local day, or a week of buckets, while it lasts. */
interface Span {
  id: number;
  count: number;
  mean: number;
  /** Σ m² of its buckets, and of its days. */
  bucketSquares: number;
  daySquares: number;
  /** Expected were it an ordinary date. */
  ordinary: number;
  /** Its place among dates, see `dateSlot`. */
  date: number;
}

/** Buckets without an attempt in a row: how many, what was expected of them, and the variance of that but for weeks. */
interface Silence {
  buckets: number;
  mean: number;
  variance: number;
}

/** What is remembered of one series' attempts. The rings hold the last week, by `bucket mod buckets a week`. */
export interface WindowState {
  readonly expectation: ExpectationState;
  readonly dispersion: DispersionState;
  last: number;
  /** Buckets learned from. */
  age: number;
  /** Whether enough is known to judge. */
  warm: boolean;
  /** Buckets in a row that were not calm. */
  troubled: number;
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
  readonly day: Span;
  readonly week: Span;
  /** The silence since the last attempt, however long. */
  readonly silence: Silence;
  readonly low: TriggerState;
  readonly high: TriggerState;
  /** −ln p of too few in the newest bucket, and in the newest two, whatever the threshold. */
  readonly fresh: Float64Array;
}

/** What was counted and expected in a window, and the variance of the count. */
interface Window {
  readonly count: number;
  readonly mean: number;
  readonly variance: number;
}

const NEVER = Number.MIN_SAFE_INTEGER;
const newSpan = (): Span => ({ id: NEVER, count: 0, mean: 0, bucketSquares: 0, daySquares: 0, ordinary: 0, date: 0 });
const middleHour = ({ hours }: LocalHours) => hours[hours.length >> 1]! % 24;

/** The lengths in buckets of windows given in hours: at least one bucket, each once, at most a week. */
function windowLengths(hours: readonly number[], perWeek: number): number[] {
  return [...new Set(hours.map((length) => Math.max(1, Math.round((length * perWeek) / 168))))];
}

/**
 * Attempts against what was expected of them, over windows that end at the newest bucket: too few over anything from one
 * bucket to a week, which contains the silence of a client and its slow leaks, and too many over half a day. A silence
 * is followed on beyond the week, for clients that sell a few times in it.
 *
 * The sum of a window is held against a negative binomial. Its variance is the sum of what buckets, days and weeks of this
 * series vary by, each by its own (`dispersion.ts`), and of what is not known of the expectation. What the window's first
 * day showed before the window began moves the expectation of that day and takes part of its variance away.
 * @param perWeek buckets in a week.
 */
export function windowDetector(perWeek: number): Detector<WindowState> {
  const shape: Shape = {
    perWeek,
    low: new Set(windowLengths(LOW_HOURS, perWeek)),
    high: new Set(windowLengths(HIGH_HOURS, perWeek)),
  };
  return {
    name: 'attempts',
    start: () => startWindows(perWeek),
    observe(state, { bucket, counts }, context) {
      if (counts === null || bucket <= state.last) return;
      const { at, calm } = context;
      const spread = dispersionOf(state.dispersion);
      const total = spread.bucket + spread.day + spread.week;
      const { mean, doubt, dateFactor } = expectCount(state.expectation, at, total);
      const noise = bucketDispersion(state.dispersion, middleHour(at), spread);
      skipTo(state, bucket);
      // Holidays and events say nothing of an ordinary week, nor an ordinary week of them: shops may close or not.
      if (at.special?.exceptional) {
        skipTo(state, bucket + 1);
        state.last = bucket;
        state.fresh.fill(0);
        return;
      }
      put(state, bucket, at, counts.attempts, mean, (noise + doubt) * mean * mean);
      extendSilence(state.silence, counts.attempts, mean, (noise + doubt + spread.day) * mean * mean);
      state.warm = context.warm && state.age >= LEARNED_WEEKS * perWeek;
      if (state.warm) judge(state, bucket, spread, shape, context);
      const trusted = calm && state.low.evidence === null && state.high.evidence === null;
      state.troubled = trusted ? 0 : state.troubled + 1;
      // What lasts longer than a week is the new order of things.
      if (!trusted && state.troubled <= perWeek) return;
      const reach = state.warm ? 4 * Math.sqrt(mean + total * mean * mean) + 1 : Number.POSITIVE_INFINITY;
      if (trusted && state.age >= 2 * perWeek) {
        learnDispersion(state.dispersion, 0, counts.attempts, mean, 1, 1, perWeek);
        learnHourDispersion(state.dispersion, middleHour(at), counts.attempts, mean);
        learnSpans(state, at, bucket, counts.attempts, mean, dateFactor, spread, perWeek);
      }
      const count = Math.max(mean - reach, Math.min(mean + reach, counts.attempts));
      learnCount(state.expectation, at, count, total, perWeek / 7);
      state.age++;
    },
    evidence: ({ low, high }) => [low.evidence, high.evidence].filter((one) => one !== null),
  };
}

interface Shape {
  readonly perWeek: number;
  readonly low: ReadonlySet<number>;
  readonly high: ReadonlySet<number>;
}

function startWindows(ring: number): WindowState {
  const floats = () => new Float64Array(ring);
  return {
    expectation: startExpectation(),
    dispersion: startDispersion(),
    last: NEVER,
    age: 0,
    warm: false,
    troubled: 0,
    counts: floats(),
    means: floats(),
    variances: floats(),
    days: floats(),
    dayCounts: floats(),
    dayMeans: floats(),
    dayVariances: floats(),
    day: newSpan(),
    week: newSpan(),
    silence: { buckets: 0, mean: 0, variance: 0 },
    low: startTrigger(),
    high: startTrigger(),
    fresh: new Float64Array(2),
  };
}

function slotOf(state: WindowState, bucket: number): number {
  const ring = state.counts.length;
  return ((bucket % ring) + ring) % ring;
}

/** Buckets that never came count for nothing: expected nothing, seen nothing. */
function skipTo(state: WindowState, bucket: number): void {
  const { counts, means, variances, dayCounts, dayMeans, dayVariances, days } = state;
  for (let missing = Math.max(state.last + 1, bucket - counts.length); missing < bucket; missing++) {
    const k = slotOf(state, missing);
    for (const ring of [counts, means, variances, dayCounts, dayMeans, dayVariances]) ring[k] = 0;
    days[k] = NEVER;
  }
  state.last = bucket;
}

function put(state: WindowState, bucket: number, at: LocalHours, count: number, mean: number, variance: number): void {
  const k = slotOf(state, bucket);
  const before = slotOf(state, bucket - 1);
  const same = state.days[before] === at.day;
  state.counts[k] = count;
  state.means[k] = mean;
  state.variances[k] = variance;
  state.days[k] = at.day;
  state.dayCounts[k] = (same ? state.dayCounts[before]! : 0) + count;
  state.dayMeans[k] = (same ? state.dayMeans[before]! : 0) + mean;
  state.dayVariances[k] = (same ? state.dayVariances[before]! : 0) + variance;
}

function extendSilence(silence: Silence, count: number, mean: number, variance: number): void {
  const goesOn = count === 0;
  silence.buckets = goesOn ? silence.buckets + 1 : 0;
  silence.mean = goesOn ? silence.mean + mean : 0;
  silence.variance = goesOn ? silence.variance + mean + variance : 0;
}

function bonusOf(length: number, perWeek: number): number {
  return (LONG_BONUS * Math.log(length)) / Math.log(perWeek);
}

/** What all findings of too few attempts have in common. */
const NOTHING = { detector: 'attempts', side: 'low', cause: 'attempts', causeValue: null, sales: 0 } as const;

function judge(state: WindowState, bucket: number, spread: Dispersion, shape: Shape, context: BucketContext): void {
  const { perWeek, targets } = context;
  const { low, high } = state;
  let tooFew: Finding | null = null;
  let tooMany: Finding | null = null;
  forWindows(state, bucket, spread, shape, (length, { count, mean, variance }) => {
    if (length <= 2) state.fresh[length - 1] = mean > 0.1 && count < mean ? fewerTail(count, mean, variance) : 0;
    if (mean < LEAST_EXPECTED) return;
    const start = bucket - length + 1;
    const z = (count - mean) / Math.sqrt(variance);
    const found = (side: Direction, strength: number): Finding => ({
      detector: 'attempts',
      side,
      cause: 'attempts',
      causeValue: null,
      strength,
      start,
      buckets: length,
      observed: count,
      expected: mean,
      attempts: Math.abs(mean - count),
      sales: 0,
    });
    // Within one standard deviation nothing is strong, and need not be worked out.
    if (start > low.after && shape.low.has(length)) {
      tooFew = stronger(tooFew, found('low', z > -1 ? 0 : fewerTail(count, mean, variance) + bonusOf(length, perWeek)));
    }
    if (start > high.after && shape.high.has(length)) {
      tooMany = stronger(tooMany, found('high', z < 1 ? 0 : moreTail(count, mean, variance)));
    }
  });
  const { silence } = state;
  if (silence.buckets > perWeek) {
    const { mean, buckets } = silence;
    const strength = fewerTail(0, mean, silence.variance + spread.week * mean * mean) + LONG_BONUS;
    const [start, observed, expected] = [bucket - buckets + 1, 0, mean];
    const still: Finding = { ...NOTHING, strength, start, buckets, observed, expected, attempts: mean };
    tooFew = stronger(tooFew, still);
  }
  const before = low.evidence;
  pullTrigger(
    low,
    tooFew,
    recoveryFrom(state, bucket, spread, tooFew ?? before),
    PRIORS.low,
    targets.attemptsLow!,
    perWeek,
  );
  if (before !== null && low.evidence !== null) low.evidence = worsened(state, bucket, spread, before, low.evidence);
  const excess = recoveryFrom(state, bucket, spread, tooMany ?? high.evidence);
  pullTrigger(high, tooMany, excess, PRIORS.high, targets.attemptsHigh!, perWeek);
}

/** Calls back with every window of `shape` that ends at `bucket`, by rising length. */
function forWindows(
  state: WindowState,
  bucket: number,
  spread: Dispersion,
  { low, high, perWeek }: Shape,
  visit: (length: number, window: Window) => void,
): void {
  let count = 0;
  let mean = 0;
  let variances = 0;
  // Σ m² of the days that lie in the window whole, and Σ m of the day it begins in.
  let wholeDays = 0;
  let firstDay = 0;
  for (let length = 1; length <= perWeek; length++) {
    const k = slotOf(state, bucket - length + 1);
    const m = state.means[k]!;
    if (length > 1 && state.days[slotOf(state, bucket - length + 2)] !== state.days[k]) {
      wholeDays += firstDay * firstDay;
      firstDay = 0;
    }
    count += state.counts[k]!;
    mean += m;
    variances += state.variances[k]!;
    firstDay += m;
    if (length > 2 && !low.has(length) && !high.has(length)) continue;
    const { shift, rest } = knownOfDay(state, bucket - length, state.days[k]!, length < perWeek, spread);
    const expected = mean + shift * firstDay;
    const ofDays = spread.day * wholeDays + rest * firstDay * firstDay;
    visit(length, { count, mean: expected, variance: expected + variances + ofDays + spread.week * mean * mean });
  }
}

/** What the buckets of `day` up to `before` say of the day's own deviation: its expectation and remaining variance. */
function knownOfDay(
  state: WindowState,
  before: number,
  day: number,
  remembered: boolean,
  spread: Dispersion,
): { shift: number; rest: number } {
  const k = slotOf(state, before);
  const seen = state.dayMeans[k]!;
  if (!remembered || state.days[k] !== day || seen <= 0) return { shift: 0, rest: spread.day };
  const noise = 1 / seen + state.dayVariances[k]! / (seen * seen);
  const gain = spread.day / (spread.day + noise);
  const limit = 3 * Math.sqrt(spread.day);
  const deviation = Math.max(-limit, Math.min(limit, state.dayCounts[k]! / seen - 1));
  return { shift: gain * deviation, rest: spread.day * (1 - gain) };
}

/** Standing evidence, or that of the newest bucket alone where it is far worse than what stood before lets expect. */
function worsened(state: WindowState, bucket: number, spread: Dispersion, before: Evidence, now: Evidence): Evidence {
  const factor = before.observed / before.expected;
  if (factor < BAD) return now;
  const k = slotOf(state, bucket);
  const usual = state.means[k]!;
  const mean = factor * usual;
  const count = state.counts[k]!;
  if (count >= mean || mean < LEAST_EXPECTED) return now;
  const strength = fewerTail(count, mean, mean + (spread.bucket + spread.day) * mean * mean);
  if (strength < now.threshold) return now;
  const newest = { start: bucket, buckets: 1, observed: count, expected: usual, attempts: usual - count };
  return { ...now, ...newest, strength: Math.max(strength, now.strength), worse: true };
}

/**
 * First of the newest buckets that are well again, or `null`. A run of them, later than the trouble's first, is well where
 * the ratio of likelihoods speaks for the usual rate rather than for the trouble's (Wald 1945), after allowing for how
 * much more than Poisson it varies.
 */
function recoveryFrom(state: WindowState, bucket: number, spread: Dispersion, trouble: Finding | null): number | null {
  if (trouble === null) return null;
  const ratio = trouble.expected > 0 ? trouble.observed / trouble.expected : 1;
  const factor = trouble.side === 'low' ? Math.min(0.95, Math.max(0.05, ratio)) : Math.max(1.1, ratio);
  let count = 0;
  let mean = 0;
  for (let length = 1; length <= RECOVERY_BUCKETS && bucket - length + 1 > trouble.start; length++) {
    const k = slotOf(state, bucket - length + 1);
    count += state.counts[k]!;
    mean += state.means[k]!;
    const gain = mean * (factor - 1) - count * Math.log(factor);
    if (gain / (1 + (spread.bucket + spread.day) * mean) > WELL) return bucket - length + 1;
  }
  return null;
}

/** Learns from what the bucket completes: a day and its date, a week. */
function learnSpans(
  state: WindowState,
  at: LocalHours,
  bucket: number,
  count: number,
  mean: number,
  dateFactor: number,
  spread: Dispersion,
  perWeek: number,
): void {
  const { day, week } = state;
  if (day.id !== at.day) {
    if (day.mean > 0) {
      const squared = day.mean ** 2;
      const noise = spread.day + spread.week + 1 / day.mean + (spread.bucket * day.bucketSquares) / squared;
      learnDate(state.expectation, day.date, Math.min(2.5, day.count / day.ordinary), 1 / noise);
      learnDispersion(state.dispersion, 1, day.count, day.mean, day.bucketSquares / squared, 1, perWeek);
      week.daySquares += squared;
    }
    Object.assign(day, newSpan(), { id: at.day, date: dateSlot(at) });
  }
  const number = Math.floor(bucket / perWeek);
  if (week.id !== number) {
    if (week.mean > 0) {
      const squared = week.mean ** 2;
      const [ofBuckets, ofDays] = [week.bucketSquares / squared, week.daySquares / squared];
      learnDispersion(state.dispersion, 2, week.count, week.mean, ofBuckets, ofDays, perWeek);
    }
    Object.assign(week, newSpan(), { id: number });
  }
  for (const span of [day, week]) {
    span.count += count;
    span.mean += mean;
    span.bucketSquares += mean * mean;
    span.ordinary += mean / dateFactor;
  }
}

/** Attempts seen and expected in the newest bucket, its relative variance, and −ln p of so few in it or it and the one before. */
export function freshAttempts(
  state: WindowState,
): { count: number; mean: number; dispersion: number; attempts: number } | null {
  if (!state.warm) return null;
  const k = slotOf(state, state.last);
  const { bucket, day, week } = dispersionOf(state.dispersion);
  const attempts = Math.max(state.fresh[0]!, state.fresh[1]!);
  return { count: state.counts[k]!, mean: state.means[k]!, dispersion: bucket + day + week, attempts };
}

/** Weeks of silence after which a promise is no use. */
const PROMISE_WEEKS = 4;

/**
 * Buckets of total silence from `first` on until it would be noticed, or `null` where four weeks of silence would not be:
 * the shortest window whose tail probability at a count of nothing reaches today's threshold.
 * @param hoursOf local hours of a bucket.
 * @param target false alarms a week the test may raise.
 */
export function silenceNoticed(
  state: WindowState,
  first: number,
  hoursOf: (bucket: number) => LocalHours,
  target: number,
  perWeek: number,
): number | null {
  if (!state.warm) return null;
  const lengths = new Set(windowLengths(LOW_HOURS, perWeek));
  const spread = dispersionOf(state.dispersion);
  const total = spread.bucket + spread.day + spread.week;
  const threshold = thresholdFor(state.low.threshold, PRIORS.low, target);
  let mean = 0;
  let variances = 0;
  let wholeDays = 0;
  let ofDay = 0;
  let day = NEVER;
  for (let length = 1; length <= PROMISE_WEEKS * perWeek; length++) {
    const at = hoursOf(first + length - 1);
    const expected = expectCount(state.expectation, at, total);
    if (at.day !== day) {
      wholeDays += ofDay * ofDay;
      ofDay = 0;
      day = at.day;
    }
    mean += expected.mean;
    ofDay += expected.mean;
    variances += (bucketDispersion(state.dispersion, middleHour(at), spread) + expected.doubt) * expected.mean ** 2;
    if ((length <= perWeek && !lengths.has(length)) || mean < LEAST_EXPECTED) continue;
    const variance = mean + variances + spread.day * (wholeDays + ofDay * ofDay) + spread.week * mean * mean;
    if (fewerTail(0, mean, variance) + bonusOf(Math.min(length, perWeek), perWeek) >= threshold) return length;
  }
  return null;
}
