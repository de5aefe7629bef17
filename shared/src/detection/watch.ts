import type { SpecialDay } from '../forecasting/features/special-days.ts';
import { HOUR_MS, WEEK_MS } from '../forecasting/time/duration.ts';
import type { ZoneClock } from '../forecasting/time/zone.ts';
import { testTargets } from './budget.ts';
import { type ApprovalState, approvalDetector } from './detectors/approval.ts';
import { type BandState, bandDetector } from './detectors/band.ts';
import { type BucketContext, type Detector, type Evidence, isVolume } from './detectors/detector.ts';
import { type DimensionState, freshParts, partDetector } from './detectors/part.ts';
import { silenceNoticed } from './detectors/promise.ts';
import { extendRun, usualRate } from './detectors/rate.ts';
import { refundsTail } from './detectors/refunds.ts';
import { rateSlot } from './detectors/ring.ts';
import { freshTicket, type TicketState, ticketDetector } from './detectors/ticket.ts';
import { freshAttempts, LEFT_WEEKS, lowLengths, type WindowState, windowDetector } from './detectors/window.ts';
import { localHours } from './expected/local-hours.ts';
import type { BucketObservation } from './observation.ts';
import type { SeriesReport } from './report.ts';

/** Weeks in which nothing is said: a series that has just begun has no usual. */
export const COLD_WEEKS = 4;
/** Half-life of what a sale is worth, in weeks. */
const MONEY_WEEKS = 4;

/** A column by whose values troubles are told apart. */
export interface WatchedDimension {
  /** Its configured name, which becomes the cause of what is found in it: `channel`. */
  readonly name: string;
  /** The values watched; others count to the whole only. */
  readonly values: readonly string[];
}

/** What a watch needs to know of the company. */
export interface WatchConfig {
  /** Length of a bucket; divides a day. */
  readonly stepMs: number;
  /** The merchants' clock. */
  readonly clock: Pick<ZoneClock, 'offsetMs' | 'timeZone'>;
  /** What the local date of a bucket is beside its day of the week, see `Calendar.special`. */
  readonly special?: (bucket: number) => Pick<SpecialDay, 'kind' | 'exceptional'> | undefined;
  readonly dimensions: readonly WatchedDimension[];
  /** False incidents a week one series may raise: the company's budget ÷ the number of its series, > 0. */
  readonly falsePerSeriesWeek: number;
}

/** All that is remembered of one series between buckets; see `encodeWatchState`. */
export interface WatchState {
  /** The configuration it fits, see `Watch.fits`. */
  readonly shape: string;
  /** Last bucket taken in. */
  last: number;
  /** Buckets taken in. */
  seen: number;
  /** Buckets before it at whose end evidence stood, less those since at whose end none did; at least 0. */
  troubled: number;
  /** Fading sums: money of sales, sales, money of all per week. */
  money: number;
  sales: number;
  weeks: number;
  readonly attempts: WindowState;
  readonly approval: ApprovalState;
  readonly ticket: TicketState;
  readonly band: BandState;
  /** In the order of the configured dimensions. */
  readonly dimensions: readonly DimensionState[];
}

/** Watches series, one state each, with all detectors. */
export interface Watch {
  /** The state of a series of which nothing is known. It stays silent for its first four weeks. */
  start(): WatchState;
  /** Whether a stored state is of this watch's step, clock and dimensions; where not, build it anew from history. */
  fits(state: WatchState): boolean;
  /**
   * Takes a complete bucket in, changing the state in place; a bucket at or before the last is ignored, missing buckets are
   * simply left out. Do not pass buckets under maintenance: they are neither judged nor learned from.
   */
  observe(state: WatchState, observation: BucketObservation): void;
  /** What stands against the series at its last bucket: the strongest in units of its threshold first, mere volume last. */
  evidence(state: WatchState): readonly Evidence[];
  /**
   * What `advanceBook` needs to know of the series at `bucket`.
   * @param group whether the series is a sum of others.
   */
  report(state: WatchState, series: string, bucket: number, group: boolean): SeriesReport;
  /**
   * Hours from the start of `bucket` on after which a total outage would be noticed, or `null` where four weeks of
   * silence would prove nothing: where no honest alarm is possible.
   */
  outageNoticedAfter(state: WatchState, bucket: number): number | null;
}

/**
 * A watch over series of counts: attempts over windows, approval rate, ticket, the parts of each dimension, and
 * money against its band where one is given, their thresholds set so that calm series raise `falsePerSeriesWeek`. Everything looks back only; time and memory per bucket
 * do not grow with what has been seen.
 * @example
 * const watch = createWatch({ stepMs, clock: zoneClock('Europe/Madrid'), dimensions: [], falsePerSeriesWeek: 0.25 });
 * const state = watch.start();
 * for (const observation of history) watch.observe(state, observation);
 * watch.evidence(state)[0]?.cause; // 'approval'
 */
