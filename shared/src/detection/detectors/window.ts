import type { Direction } from '../../vocabulary.ts';
import {
  bucketDispersion,
  type Dispersion,
  dispersionOf,
  learnDispersion,
  learnHourDispersion,
  startDispersion,
} from '../expected/dispersion.ts';
import {
  changeLevel,
  type ExpectationState,
  expectCount,
  learnCount,
  startExpectation,
} from '../expected/expected-counts.ts';
import { CLOSED, holidayFactor, startHolidays } from '../expected/holidays.ts';
import { middleHour } from '../expected/local-hours.ts';
import {
  type AttemptBucket,
  type AttemptRing,
  expectedBefore,
  forWindows,
  putAttempts,
  skipTo,
  slotOf,
  startRing,
} from './attempt-ring.ts';
import { type BucketContext, type Detector, type Evidence, type Finding, stronger } from './detector.ts';
import { LEAST_LEFT, sumOf, WELL } from './ring.ts';
import { extendSilence, type Silence, startSilence } from './silence.ts';
import { learnSpans, newSpan, type SpanState } from './spans.ts';
import { fewerTail, moreTail } from './tails.ts';
import { onGrid, type ThresholdPrior, TWO_HOURS_A_WEEK } from './threshold.ts';
import {
  BAD,
  pullTrigger,
  ratioBefore,
  settle,
  standing,
  startTrigger,
  type TriggerState,
  WORSE_SPARE,
} from './trigger.ts';

/** Lengths of windows in which attempts may be too few, and too many. */
const LOW_HOURS = [2, 4, 6, 8, 12, 16, 24, 36, 48, 72, 96, 120, 168];
const HIGH_HOURS = [2, 4, 6, 8, 12];
/** What the longest window's strength gains: long windows are few, so that they cost little of the budget. */
const LONG_BONUS = 1;
/** Windows in which less is expected say nothing. */
export const LEAST_EXPECTED = 0.5;
/** Weeks that must have been learned from. */
const LEARNED_WEEKS = 3;
/** Weeks after which a series of which nothing comes has left. */
export const LEFT_WEEKS = 4;
/** As `WELL`, of too few attempts: what long windows hold against a series has to end soon, or it hides what comes next. */
const ENOUGH = 1.5;
const RECOVERY_BUCKETS = 12;

/** Peaks a week of a series that sells next to nothing, and how many more for each e-fold of what it sells. */
const PEAKS: Readonly<Record<Direction, readonly [number, number]>> = { low: [0.7, 0.13], high: [0.5, 0.09] };

/**
 * What is believed of a test before a series has shown anything. Calm data of a series that sells more have more peaks:
 * more of its hours can be unusual by themselves, where of rare sales only long windows can.
 * @param ofWeek attempts expected in a week.
 * @param perWeek buckets in a week.
 */
export function attemptsPrior(side: Direction, ofWeek: number, perWeek: number): ThresholdPrior {
  const [least, more] = PEAKS[side];
  return onGrid({ mark: 5, rate: least + more * Math.log1p(ofWeek / TWO_HOURS_A_WEEK), scale: 1 }, perWeek);
}

/** What is remembered of one series' attempts. */
export interface WindowState extends SpanState {
  readonly ring: AttemptRing;
  /** Buckets learned from. */
  age: number;
  /** Whether enough is known to judge. */
  warm: boolean;
  /** Whether the newest bucket could be judged: not on a holiday of a series of which too few are known, nor before it opens on one. */
  judged: boolean;
  /** The silence since the last attempt, however long. */
  readonly silence: Silence;
  /** Whether that has been told of and has lasted for so long that the series has left; until its next attempt. */
  left: boolean;
  readonly low: TriggerState;
  readonly high: TriggerState;
  /** −ln p of too few in the newest bucket, of too few in the newest two, and of too many in the newest, whatever the threshold. */
  readonly fresh: Float64Array;
}

/** The lengths in buckets of windows given in hours: at least one bucket, each once, at most a week. */
function windowLengths(hours: readonly number[], perWeek: number): ReadonlySet<number> {
  return new Set(hours.map((length) => Math.max(1, Math.round((length * perWeek) / 168))));
}

