import type { Direction } from '../../vocabulary.ts';
import type { TestTargets } from '../budget.ts';
import type { LocalHours } from '../expected/local-hours.ts';
import type { BucketObservation } from '../observation.ts';

/** What one detector holds against one series at its newest bucket. */
export interface Evidence {
  /** Name of the detector. */
  readonly detector: string;
  readonly side: Direction;
  /** What the trouble is in: `attempts`, `approval`, `ticket`, a dimension's name, or one of `moneyCauses`. */
  readonly cause: string;
  /** The dimension's value; else `null`. */
  readonly causeValue: string | null;
  /** −ln of how likely calm data are to look like this, with what it gains for its depth or length. */
  readonly strength: number;
  /** Strength from which the detector alarms here and now; evidence has at least opened with so much. */
  readonly threshold: number;
  /** First bucket of the window in which the strength is greatest. */
  readonly start: number;
  /** Buckets of that window. */
  readonly buckets: number;
  /** First bucket of the window with which it opened. */
  readonly since: number;
  /** What was seen and expected in that window: counts, shares, or mean log amounts, as the detector has it. */
  readonly observed: number;
  readonly expected: number;
  /** Attempts that are missing (or too many) in that window, where the trouble is in attempts; else 0. */
  readonly attempts: number;
  /** Approved sales' worth that is missing (or too much) in that window, where it is in approval or ticket; else 0. */
  readonly sales: number;
  /** Money that is missing (or too much) in that window, where the detector knows it; else worked out from the two. */
  readonly money?: number;
  /** Whether the newest bucket is far worse than what stood before: a trouble on top of a milder one. */
  readonly worse?: boolean;
}

/** How strongly counts and amounts speak for what a bucket's money says, as −ln p. */
export interface BorneOut extends Readonly<Record<Direction, number>> {
  /** For so much money given back, where this share of what is sold usually is. */
  refunds(back: number, share: number): number;
}

/** What every detector is told of a bucket beside the observation itself. */
export interface BucketContext {
  readonly at: LocalHours;
  /** Buckets in a week. */
  readonly perWeek: number;
  /** Whether the series has been watched for long enough to be judged. */
  readonly warm: boolean;
  /** Whether the bucket may be learned from: no evidence stood before it, or some has for so long that it is the usual now. */
  readonly calm: boolean;
  /** Whether some has for so long: what has been told of is the usual now. */
  readonly renews: boolean;
  /** False alarms a week each test may raise in this series. */
  readonly targets: TestTargets;
  /** What the bucket's counts and amounts say of its money; left out where they are not judged. */
  readonly borneOut?: BorneOut | undefined;
}

/** Watches one aspect of one series, bucket by bucket, looking back only. */
export interface Detector<State> {
  readonly name: string;
  /** The state of a series of which nothing is known. */
  start(): State;
  /** Takes the next bucket in, changing the state in place, in time that does not grow with what has been seen. */
  observe(state: State, observation: BucketObservation, context: BucketContext): void;
  /** What stands against the series now, strongest first. */
  evidence(state: State): readonly Evidence[];
}

/** Causes of which only money is known: any other names a trouble better. */
export const moneyCauses = { volume: 'volume', refunds: 'refunds' } as const;

/** Whether a cause is told by money alone, without counts that say why. */
export function isVolume(cause: string): boolean {
  return cause === moneyCauses.volume;
}

/** Evidence as a test finds it, before it is known whether it reaches the threshold. */
export type Finding = Omit<Evidence, 'threshold' | 'since'>;

/** The stronger of two findings. */
export function stronger(one: Finding | null, other: Finding | null): Finding | null {
  return one === null || (other !== null && other.strength > one.strength) ? other : one;
}