export function createWatch(config: WatchConfig): Watch {
  const { stepMs, clock, special, dimensions, falsePerSeriesWeek } = config;
  const perWeek = WEEK_MS / stepMs;
  const hoursOf = localHours(stepMs, clock, special);
  const keep = 2 ** (-1 / (MONEY_WEEKS * perWeek));
  const shape = JSON.stringify([stepMs, clock.timeZone, dimensions.map(({ name, values }) => [name, values])]);
  const names = dimensions.map(({ name }) => name);
  const targets = testTargets(falsePerSeriesWeek, names.length);
  const shortest = Math.min(...lowLengths(perWeek));
  const attempts = windowDetector(perWeek);
  const approval = approvalDetector(perWeek);
  const ticket = ticketDetector(perWeek);
  const band = bandDetector(perWeek);
  const parts = dimensions.map(({ name, values }) => partDetector(name, values, perWeek));

  const watched = [
    watching(attempts, (state) => state.attempts),
    watching(approval, (state) => state.approval),
    watching(ticket, (state) => state.ticket),
    watching(band, (state) => state.band),
    ...parts.map((part, k) => watching(part, (state) => state.dimensions[k]!)),
  ];

  const evidence = (state: WatchState): readonly Evidence[] =>
    watched.flatMap(({ detector, own }) => detector.evidence(own(state))).sort((one, other) => rank(other) - rank(one));
  const isTroubled = (state: WatchState): boolean =>
    watched.some(({ detector, own }) => detector.evidence(own(state)).length > 0);

  return {
    start: () => ({
      shape,
      last: Number.MIN_SAFE_INTEGER,
      seen: 0,
      troubled: 0,
      money: 0,
      sales: 0,
      weeks: 0,
      attempts: attempts.start(),
      approval: approval.start(),
      ticket: ticket.start(),
      band: band.start(),
      dimensions: parts.map((part) => part.start()),
    }),
    fits: (state) => state.shape === shape,
    observe(state, observation) {
      const { bucket, counts } = observation;
      if (bucket <= state.last) return;
      if (bucket - state.last > perWeek / 7) forgetStanding(state);
      const stood = isTroubled(state);
      state.troubled = Math.max(0, state.troubled + (stood ? 1 : -1));
      // What lasts longer than a week is the usual now.
      const renews = stood && state.troubled > perWeek;
      const calm = !stood || renews;
      const warm = state.seen >= COLD_WEEKS * perWeek;
      const context = { at: hoursOf(bucket), perWeek, warm, calm, renews, targets };
      for (const { detector, own } of watched) {
        // Money is judged last, by what its counts and amounts have said.
        if (own(state) !== state.band) detector.observe(own(state), observation, context);
      }
      band.observe(state.band, observation, { ...context, borneOut: borneOut(state, observation, perWeek) });
      state.last = bucket;
      state.seen++;
      if (counts === null || !calm) return;
      state.money = keep * state.money + (observation.gross ?? moneyOf(counts));
      state.sales = keep * state.sales + counts.approved;
      state.weeks = keep * state.weeks + 1 / perWeek;
    },
    evidence,
    report(state, series, bucket, group) {
      const known = state.last === bucket;
      const counted = known ? freshAttempts(state.attempts) : null;
      const fresh = counted && { ...counted, approval: state.approval.fresh[0]!, ...newestApprovals(state, bucket) };
      const perSale = state.sales > 0 ? state.money / state.sales : 0;
      const { trials, successes } = state.approval.rate;
      return {
        series,
        group,
        shortest,
        left: state.attempts.left || bucket - state.last > LEFT_WEEKS * perWeek,
        evidence: known ? evidence(state) : [],
        fresh,
        parts: fresh ? state.dimensions.flatMap((own, k) => freshParts(own, names[k]!, dimensions[k]!.values)) : [],
        perAttempt: trials > 0 ? (perSale * successes) / trials : perSale,
        perSale,
        weeklyMoney: state.weeks > 0 ? state.money / state.weeks : 0,
      };
    },
    outageNoticedAfter(state, bucket) {
      const buckets = silenceNoticed(state.attempts, bucket, hoursOf, targets.attemptsLow);
      return buckets === null ? null : (buckets * stepMs) / HOUR_MS;
    },
  };
}

/** Lets nothing stand any more: of what stood before a day of which nothing is known nobody can say how it went on. */
function forgetStanding({ attempts, approval, ticket, band, dimensions }: WatchState): void {
  const both = [attempts, ticket, band].flatMap(({ low, high }) => [low, high]);
  for (const trigger of [...both, approval.low, ...dimensions.map(({ low }) => low)]) trigger.evidence = null;
}

/** A detector, and where its state lies in that of a series. */
interface Watching {
  readonly detector: Detector<unknown>;
  own(state: WatchState): unknown;
}

function watching<State>(detector: Detector<State>, own: (state: WatchState) => State): Watching {
  return { detector: detector as Detector<unknown>, own };
}

/** Approved in the newest bucket, and how many of its attempts usually are. */
function newestApprovals({ approval }: WatchState, bucket: number) {
  const newest = { trials: 0, successes: 0 };
  extendRun(approval.rate, newest, rateSlot(bucket));
  return { approved: newest.successes, usuallyApproved: usualRate(approval.rate) * newest.trials };
}

/** How strongly the newest bucket's counts and amounts speak for what its money says, where they are judged. */
function borneOut(
  state: WatchState,
  { bucket, counts }: BucketObservation,
  perWeek: number,
): BucketContext['borneOut'] {
  const { attempts, approval, ticket, sales, weeks } = state;
  if (counts === null || !attempts.warm || !attempts.judged || attempts.ring.last !== bucket) return undefined;
  const amounts = freshTicket(ticket);
  return {
    low: attempts.fresh[0]! + approval.fresh[0]! + amounts.low,
    high: attempts.fresh[2]! + amounts.high,
    refunds: (back, share) => refundsTail(ticket, back, share, weeks > 0 ? sales / (weeks * perWeek) : 0),
  };
}

/** Order of evidence: strength in units of the threshold, after what is told by money alone. */
function rank({ cause, strength, threshold }: Evidence): number {
  return isVolume(cause) ? -threshold / strength : strength / threshold;
}

/** Money of sales where only logarithms are known: as if amounts were log-normal. */
function moneyOf({ sales, logSum, logSquares }: { sales: number; logSum: number; logSquares: number }): number {
  if (sales === 0) return 0;
  const mean = logSum / sales;
  return sales * Math.exp(mean + Math.max(0, logSquares / sales - mean * mean) / 2);
}
