import type { FreshPart } from '../report.ts';
import { depthGain } from './depth.ts';
import type { Detector, Finding } from './detector.ts';
import {
  type HourShare,
  type HourTrials,
  learnHourShare,
  learnHourTrials,
  putDoubt,
  putUsual,
  renewHourShare,
  startHourShare,
  startHourTrials,
} from './hour-shares.ts';
import {
  doubtOf,
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
  usualRate,
  worsenedRate,
} from './rate.ts';
import { type RateWindows, rateSlot, rateWindows, walkWindows } from './ring.ts';
import { onGrid } from './threshold.ts';
import { isSameRate, pullTrigger, settle, standing, startTrigger, type TriggerState } from './trigger.ts';

const PRIOR = { mark: 6, rate: 2, scale: 1 };
/** Gain of depth, see `depthGain`. */
const DEPTH = 3.5;
/** Weeks in which nothing is said of a dimension: by how much its shares vary is not known before. */
const LEARNED_WEEKS = 4;
/** Weeks after which it is learned by how much shares vary: before, hours of the day are not known that they are held against. */
const HOURS_WEEKS = 2;
/** Attempts a window needs. */
const LEAST_ATTEMPTS = 4;
/** Windows that are news, and the strength from which it matters how the other values do. */
const FRESH_BUCKETS = 2;
const CLOSER_LOOK = 2;
/** As `NEAR`, of a share that is news: it could not add to a storm either. */
const NEAR_NEWS = 0.5;
/** Trials that the belief that the rest is as usual is worth. */
const REST_TRIALS = 5;
/** A value of which fewer attempts are expected in a bucket cannot be low in it. */
const COULD_BE_LOW = 2;

/** One value of a dimension: its share of all attempts, as a whole and by the hour of the day, and its own approval rate. */
export interface PartState {
  readonly share: RateState;
  readonly byHour: HourShare;
  readonly approval: RateState;
}

/** What is remembered of one dimension of one series. */
export interface DimensionState {
  last: number;
  /** Buckets in which it was known. */
  age: number;
  readonly hours: HourTrials;
  /** In the order of the detector's values. */
  readonly parts: readonly PartState[];
  readonly low: TriggerState;
  /** −ln p of each value in the newest bucket or in the newest two, the larger, whatever the threshold. */
  readonly fresh: Float64Array;
}

/** The two rates of a dimension's values, each watched by a detector of its own name. */
type PartRate = 'share' | 'approval';

/** Name of the detector that has seen a rate of a dimension's value fall: `channel-share`, `issuer-approval`. */
export function partDetectorName(dimension: string, rate: PartRate): string {
  return `${dimension}-${rate}`;
}

