import type { Evidence, Finding } from './detector.ts';
import { learnStrength, startThreshold, type ThresholdPrior, type ThresholdState, thresholdFor } from './threshold.ts';

/** What is remembered of one test on one side of one series, beside the test's own numbers. */
export interface TriggerState {
  readonly threshold: ThresholdState;
  /** What stands now. */
  evidence: Evidence | null;
  /** No window reaches back to or before this bucket: what lies there is over and has been told. */
  after: number;
}

/** A trigger that has seen nothing. */
export function startTrigger(): TriggerState {
  return { threshold: startThreshold(), evidence: null, after: Number.MIN_SAFE_INTEGER };
}

/** Lets evidence stand no more of what is the usual now: it has been told. @param bucket the newest. */
export function settle(trigger: TriggerState, bucket: number): void {
  trigger.evidence = null;
  trigger.after = bucket;
}

const NOTHING: readonly Evidence[] = [];

/** What stands in some triggers. */
export function standing(...triggers: readonly TriggerState[]): readonly Evidence[] {
  if (triggers.every(({ evidence }) => evidence === null)) return NOTHING;
  return triggers.flatMap(({ evidence }) => evidence ?? []);
}

/** By how much a sign that what stands has got far worse may miss the threshold: evidence stands seldom. */
export const WORSE_SPARE = 2;
/** Share of the usual below which a trouble cannot get far worse. */
export const BAD = 0.3;
/** Counts by which the ratio of the bucket before is drawn towards that of the window. */
const LAST_COUNTS = 20;

/**
 * What a newest bucket has to be worse than, to be far worse than what stands: the ratio of the standing window, in which
 * some may have been well, or that of the bucket before, drawn towards it.
 * @param ofWindow part ÷ whole in the window: seen ÷ expected, approved ÷ attempts.
 * @param last of the bucket before.
 */
export function ratioBefore(ofWindow: number, last: { readonly part: number; readonly whole: number }): number {
  return Math.min(ofWindow, (last.part + LAST_COUNTS * ofWindow) / (last.whole + LAST_COUNTS));
}
/** Share of the threshold below which standing evidence falls. */
const FALLS = 0.75;

/** What a test is held to. */
export interface TriggerTerms {
  readonly prior: ThresholdPrior;
  /** False alarms a week that it may raise. */
  readonly target: number;
  /** Buckets in a week. */
  readonly perWeek: number;
  /** The newest bucket. */
  readonly bucket: number;
  /** Buckets for which evidence stands though it has faded, unless they are well: what has few transactions says nothing. */
  readonly holds: number;
}

/** Whether two findings are of one rate: of a dimension, each value has two. */
export function isSameRate(one: Finding, other: Finding): boolean {
  return one.causeValue === other.causeValue && one.detector === other.detector;
}

/**
 * Lets a trigger take the newest bucket's strongest window in.
 * @param found the strongest window, `null` where no window speaks.
 * @param recovery first of the newest buckets that are well again under what `found` or the standing evidence says.
 */
export function pullTrigger(
  trigger: TriggerState,
  found: Finding | null,
  recovery: number | null,
  terms: TriggerTerms,
): void {
  const threshold = thresholdFor(trigger.threshold, terms.prior, terms.target);
  const strength = found?.strength ?? 0;
  const { evidence } = trigger;
  if (evidence === null) {
    const opens = found !== null && strength >= threshold && recovery === null;
    if (opens) trigger.evidence = { ...found, threshold, since: found.start };
  } else {
    const last = evidence.start + evidence.buckets - 1;
    const isFaded = strength < FALLS * threshold;
    if (recovery !== null || (isFaded && terms.bucket - last > terms.holds)) {
      // What has been told is not told again: a window that swings about the threshold would.
      trigger.after = recovery === null ? last : recovery - 1;
      trigger.evidence = null;
    } else if (isFaded) trigger.evidence = { ...evidence, worse: false };
    else if (found) {
      trigger.evidence = { ...found, threshold, since: isSameRate(evidence, found) ? evidence.since : found.start };
    }
  }
  const standing = trigger.evidence !== null;
  if (found === null && !standing) return;
  learnStrength(trigger.threshold, recovery !== null && !standing ? 0 : strength, threshold, terms);
}
