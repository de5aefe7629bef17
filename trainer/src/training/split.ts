import type { Series } from '@tidemark/shared/forecasting';

/** Parts of a history, as counts of buckets from its start; see `splitOf`. */
export interface Split {
  /** Targets before this one are learned from, … */
  readonly learnEnd: number;
  /** … from there to here they choose the best checkpoint and who serves, … */
  readonly trainEnd: number;
  /** … from there to here they calibrate, … */
  readonly calibrationEnd: number;
  /** … and from there to here they are the test. */
  readonly end: number;
}

/** 65 % train (its last 12 % for early stopping), 15 % calibration, 20 % test. */
export function splitOf(buckets: number): Split {
  const trainEnd = Math.floor(0.65 * buckets);
  return {
    learnEnd: Math.floor(0.88 * trainEnd),
    trainEnd,
    calibrationEnd: Math.floor(0.8 * buckets),
    end: buckets,
  };
}

/** Buckets before the first open one. */
export function completeLength({ states }: Series): number {
  const open = states.indexOf('open');
  return open < 0 ? states.length : open;
}
