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

const NOTHING: readonly Evidence[] = [];

/** What stands in some triggers. */
export function standing(...triggers: readonly TriggerState[]): readonly Evidence[] {
  if (triggers.every(({ evidence }) => evidence === null)) return NOTHING;
  return triggers.flatMap(({ evidence }) => evidence ?? []);
}

/** By how much a sign that what stands has got far worse may miss the threshold: evidence stands seldom. */
export const WORSE_SPARE = 2;
/** Share of the threshold below which standing evidence falls. */
const FALLS = 0.75;

/** What a test is held to. */
export interface TriggerTerms {
  readonly prior: ThresholdPrior;
  /** False alarms a week that it may raise. */
  readonly target: number;
  /** Buckets in a week. */
  readonly perWeek: number;
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
  if (trigger.evidence !== null) {
    if (recovery !== null || strength < FALLS * threshold) {
      const { start, buckets } = trigger.evidence;
      // What has been told is not told again: a window that swings about the threshold would.
      trigger.after = recovery === null ? start + buckets - 1 : recovery - 1;
      trigger.evidence = null;
    } else if (found) trigger.evidence = { ...found, threshold };
  } else if (found && strength >= threshold && recovery === null) trigger.evidence = { ...found, threshold };
  const standing = trigger.evidence !== null;
  if (found === null && !standing) return;
  learnStrength(trigger.threshold, recovery !== null && !standing ? 0 : strength, threshold, terms);
}
