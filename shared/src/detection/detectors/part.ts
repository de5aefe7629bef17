import type { FreshPart } from '../report.ts';
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
import { type RateWindows, rateSlot, rateWindows, walkWindows } from './ring.ts';
import { pullTrigger, startTrigger, type TriggerState } from './trigger.ts';

const PRIOR = { mark: 6, rate: 2, scale: 1 };
/** Gain of depth, see `depthGain`. */
const DEPTH = 3.5;
/** Attempts a window needs. */
const LEAST_ATTEMPTS = 4;
/** Windows that are news, and the strength from which it matters how the other values do. */
const FRESH_BUCKETS = 2;
const CLOSER_LOOK = 2;
/** Trials that the belief that the rest is as usual is worth. */
const REST_TRIALS = 5;
/** A value of which fewer attempts are expected in a bucket cannot be low in it. */
const COULD_BE_LOW = 2;

/** One value of a dimension: its share of all attempts, and its own approval rate. */
export interface PartState {
  readonly share: RateState;
  readonly approval: RateState;
}

/** What is remembered of one dimension of one series. */
export interface DimensionState {
  last: number;
  /** In the order of the detector's values. */
  readonly parts: readonly PartState[];
  readonly low: TriggerState;
  /** −ln p of each value in the newest bucket or in the newest two, the larger, whatever the threshold. */
  readonly fresh: Float64Array;
  /** Place of the part that stands in evidence, −1 for none, and whether by its approval rather than its share. */
  standing: number;
  standingApproval: boolean;
}

/** A finding, and the part and rate it is of. */
interface PartFinding {
  readonly finding: Finding;
  readonly place: number;
  readonly ofApproval: boolean;
}

/**
 * Watches the parts of one dimension: a part that falls silent while the whole goes on, and a part whose own approval
 * rate falls: below its usual, and where the rest is approved less too, below its usual as far as the rest has fallen.
 * @param dimension its configured name, which is also the cause.
 * @param values the values watched; what is not listed counts to the whole only.
 * @param perWeek buckets in a week.
 */
export function partDetector(dimension: string, values: readonly string[], perWeek: number): Detector<DimensionState> {
  const places = new Map(values.map((value, place) => [value, place]));
  const lengths = new Set(rateWindows(perWeek));
  return {
    name: dimension,
    start: () => ({
      last: Number.MIN_SAFE_INTEGER,
      parts: values.map(() => ({ share: startRate(), approval: startRate() })),
      low: startTrigger(),
      fresh: new Float64Array(values.length),
      standing: -1,
      standingApproval: false,
    }),
    observe(state, { bucket, counts, parts }, { warm, calm, targets }) {
      if (counts === null || parts === undefined || bucket <= state.last) return;
      // Attempts that are of no value at all: the column has gone, and nothing is known of the dimension.
      if (counts.attempts > 0 && !parts.some((part) => part.dimension === dimension)) return;
      const attempts = new Float64Array(values.length);
      const approved = new Float64Array(values.length);
      for (const part of parts) {
        const place = part.dimension === dimension ? places.get(part.value) : undefined;
        if (place === undefined) continue;
        attempts[place] = part.attempts;
        approved[place] = part.approved;
      }
      const { low } = state;
      state.parts.forEach(({ share, approval }, place) => {
        putRate(share, state.last, bucket, { trials: counts.attempts, successes: attempts[place]! });
        putRate(approval, state.last, bucket, { trials: attempts[place]!, successes: approved[place]! });
      });
      state.last = bucket;
      state.fresh.fill(0);
      const found = warm ? strongest(state, dimension, values, { bucket, after: low.after, lengths }) : null;
      if (found !== null) [state.standing, state.standingApproval] = [found.place, found.ofApproval];
      const rate = state.parts[state.standing]?.[state.standingApproval ? 'approval' : 'share'];
      const before = low.evidence;
      const trouble = found?.finding ?? before;
      const recovery = trouble && rate ? rateRecovery(rate, bucket, trouble) : null;
      const terms = { prior: PRIOR, target: targets[dimension]!, perWeek };
      if (warm) pullTrigger(low, found?.finding ?? null, recovery, terms);
      if (before && low.evidence && rate && before.causeValue === low.evidence.causeValue) {
        low.evidence = worsenedRate(rate, bucket, before, low.evidence);
      }
      if (low.evidence === null) state.standing = -1;
      if (!calm || low.evidence !== null) return;
      state.parts.forEach(({ share, approval }, place) => {
        learnRate(share, counts.attempts, attempts[place]!, perWeek);
        learnRate(approval, attempts[place]!, approved[place]!, perWeek);
      });
    },
    evidence: ({ low }) => (low.evidence === null ? [] : [low.evidence]),
  };
}

