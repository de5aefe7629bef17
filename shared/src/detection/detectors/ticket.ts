import type { Direction } from '../../vocabulary.ts';
import { depthGain } from './depth.ts';
import type { Detector, Finding } from './detector.ts';
import {
  clearUnseen,
  newestWell,
  RATE_RING,
  type RateWindows,
  rateSlot,
  rateWindows,
  sumOf,
  walkWindows,
} from './ring.ts';
import { normalTail } from './tails.ts';
import { onGrid } from './threshold.ts';
import { pullTrigger, settle, standing, startTrigger, type TriggerState } from './trigger.ts';

const PRIOR = { mark: 5, rate: 0.6, scale: 1 };
/** Gain of depth, see `depthGain`: less than that of rates, for amounts seldom fall to nothing. */
const DEPTH = 1;
/** Sales a window needs, and sales that must be known before. */
const LEAST_SALES = 5;
export const LEAST_KNOWN = 60;
const HALF_LIFE_WEEKS = 4;
const SLOW_WEEKS = 26;
/** Variance of a bucket's mean log amount beyond chance: what is believed of it, and the standard error of that. */
const PRIOR_BETWEEN = 0.003;
const PRIOR_BETWEEN_ERROR = 0.003;
const LEAST_BETWEEN = 0.0002;
const LEAST_VARIANCE = 1e-4;

/** Sales, and the sums of ln(amount) and of its square over them. */
interface Amounts {
  sales: number;
  logSum: number;
  logSquares: number;
}

/** What is remembered of one series' amounts: fading sums, and the newest buckets by `rateSlot`. */
export interface TicketState extends Amounts {
  last: number;
  betweenSum: number;
  betweenWeight: number;
  readonly ringSales: Float64Array;
  readonly ringSums: Float64Array;
  readonly low: TriggerState;
  readonly high: TriggerState;
}

/**
 * Mean ln(amount) of sales against the usual one, over windows up to half a day, both sides: a z test. Logarithms, because
 * amounts have heavy tails: a sum of money tells late what a mean of logarithms tells at once.
 * @param perWeek buckets in a week.
 */
export function ticketDetector(perWeek: number): Detector<TicketState> {
  const lengths = new Set(rateWindows(perWeek));
  const prior = onGrid(PRIOR, perWeek);
  return {
    name: 'ticket',
    start: () => ({
      last: Number.MIN_SAFE_INTEGER,
      sales: 0,
      logSum: 0,
      logSquares: 0,
      betweenSum: 0,
      betweenWeight: 0,
      ringSales: new Float64Array(RATE_RING),
      ringSums: new Float64Array(RATE_RING),
      low: startTrigger(),
      high: startTrigger(),
    }),
    observe(state, { bucket, counts }, { warm, calm, renews, targets }) {
      if (counts === null || bucket <= state.last) return;
      if (state.last < bucket - 1) clearUnseen(state.last, bucket, [state.ringSales, state.ringSums]);
      state.ringSales[rateSlot(bucket)] = counts.sales;
      state.ringSums[rateSlot(bucket)] = counts.logSum;
      state.last = bucket;
      if (warm && state.sales >= LEAST_KNOWN) {
        for (const [side, target] of [['low', targets.ticketLow] as const, ['high', targets.ticketHigh] as const]) {
          const trigger = state[side];
          const found = strongest(state, side, { bucket, after: trigger.after, lengths });
          const trouble = trigger.evidence ?? found;
          const recovery = trouble && recoveryFrom(state, bucket, trouble);
          pullTrigger(trigger, found, recovery, { prior, target, perWeek, bucket, holds: perWeek / 7 });
        }
      }
      const stands = state.low.evidence !== null || state.high.evidence !== null;
      if (renews && stands) {
        renew(state);
        for (const trigger of [state.low, state.high]) settle(trigger, bucket);
      } else if (calm && !stands) {
        learn(state, counts, perWeek);
      }
    },
    evidence: ({ low, high }) => standing(low, high),
  };
}