/** Lengths in buckets of the windows in which attempts may be too few. */
export function lowLengths(perWeek: number): ReadonlySet<number> {
  return windowLengths(LOW_HOURS, perWeek);
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
  const [low, high] = [lowLengths(perWeek), windowLengths(HIGH_HOURS, perWeek)];
  const isWanted = (length: number) => length === 1 || length === 2 || low.has(length) || high.has(length);
  const wanted = Array.from({ length: perWeek + 1 }, (_, length) => isWanted(length));
  const bonus = wanted.map((_, length) => bonusOf(Math.max(1, length), perWeek));
  const shape: Shape = { perWeek, low, high, wanted, bonus };
  return {
    name: 'attempts',
    start: () => startWindows(perWeek),
    observe(state, { bucket, counts }, context) {
      if (counts === null || bucket <= state.ring.last) return;
      const { at, calm, renews } = context;
      const count = counts.attempts;
      const spread = dispersionOf(state.dispersion);
      const total = spread.bucket + spread.day + spread.week;
      const ordinary = expectCount(state.expectation, at, total);
      const isHoliday = at.special?.exceptional === true;
      const holiday = isHoliday ? holidayFactor(state.holidays) : { factor: 1, variance: 0, known: true };
      const mean = ordinary.mean * holiday.factor;
      const noise = bucketDispersion(state.dispersion, middleHour(at), spread) + ordinary.doubt;
      // A holiday differs from others as a whole, and in its hours once more.
      const ofHoliday = 2 * holiday.variance * (mean + expectedBefore(state.ring, bucket, at.day)) * mean;
      const variance = noise * mean * mean + ofHoliday;
      state.warm = context.warm && state.age >= LEARNED_WEEKS * perWeek;
      // Shops close together on a holiday, and whoever opened on others may be closed on this one: until it sells it is.
      state.judged = holiday.known && (!isHoliday || isOpen(state.ring, { bucket, day: at.day, count, mean }));
      if (state.judged) {
        putAttempts(state.ring, { bucket, day: at.day, count, mean, variance });
        extendSilence(state.silence, count, mean, variance + spread.day * mean * mean);
        state.left = state.silence.buckets > LEFT_WEEKS * perWeek && (state.left || state.low.evidence !== null);
        if (state.left) takeForLeft(state, bucket);
        else if (state.warm) judge(state, spread, shape, context);
      } else {
        skipTo(state.ring, bucket + 1);
        state.ring.last = bucket;
        state.fresh.fill(0);
      }
      const stands = state.low.evidence !== null || state.high.evidence !== null;
      if (renews && stands && state.silence.buckets <= perWeek / 7) {
        renewLevel(state.expectation, state.ring);
        for (const trigger of [state.low, state.high]) settle(trigger, bucket);
        return;
      }
      const trusted = calm && !stands && !state.left;
      if (isHoliday) {
        // Holidays say nothing of an ordinary week.
        const dateFactor = ordinary.dateFactor * holiday.factor;
        if (trusted) learnSpans(state, { bucket, at, count, mean, dateFactor }, spread, perWeek);
        return;
      }
      if (!trusted) return;
      const reach = state.warm ? 4 * Math.sqrt(mean + total * mean * mean) + 1 : Number.POSITIVE_INFINITY;
      if (state.age >= 2 * perWeek) {
        learnDispersion(state.dispersion, 0, { count, mean, bucketShare: 1, dayShare: 1 }, perWeek);
        learnHourDispersion(state.dispersion, middleHour(at), { count, mean, doubt: ordinary.doubt }, perWeek);
        learnSpans(state, { bucket, at, count, mean, dateFactor: ordinary.dateFactor }, spread, perWeek);
      }
      const within = Math.max(mean - reach, Math.min(mean + reach, count));
      learnCount(state.expectation, at, within, { dispersion: total, perDay: perWeek / 7 });
      state.age++;
    },
    evidence: ({ low, high }) => standing(low, high),
  };
}

/** Holds nothing against a series that has left; what it sold before stays its usual, should it come back. */
function takeForLeft({ low, high, fresh }: WindowState, bucket: number): void {
  for (const trigger of [low, high]) settle(trigger, bucket);
  fresh.fill(0);
}

