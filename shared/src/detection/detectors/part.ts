import { type Detector, type Finding, stronger } from './detector.ts';
import {
  extendRun,
  knowsRate,
  learnRate,
  putRate,
  RATE_RING,
  type RateState,
  type Run,
  rateRecovery,
  rateTail,
  rateWindows,
  skipRates,
  startRate,
  usualRate,
  worsenedRate,
} from './rate.ts';
import { pullTrigger, startTrigger, type TriggerState } from './trigger.ts';

const PRIOR = { mark: 5, rate: 0.5, scale: 1 };
/** Attempts a window needs. */
const LEAST_ATTEMPTS = 4;

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
 * rate falls. Where the rest of the attempts has fallen too, the part is not to blame: the rest's strength is taken off.
 * @param dimension its configured name, which is also the cause.
 * @param values the values watched; what is not listed counts to the whole only.
 * @param perWeek buckets in a week.
 */
export function partDetector(dimension: string, values: readonly string[], perWeek: number): Detector<DimensionState> {
  const places = new Map(values.map((value, place) => [value, place]));
  const windows = new Set(rateWindows(perWeek));
  return {
    name: dimension,
    start: () => ({
      last: Number.MIN_SAFE_INTEGER,
      parts: values.map(() => ({ share: startRate(), approval: startRate() })),
      low: startTrigger(),
      standing: -1,
      standingApproval: false,
    }),
    observe(state, { bucket, counts, parts }, { warm, calm, targets }) {
      if (counts === null || parts === undefined || bucket <= state.last) return;
      const attempts = new Float64Array(values.length);
      const approved = new Float64Array(values.length);
      for (const part of parts) {
        const place = part.dimension === dimension ? places.get(part.value) : undefined;
        if (place === undefined) continue;
        attempts[place] = part.attempts;
        approved[place] = part.approved;
      }
      const { low } = state;
      const rates = state.parts.flatMap(({ share, approval }) => [share, approval]);
      skipRates(rates, state.last, bucket);
      state.last = bucket;
      state.parts.forEach(({ share, approval }, place) => {
        putRate(share, bucket, counts.attempts, attempts[place]!);
        putRate(approval, bucket, attempts[place]!, approved[place]!);
      });
      const found = warm ? strongest(state, bucket, dimension, values, windows) : null;
      if (found !== null) [state.standing, state.standingApproval] = [found.place, found.ofApproval];
      const rate = state.parts[state.standing]?.[state.standingApproval ? 'approval' : 'share'];
      const before = low.evidence;
      const trouble = found?.finding ?? before;
      const recovery = trouble && rate ? rateRecovery(rate, bucket, trouble) : null;
      if (warm) pullTrigger(low, found?.finding ?? null, recovery, PRIOR, targets[dimension]!, perWeek);
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
  bucket: number,
  dimension: string,
  values: readonly string[],
  windows: ReadonlySet<number>,
): PartFinding | null {
  const runs = state.parts.map(() => ({ share: newRun(), approval: newRun() }));
  let best: PartFinding | null = null;
  for (let length = 1; length <= RATE_RING; length++) {
    const start = bucket - length + 1;
    let approved = 0;
    let attempts = 0;
    state.parts.forEach((part, place) => {
      const { share, approval } = runs[place]!;
      extendRun(part.share, share, bucket, length);
      extendRun(part.approval, approval, bucket, length);
      approved += approval.successes;
      attempts += approval.trials;
    });
    if (start <= state.low.after || !windows.has(length)) continue;
    state.parts.forEach((part, place) => {
      const take = (rate: RateState, run: Run, strength: number, ofApproval: boolean) => {
        const usual = usualRate(rate);
        const missing = Math.max(0, usual * run.trials - run.successes);
        const finding: Finding = {
          detector: dimension,
          side: 'low',
          cause: dimension,
          causeValue: values[place]!,
          strength,
          start,
          buckets: length,
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
        const [others, passed] = [attempts - approval.trials, approved - approval.successes];
        const rest = own < PRIOR.mark ? 0 : rateTail(part.approval, others, passed);
        take(part.approval, approval, Math.max(0, own - rest), true);
      }
    });
  }
  return best;
}

const newRun = (): Run => ({ trials: 0, successes: 0 });
