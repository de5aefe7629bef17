import { depthGain } from './depth.ts';
import { type Detector, type Finding, stronger } from './detector.ts';
import {
  extendRun,
  knowsRate,
  learnRate,
  putRate,
  type RateState,
  type Run,
  rateRecovery,
  rateTail,
  startRate,
  usualRate,
  worsenedRate,
} from './rate.ts';
import { type RateWindows, rateWindows, walkWindows } from './ring.ts';
import { pullTrigger, startTrigger, type TriggerState } from './trigger.ts';

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
  return {
    name: 'approval',
    start: () => ({
      last: Number.MIN_SAFE_INTEGER,
      rate: startRate(),
      low: startTrigger(),
      fresh: new Float64Array(1),
    }),
    observe(state, { bucket, counts }, { warm, calm, targets }) {
      if (counts === null || bucket <= state.last) return;
      const { rate, low } = state;
      putRate(rate, state.last, bucket, { trials: counts.attempts, successes: counts.approved });
      state.last = bucket;
      state.fresh[0] = knowsRate(rate) ? rateTail(rate, counts.attempts, counts.approved) : 0;
      if (warm && knowsRate(rate)) {
        const found = strongest(rate, { bucket, after: low.after, lengths });
        const before = low.evidence;
        const trouble = found ?? before;
        const recovery = trouble && rateRecovery(rate, bucket, trouble);
        pullTrigger(low, found, recovery, { prior: PRIOR, target: targets.approval!, perWeek });
        if (before && low.evidence) low.evidence = worsenedRate(rate, bucket, before, low.evidence);
      }
      if (calm && low.evidence === null) learnRate(rate, counts.attempts, counts.approved, perWeek);
    },
    evidence: ({ low }) => (low.evidence === null ? [] : [low.evidence]),
  };
}

function strongest(rate: RateState, windows: RateWindows): Finding | null {
  const usual = usualRate(rate);
  const run: Run = { trials: 0, successes: 0 };
  let found: Finding | null = null;
  walkWindows(
    windows,
    (slot) => extendRun(rate, run, slot),
    (start, buckets) => {
      if (run.trials < LEAST_ATTEMPTS) return;
      found = stronger(found, {
        detector: 'approval',
        side: 'low',
        cause: 'approval',
        causeValue: null,
        strength: rateTail(rate, run.trials, run.successes) + depthGain(DEPTH, run.successes / run.trials / usual),
        start,
        buckets,
        observed: run.successes / run.trials,
        expected: usual,
        attempts: 0,
        sales: Math.max(0, usual * run.trials - run.successes),
      });
    },
  );
  return found;
}