/** Which rate a detector of that name sees fall; `null` for one that watches no part. */
export function partRateOf(detector: string): PartRate | null {
  const [, rate] = /-(share|approval)$/.exec(detector) ?? [];
  return (rate as PartRate | undefined) ?? null;
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
  const fades = rateFades(perWeek);
  const prior = onGrid(PRIOR, perWeek);
  // Of the bucket that is taken in, by place.
  const attempts = new Float64Array(values.length);
  const approved = new Float64Array(values.length);
  return {
    name: dimension,
    start: () => ({
      last: Number.MIN_SAFE_INTEGER,
      age: 0,
      hours: startHourTrials(),
      parts: values.map(() => ({ share: startRate(), byHour: startHourShare(), approval: startRate() })),
      low: startTrigger(),
      fresh: new Float64Array(values.length),
    }),
    observe(state, { bucket, counts, parts }, { at, calm, renews, targets, ...context }) {
      if (counts === null || parts === undefined || bucket <= state.last) return;
      attempts.fill(0);
      approved.fill(0);
      let isKnown = false;
      for (const part of parts) {
        if (part.dimension !== dimension) continue;
        isKnown = true;
        const place = places.get(part.value);
        if (place === undefined) continue;
        attempts[place] = part.attempts;
        approved[place] = part.approved;
      }
      const { low } = state;
      // Attempts that are of no value at all: the column has gone, and nothing is known of the dimension.
      if (counts.attempts > 0 && !isKnown) {
        low.evidence = null;
        return;
      }
      const warm = context.warm && state.age >= LEARNED_WEEKS * perWeek;
      state.age++;
      putDoubt(state.hours, bucket, at);
      for (let place = 0; place < values.length; place++) {
        const { share, byHour, approval } = state.parts[place]!;
        putUsual(byHour, state.hours, { bucket, at, usual: usualRate(share) });
        putRate(share, state.last, bucket, { trials: counts.attempts, successes: attempts[place]! });
        putRate(approval, state.last, bucket, { trials: attempts[place]!, successes: approved[place]! });
      }
      state.last = bucket;
      state.fresh.fill(0);
      const found = warm ? strongest(state, dimension, values, { bucket, after: low.after, lengths }) : null;
      const before = low.evidence;
      const trouble = before ?? found;
      // What stands is well again by its own part and rate, whichever is strongest now.
      const part = trouble && state.parts[places.get(String(trouble.causeValue))!]!;
      const ofApproval = trouble !== null && partRateOf(trouble.detector) === 'approval';
      const rate = part?.[ofApproval ? 'approval' : 'share'];
      const usualAt = part ? usualOfPart(part, ofApproval) : () => 0;
      const recovery = trouble && rate ? rateRecovery(rate, bucket, trouble, usualAt) : null;
      const terms = { prior, target: targets.dimension, perWeek, bucket, holds: perWeek / 7 };
      if (warm) pullTrigger(low, found, recovery, terms);
      if (before && low.evidence && rate && isSameRate(before, low.evidence)) {
        low.evidence = worsenedRate(rate, bucket, { before, now: low.evidence }, usualAt);
      }
      if (renews && low.evidence !== null) {
        for (const { share, byHour, approval } of state.parts) {
          renewHourShare(byHour, state.hours, share);
          renewRate(share);
          renewRate(approval);
        }
        settle(low, bucket);
        return;
      }
      if (!calm || low.evidence !== null) return;
      const knowsHours = state.age > HOURS_WEEKS * perWeek;
      const slot = rateSlot(bucket);
      for (let place = 0; place < values.length; place++) {
        const { share, byHour, approval } = state.parts[place]!;
        const ofAll = { trials: counts.attempts, successes: attempts[place]! };
        const ofPart = { trials: attempts[place]!, successes: approved[place]! };
        const usual = { rate: byHour.ringUsual[slot]!, doubt: state.hours.ringDoubt[slot]! };
        learnRate(share, ofAll, fades, knowsHours ? usual : null);
        learnHourShare(byHour, at, ofAll);
        learnRate(approval, ofPart, fades, { rate: usualRate(approval), doubt: 0 });
      }
      learnHourTrials(state.hours, at, counts.attempts);
    },
    evidence: ({ low }) => standing(low),
  };
}

/** A share's trials and successes over a window, and how many of those are usual at its hours. */
interface ShareRun extends Run {
  expected: number;
}

/** What is looked for in the windows of one dimension, and what has been found so far. */
interface Search {
  readonly state: DimensionState;
  readonly dimension: string;
  readonly values: readonly string[];
  /** Of each part, over the window so far. */
  readonly shares: readonly ShareRun[];
  readonly approvals: readonly Run[];
  /** What is not known of the hours of the window so far: Σ squares of a bucket's trials · its doubt. */
  doubt: number;
  best: Finding | null;
}

function strongest(
  state: DimensionState,
  dimension: string,
  values: readonly string[],
  windows: RateWindows,
): Finding | null {
  const { parts } = state;
  const shares = parts.map(() => ({ trials: 0, successes: 0, expected: 0 }));
  const approvals = parts.map(newRun);
  const search: Search = { state, dimension, values, shares, approvals, doubt: 0, best: null };
  const extend = (slot: number) => {
    const trials = parts[0]?.share.ringTrials[slot] ?? 0;
    search.doubt += trials * trials * state.hours.ringDoubt[slot]!;
    for (let place = 0; place < parts.length; place++) {
      const { share, byHour, approval } = parts[place]!;
      extendRun(share, shares[place]!, slot);
      shares[place]!.expected += trials * byHour.ringUsual[slot]!;
      extendRun(approval, approvals[place]!, slot);
    }
  };
  walkWindows(windows, extend, (start, buckets) => judge(search, start, buckets));
  return search.best;
}