/** Takes what the newest week sold for the usual level, with the rhythm that is known. */
function renewLevel(expectation: ExpectationState, { counts, means }: AttemptRing): void {
  const expected = sumOf(means);
  if (expected > 0) changeLevel(expectation, sumOf(counts) / expected);
}

/** Whether a series has sold on a local day, up to and with a bucket: buckets of a holiday are kept from then on. */
function isOpen(
  ring: AttemptRing,
  { bucket, day, count, mean }: Pick<AttemptBucket, 'bucket' | 'day' | 'count' | 'mean'>,
): boolean {
  return expectedBefore(ring, bucket, day) > 0 || (mean >= 1 && count >= CLOSED * mean);
}

interface Shape {
  readonly perWeek: number;
  readonly low: ReadonlySet<number>;
  readonly high: ReadonlySet<number>;
  /** By length in buckets: whether such a window is looked at, and what it is given on its strength. */
  readonly wanted: readonly boolean[];
  readonly bonus: readonly number[];
}

function startWindows(perWeek: number): WindowState {
  return {
    expectation: startExpectation(),
    dispersion: startDispersion(),
    holidays: startHolidays(),
    ring: startRing(perWeek),
    age: 0,
    warm: false,
    judged: false,
    day: newSpan(),
    week: newSpan(),
    silence: startSilence(),
    left: false,
    low: startTrigger(),
    high: startTrigger(),
    fresh: new Float64Array(3),
  };
}

/** What a window of so many buckets is given on its strength. */
export function bonusOf(length: number, perWeek: number): number {
  return (LONG_BONUS * Math.log(length)) / Math.log(perWeek);
}

/** What a finding of attempts is: nothing but those is missing, or too many. */
function findingOf(
  side: Direction,
  finding: Omit<Finding, 'detector' | 'side' | 'cause' | 'causeValue' | 'sales'>,
): Finding {
  return { detector: 'attempts', side, cause: 'attempts', causeValue: null, ...finding, sales: 0 };
}

/** Lets both triggers take in the windows that end at the newest bucket. */
function judge(state: WindowState, spread: Dispersion, shape: Shape, { at, perWeek, targets }: BucketContext): void {
  const bucket = state.ring.last;
  const isHoliday = at.special?.exceptional === true;
  const { low, high } = state;
  let tooFew: Finding | null = null;
  let tooMany: Finding | null = null;
  let ofWeek = 0;
  forWindows(state.ring, spread, shape.wanted, (length, { count, mean, variance }) => {
    if (length === perWeek) ofWeek = mean;
    if (length <= 2) state.fresh[length - 1] = mean > 0.1 && count < mean ? fewerTail(count, mean, variance) : 0;
    if (length === 1) state.fresh[2] = count > mean ? moreTail(count, mean, variance) : 0;
    if (mean < LEAST_EXPECTED) return;
    const start = bucket - length + 1;
    const z = (count - mean) / Math.sqrt(variance);
    const found = (side: Direction, strength: number) => {
      const window = { start, buckets: length, observed: count, expected: mean };
      return findingOf(side, { strength, ...window, attempts: Math.abs(mean - count) });
    };
    // Within one standard deviation nothing is strong, and need not be worked out.
    if (start > low.after && shape.low.has(length)) {
      const strength = z > -1 ? 0 : fewerTail(count, mean, variance) + shape.bonus[length]!;
      if (tooFew === null || strength > tooFew.strength) tooFew = found('low', strength);
    }
    if (!isHoliday && start > high.after && shape.high.has(length)) {
      const strength = z < 1 ? 0 : moreTail(count, mean, variance);
      if (tooMany === null || strength > tooMany.strength) tooMany = found('high', strength);
    }
  });
  const { silence } = state;
  if (silence.buckets > perWeek) {
    const { mean, buckets } = silence;
    const strength = fewerTail(0, mean, silence.variance + spread.week * mean * mean) + LONG_BONUS;
    const still = { strength, start: bucket - buckets + 1, buckets, observed: 0, expected: mean, attempts: mean };
    tooFew = stronger(tooFew, findingOf('low', still));
  }
  const before = low.evidence;
  const [ofFew, ofMany] = [targets.attemptsLow, targets.attemptsHigh];
  const recovery = recoveryFrom(state, spread, before ?? tooFew);
  pullTrigger(low, tooFew, recovery, {
    prior: attemptsPrior('low', ofWeek, perWeek),
    target: ofFew,
    perWeek,
    bucket,
    holds: 0,
  });
  if (before !== null && low.evidence !== null) low.evidence = worsened(state, spread, before, low.evidence);
  const excess = recoveryFrom(state, spread, high.evidence ?? tooMany);
  pullTrigger(high, tooMany, excess, {
    prior: attemptsPrior('high', ofWeek, perWeek),
    target: ofMany,
    perWeek,
    bucket,
    holds: perWeek / 7,
  });
}