function strongest(
  state: DimensionState,
  dimension: string,
  values: readonly string[],
  windows: RateWindows,
): PartFinding | null {
  const runs = state.parts.map(() => ({ share: newRun(), approval: newRun() }));
  let best: PartFinding | null = null;
  const judge = (start: number, buckets: number) => {
    const all = newRun();
    for (const { approval } of runs) {
      all.trials += approval.trials;
      all.successes += approval.successes;
    }
    state.parts.forEach((part, place) => {
      const take = (rate: RateState, run: Run, strength: number, ofApproval: boolean) => {
        if (buckets <= FRESH_BUCKETS) state.fresh[place] = Math.max(state.fresh[place]!, strength);
        const usual = usualRate(rate);
        const missing = Math.max(0, usual * run.trials - run.successes);
        const finding: Finding = {
          detector: dimension,
          side: 'low',
          cause: dimension,
          causeValue: values[place]!,
          strength: strength + depthGain(DEPTH, run.successes / run.trials / usual),
          start,
          buckets,
          observed: run.successes / run.trials,
          expected: usual,
          // What a silent part leaves behind is the rest: the whole was larger by the part's share.
          attempts: ofApproval ? 0 : missing / Math.max(0.05, 1 - usual),
          sales: ofApproval ? missing : 0,
        };
        if (stronger(best?.finding ?? null, finding) === finding) best = { finding, place, ofApproval };
      };
      const { share, approval } = runs[place]!;
      if (share.trials >= LEAST_ATTEMPTS && knowsRate(part.share)) {
        take(part.share, share, rateTail(part.share, share.trials, share.successes), false);
      }
      if (approval.trials >= LEAST_ATTEMPTS && knowsRate(part.approval)) {
        const own = rateTail(part.approval, approval.trials, approval.successes);
        const factor = own < CLOSER_LOOK ? 1 : restOf(part.approval, all, approval);
        take(part.approval, approval, factor === 1 ? own : rateTail(part.approval, ...pairOf(approval), factor), true);
      }
    });
  };
  const extend = (slot: number) => {
    state.parts.forEach((part, place) => {
      extendRun(part.share, runs[place]!.share, slot);
      extendRun(part.approval, runs[place]!.approval, slot);
    });
  };
  walkWindows(windows, extend, judge);
  return best;
}

/** How the rest is approved now in relation to usual, at most as usual, drawn towards that where the rest is small. */
function restOf(rate: RateState, all: Run, own: Run): number {
  const trials = all.trials - own.trials + REST_TRIALS;
  const successes = all.successes - own.successes + REST_TRIALS * usualRate(rate);
  return Math.min(1, successes / trials / usualRate(rate));
}

const pairOf = ({ trials, successes }: Run) => [trials, successes] as const;
const newRun = (): Run => ({ trials: 0, successes: 0 });

/**
 * How low each value of a dimension is in the newest bucket or two, of those of which so much is expected that they could
 * be low: what storms of one channel or issuer are made of.
 */
export function freshParts(
  { parts, fresh, last }: DimensionState,
  dimension: string,
  values: readonly string[],
): FreshPart[] {
  const found: FreshPart[] = [];
  const slot = rateSlot(last);
  parts.forEach(({ share, approval }, place) => {
    const usualAttempts = usualRate(share) * share.ringTrials[slot]!;
    if (usualAttempts < COULD_BE_LOW) return;
    found.push({
      cause: dimension,
      causeValue: values[place]!,
      // The larger of two tests over two windows each (Bonferroni).
      strength: Math.max(0, fresh[place]! - Math.log(4)),
      attempts: share.ringSuccesses[slot]!,
      usualAttempts,
      approved: approval.ringSuccesses[slot]!,
      usualApproved: usualRate(approval) * approval.ringTrials[slot]!,
    });
  });
  return found;
}