/** Looks at share and approval of each part over a window. */
function judge(search: Search, start: number, buckets: number): void {
  const { parts, low } = search.state;
  // What is weak beside standing evidence still says when that is over.
  const near = low.evidence !== null ? 0 : buckets <= FRESH_BUCKETS ? NEAR_NEWS : NEAR;
  const all = newRun();
  for (const { trials, successes } of search.approvals) {
    all.trials += trials;
    all.successes += successes;
  }
  for (let place = 0; place < parts.length; place++) {
    const { share, approval } = parts[place]!;
    const [ofShare, ofApproval] = [search.shares[place]!, search.approvals[place]!];
    if (ofShare.trials >= LEAST_ATTEMPTS && knowsRate(share)) {
      const { trials, expected } = ofShare;
      const usual = { rate: expected / trials, doubt: doubtOf(share) + search.doubt / (trials * trials) };
      const strength = isNearUsual(share, ofShare, usual, near) ? 0 : rateTail(share, ofShare, usual);
      take(search, { place, start, buckets, strength, usual: usual.rate, ofApproval: false });
    }
    if (ofApproval.trials >= LEAST_ATTEMPTS && knowsRate(approval)) {
      const usual = usualOf(approval);
      const own = isNearUsual(approval, ofApproval, usual, near) ? 0 : rateTail(approval, ofApproval, usual);
      const factor = own < CLOSER_LOOK ? 1 : restOf(approval, all, ofApproval);
      const held = { ...usual, rate: factor * usual.rate };
      const strength = factor === 1 ? own : rateTail(approval, ofApproval, held);
      take(search, { place, start, buckets, strength, usual: usual.rate, ofApproval: true });
    }
  }
}

/** A rate of a part that is looked at in a window, and how unlikely it is to be so low, as −ln p. */
interface Suspect {
  readonly place: number;
  readonly start: number;
  readonly buckets: number;
  readonly strength: number;
  /** The usual rate of that window. */
  readonly usual: number;
  readonly ofApproval: boolean;
}

/** Keeps a suspect where it is stronger than what has been found. */
function take(search: Search, { place, start, buckets, strength: own, usual: expected, ofApproval }: Suspect): void {
  const { fresh } = search.state;
  if (buckets <= FRESH_BUCKETS) fresh[place] = Math.max(fresh[place]!, own);
  const { trials, successes } = (ofApproval ? search.approvals : search.shares)[place]!;
  const observed = successes / trials;
  const strength = own + depthGain(DEPTH, observed / expected);
  if (search.best !== null && strength <= search.best.strength) return;
  const missing = Math.max(0, expected * trials - successes);
  // What a silent part leaves behind is the rest: the whole was larger by the part's share.
  const attempts = ofApproval ? 0 : missing / Math.max(0.05, 1 - expected);
  const sales = ofApproval ? missing : 0;
  const { dimension } = search;
  const detector = partDetectorName(dimension, ofApproval ? 'approval' : 'share');
  const part = { detector, side: 'low' as const, cause: dimension, causeValue: search.values[place]! };
  search.best = { ...part, strength, start, buckets, observed, expected, attempts, sales };
}

/** How the rest is approved now in relation to usual, at most as usual, drawn towards that where the rest is small. */
function restOf(rate: RateState, all: Run, own: Run): number {
  const trials = all.trials - own.trials + REST_TRIALS;
  const successes = all.successes - own.successes + REST_TRIALS * usualRate(rate);
  return Math.min(1, successes / trials / usualRate(rate));
}

/** The usual rate of a part, its share or its approval, of the bucket in a slot of the rings. */
function usualOfPart({ byHour, approval }: PartState, ofApproval: boolean): (slot: number) => number {
  if (!ofApproval) return (slot) => byHour.ringUsual[slot]!;
  const usual = usualRate(approval);
  return () => usual;
}

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
  parts.forEach(({ share, byHour, approval }, place) => {
    const usualAttempts = byHour.ringUsual[slot]! * share.ringTrials[slot]!;
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