/** Standing evidence, or that of the newest bucket alone where it is far worse than what stood before lets expect, see `ratioBefore`. */
function worsened(state: WindowState, spread: Dispersion, before: Evidence, now: Evidence): Evidence {
  const bucket = state.ring.last;
  const last = slotOf(state.ring, bucket - 1);
  const ofLast = { part: state.ring.counts[last]!, whole: state.ring.means[last]! };
  const factor = ratioBefore(before.observed / before.expected, ofLast);
  if (factor < BAD) return now;
  const k = slotOf(state.ring, bucket);
  const usual = state.ring.means[k]!;
  const mean = factor * usual;
  const count = state.ring.counts[k]!;
  if (count >= mean || mean < LEAST_EXPECTED) return now;
  // What stood is known by no more than the attempts of its window.
  const doubt = spread.bucket + spread.day + 1 / (before.observed + 1);
  const strength = fewerTail(count, mean, mean + doubt * mean * mean);
  if (strength < now.threshold - WORSE_SPARE) return now;
  const newest = {
    start: bucket,
    since: bucket,
    buckets: 1,
    observed: count,
    expected: usual,
    attempts: usual - count,
  };
  return { ...now, ...newest, strength: Math.max(strength, now.strength), worse: true };
}

/**
 * First of the newest buckets that are well again, or `null`. A run of them, later than the trouble's first, is well where
 * the ratio of likelihoods speaks for the usual rate rather than for the trouble's (Wald 1945), after allowing for how
 * much more than Poisson it varies.
 */
function recoveryFrom(state: WindowState, spread: Dispersion, trouble: Finding | null): number | null {
  if (trouble === null) return null;
  const bucket = state.ring.last;
  const ratio = trouble.expected > 0 ? trouble.observed / trouble.expected : 1;
  const factor = trouble.side === 'low' ? Math.min(0.95, Math.max(LEAST_LEFT, ratio)) : Math.max(1.1, ratio);
  const enough = trouble.side === 'low' ? ENOUGH : WELL;
  const { counts, means, days } = state.ring;
  let count = 0;
  let mean = 0;
  let ofDay = 0;
  // Variance beyond Poisson: buckets vary each by itself, and so do days.
  let beyond = 0;
  for (let length = 1; length <= RECOVERY_BUCKETS && bucket - length + 1 > trouble.start; length++) {
    const k = slotOf(state.ring, bucket - length + 1);
    const m = means[k]!;
    if (days[k] !== days[slotOf(state.ring, bucket - length + 2)]) ofDay = 0;
    beyond += spread.bucket * m * m + spread.day * m * (m + 2 * ofDay);
    ofDay += m;
    count += counts[k]!;
    mean += m;
    const gain = mean * (factor - 1) - count * Math.log(factor);
    if (mean * gain > enough * (mean + beyond)) return bucket - length + 1;
  }
  return null;
}

/** Attempts seen and expected in the newest bucket, its relative variance, and −ln p of so few in it or it and the one before. */
export function freshAttempts(
  state: WindowState,
): { count: number; mean: number; dispersion: number; attempts: number } | null {
  if (!state.warm || state.left) return null;
  const { ring } = state;
  const k = slotOf(ring, ring.last);
  const { bucket, day, week } = dispersionOf(state.dispersion);
  const attempts = Math.max(state.fresh[0]!, state.fresh[1]!);
  return { count: ring.counts[k]!, mean: ring.means[k]!, dispersion: bucket + day + week, attempts };
}
