import { depthGain } from './depth.ts';
import type { Detector, Finding } from './detector.ts';
import {
  extendRun,
  isNearUsual,
  knowsRate,
  learnRate,
  NEAR,
  putRate,
  type RateState,
  type Run,
  rateFades,
  rateRecovery,
  rateTail,
  renewRate,
  startRate,
  usualOf,
  worsenedRate,
} from './rate.ts';
import { type RateWindows, rateWindows, walkWindows } from './ring.ts';
import { onGrid } from './threshold.ts';
import { pullTrigger, settle, standing, startTrigger, type TriggerState } from './trigger.ts';

const PRIOR = { mark: 5, rate: 0.4, scale: 1 };
/** Gain of depth, see `depthGain`. */
const DEPTH = 3.5;
/** Attempts a window needs. */
const LEAST_ATTEMPTS = 3;

/** What is remembered of one series' approvals. */
export interface ApprovalState {
  last: number;
  readonly rate: RateState;
  readonly low: TriggerState;
  /** [1]: −ln p of so few approved in the newest bucket, whatever the threshold. */
  readonly fresh: Float64Array;
}

/**
 * Approved among attempts against the series' usual share, over windows up to half a day. It needs no forecast: what the
 * customers do cancels. A log that holds approved rows only has a share of 1 and never falls.
 * @param perWeek buckets in a week.
 */
export function approvalDetector(perWeek: number): Detector<ApprovalState> {
  const lengths = new Set(rateWindows(perWeek));
  const fades = rateFades(perWeek);
  const prior = onGrid(PRIOR, perWeek);
  return {
    name: 'approval',
    start: () => ({
      last: Number.MIN_SAFE_INTEGER,
      rate: startRate(),
      low: startTrigger(),
      fresh: new Float64Array(1),
    }),
    observe(state, { bucket, counts }, { warm, calm, renews, targets }) {
      if (counts === null || bucket <= state.last) return;
      const { rate, low } = state;
      const ofBucket: Run = { trials: counts.attempts, successes: counts.approved };
      const usual = usualOf(rate);
      const usualAt = () => usual.rate;
      putRate(rate, state.last, bucket, ofBucket);
      state.last = bucket;
      state.fresh[0] = knowsRate(rate) ? rateTail(rate, ofBucket, usual) : 0;
      if (warm && knowsRate(rate)) {
        // What is weak beside standing evidence still says when that is over.
        const near = low.evidence === null ? NEAR : 0;
        const found = strongest(rate, { bucket, after: low.after, lengths }, near);
        const before = low.evidence;
        const trouble = before ?? found;
        const recovery = trouble && rateRecovery(rate, bucket, trouble, usualAt);
        pullTrigger(low, found, recovery, { prior, target: targets.approval, perWeek, bucket, holds: perWeek / 7 });
        if (before && low.evidence) {
          low.evidence = worsenedRate(rate, bucket, { before, now: low.evidence }, usualAt);
        }
      }
      if (renews && low.evidence !== null) {
        renewRate(rate);
        settle(low, bucket);
      } else if (calm && low.evidence === null) learnRate(rate, ofBucket, fades, { rate: usual.rate, doubt: 0 });
    },
    evidence: ({ low }) => standing(low),
  };
}

/** @param near standard deviations from the usual within which a share counts as usual. */
function strongest(rate: RateState, windows: RateWindows, near: number): Finding | null {
  const usual = usualOf(rate);
  const expected = usual.rate;
  const run: Run = { trials: 0, successes: 0 };
  let found: Finding | null = null;
  const judge = (start: number, buckets: number) => {
    const { trials, successes } = run;
    if (trials < LEAST_ATTEMPTS) return;
    const observed = successes / trials;
    const tail = isNearUsual(rate, run, usual, near) ? 0 : rateTail(rate, run, usual);
    const strength = tail + depthGain(DEPTH, observed / expected);
    if (found !== null && strength <= found.strength) return;
    const sales = Math.max(0, expected * trials - successes);
    found = { ...APPROVAL, strength, start, buckets, observed, expected, attempts: 0, sales };
  };
  walkWindows(windows, (slot) => extendRun(rate, run, slot), judge);
  return found;
}

const APPROVAL = { detector: 'approval', side: 'low', cause: 'approval', causeValue: null } as const;