/** The usual mean ln(amount), its variance from sale to sale, and from bucket to bucket beyond that. */
export function usualTicket(state: TicketState): { mean: number; variance: number; between: number } {
  const mean = state.logSum / state.sales;
  const variance = Math.max(LEAST_VARIANCE, state.logSquares / state.sales - mean * mean);
  const prior = 1 / PRIOR_BETWEEN_ERROR ** 2;
  const between = Math.max(LEAST_BETWEEN, (state.betweenSum + prior * PRIOR_BETWEEN) / (state.betweenWeight + prior));
  return { mean, variance, between: between * Math.min(1, variance) };
}

/** −ln p of so low and of so high a mean amount in the newest bucket, however few its sales, whatever the threshold. */
export function freshTicket(state: TicketState): Readonly<Record<Direction, number>> {
  const slot = rateSlot(state.last);
  const sales = state.ringSales[slot]!;
  if (sales === 0 || state.sales < LEAST_KNOWN) return { low: 0, high: 0 };
  const { mean, variance, between } = usualTicket(state);
  const z = (state.ringSums[slot]! / sales - mean) / Math.sqrt(variance / sales + variance / state.sales + between);
  return { low: normalTail(z), high: normalTail(-z) };
}

function strongest(state: TicketState, side: Direction, windows: RateWindows): Finding | null {
  const { mean, variance, between } = usualTicket(state);
  let sales = 0;
  let sum = 0;
  let found: Finding | null = null;
  const take = (slot: number) => {
    sales += state.ringSales[slot]!;
    sum += state.ringSums[slot]!;
  };
  const judge = (start: number, buckets: number) => {
    if (sales < LEAST_SALES) return;
    const observed = sum / sales;
    const z = (observed - mean) / Math.sqrt(variance / sales + variance / state.sales + between);
    const change = observed - mean;
    const depth = depthGain(DEPTH, Math.exp(side === 'low' ? change : -change));
    const strength = normalTail(side === 'low' ? z : -z) + depth;
    if (found !== null && strength <= found.strength) return;
    const window = { start, buckets, observed, expected: mean };
    const unusual = sales * Math.min(10, Math.abs(1 - Math.exp(change)));
    found = { detector: 'ticket', side, ...TICKET, strength, ...window, attempts: 0, sales: unusual };
  };
  walkWindows(windows, take, judge);
  return found;
}

const TICKET = { cause: 'ticket', causeValue: null } as const;

/** First of the newest buckets, later than the trouble's first, that are as usual rather than as in the trouble. */
function recoveryFrom(state: TicketState, bucket: number, { observed, start }: Finding): number | null {
  const { mean, variance, between } = usualTicket(state);
  let sales = 0;
  let sum = 0;
  let squares = 0;
  return newestWell(bucket, start, (slot) => {
    sales += state.ringSales[slot]!;
    squares += state.ringSales[slot]! ** 2;
    sum += state.ringSums[slot]!;
    if (sales === 0) return 0;
    const now = sum / sales;
    return (
      ((now - observed) ** 2 - (now - mean) ** 2) / (2 * (variance / sales + (between * squares) / (sales * sales)))
    );
  });
}

/** Takes the amounts of the newest twelve buckets for the usual ones, with the variance that is known. */
function renew(state: TicketState): void {
  const { variance } = usualTicket(state);
  state.sales = sumOf(state.ringSales);
  state.logSum = sumOf(state.ringSums);
  state.logSquares = state.sales > 0 ? state.sales * variance + state.logSum ** 2 / state.sales : 0;
}

/** Learns from a calm bucket. */
function learn(state: TicketState, { sales, logSum, logSquares }: Amounts, perWeek: number): void {
  if (sales >= 2 && state.sales >= LEAST_KNOWN) {
    const { mean, variance } = usualTicket(state);
    const noise = variance / sales;
    const squared = Math.min((logSum / sales - mean) ** 2, 12 * (noise + PRIOR_BETWEEN));
    const weight = 0.5 / (noise + PRIOR_BETWEEN) ** 2;
    const slow = 2 ** (-1 / (SLOW_WEEKS * perWeek));
    state.betweenSum = slow * state.betweenSum + weight * (squared - noise);
    state.betweenWeight = slow * state.betweenWeight + weight;
  }
  const keep = 2 ** (-1 / (HALF_LIFE_WEEKS * perWeek));
  state.sales = keep * state.sales + sales;
  state.logSum = keep * state.logSum + logSum;
  state.logSquares = keep * state.logSquares + logSquares;
}
