import type { Calendar } from '../features/calendar.ts';

/** Share by which counts fade at each visit of a slot of the week, of a slot of the day, of a day of the week, and at each bucket. */
const WEEK_SLOT_FADING = 0.06;
const DAY_SLOT_FADING = 0.02;
const WEEKDAY_FADING = 0.01;
const OVERALL_FADING = 0.002;
/** Visits after which what a slot of the week or of the day showed weighs as much as what is expected of it. */
const PRIOR_VISITS = 4;
const WEEKDAY_PRIOR_VISITS = 16;
/** Share of the measured drift of the rate that each bucket keeps: half after two weeks of two-hour buckets. */
const DRIFT_FADING = 1 - 0.5 ** (1 / 168);
/** Trades that the assumption of no drift counts like. */
const DRIFT_PRIOR_TRADES = 4;
/** Assumed before anything is known: the share of buckets with trade, and the buckets that this assumption counts like. */
const UNKNOWN_SHARE = 0.2;
const UNKNOWN_BUCKETS = 12;
/** No share is estimated higher than this. */
const LARGEST_SHARE = 0.998;
/** Share of days on which a closure begins, and the days that this assumption counts like; older days fade. */
const CLOSURE_SHARE = 0.005;
const CLOSURE_PRIOR_DAYS = 60;
const DAYS_FADING = 0.01;
/** One empty bucket speaks for a closed day by a factor of e to this at most: an outage looks the same. */
const LARGEST_EVIDENCE = 1.5;

/** Places in a rate's numbers: pairs of counts [trades, buckets], then what is known of closed days. */
const OVERALL = 0;
const RECENT = 2;
const CLOSED = 4;
const CLOSED_RUN = 5;
const CLOSURES = 6;
const DAYS = 7;
const TODAY = 8;
const HEAD = 9;

/**
 * How often the buckets of one series trade, as one array of numbers that `observeTrade` advances in O(1):
 * shares of buckets with trade per slot of the week, leaning on slot of the day × day of the week; the drift of the
 * rate, for a merchant that grows or shrinks; and the probability that today is a closed day, filtered from what was
 * sold since midnight (a hidden Markov model with two states and one step a day; Rabiner 1989).
 */
export type TradeRate = Float64Array;

/** An empty rate: [9 + 2·perDay + 2·7 + 2·7·perDay] numbers. */
export function createTradeRate(perDay: number): TradeRate {
  const rate = new Float64Array(HEAD + 2 * perDay + 14 + 14 * perDay);
  rate[OVERALL] = UNKNOWN_SHARE * UNKNOWN_BUCKETS;
  rate[OVERALL + 1] = UNKNOWN_BUCKETS;
  rate[CLOSED] = CLOSURE_SHARE;
  rate[TODAY] = Number.NaN;
  return rate;
}

/** Takes in whether the next bucket traded. */
export function observeTrade(rate: TradeRate, calendar: Calendar, bucket: number, traded: boolean): void {
  const { perDay } = calendar;
  beginDay(rate, calendar.dayOf(bucket));
  const slot = calendar.slotOfWeek(bucket);
  const intensity = openIntensity(rate, perDay, slot);
  const closed = rate[CLOSED]!;
  rate[CLOSED] = traded
    ? 0
    : closed / (closed + (1 - closed) * Math.exp(-Math.min(LARGEST_EVIDENCE, drifted(rate, intensity))));
  if (traded) rate[CLOSED_RUN] = 0;
  // What a closed day shows says nothing of open ones.
  const weight = 1 - rate[CLOSED]!;
  const count = (at: number, fading: number, trades: number, buckets: number) => {
    rate[at] = (1 - fading * weight) * rate[at]! + weight * trades;
    rate[at + 1] = (1 - fading * weight) * rate[at + 1]! + weight * buckets;
  };
  const trades = traded ? 1 : 0;
  count(OVERALL, OVERALL_FADING, trades, 1);
  count(daySlotAt(perDay, slot), DAY_SLOT_FADING, trades, 1);
  count(weekdayAt(perDay, slot), WEEKDAY_FADING, trades, 1);
  count(weekSlotAt(perDay, slot), WEEK_SLOT_FADING, trades, 1);
  count(RECENT, DRIFT_FADING, trades, 1 - Math.exp(-intensity));
}

/** Probability that a bucket in a slot of the week trades on a day that is not closed, in [0, 1). */
export function tradeProbability(rate: TradeRate, perDay: number, slot: number): number {
  return 1 - Math.exp(-drifted(rate, openIntensity(rate, perDay, slot)));
}

/** Probability that a day is closed, in [0, 1), so many days after that of the last bucket observed. */
export function closedProbability(rate: TradeRate, days: number): number {
  let closed = rate[CLOSED]!;
  for (let day = 0; day < days; day++) closed = closedNextDay(rate, closed, rate[CLOSED_RUN]! + day);
  return closed;
}

/** Share of all buckets that trade, in (0, 1). */
export function tradingShare(rate: TradeRate): number {
  return rate[OVERALL]! / rate[OVERALL + 1]!;
}

function beginDay(rate: TradeRate, day: number): void {
  if (rate[TODAY] === day) return;
  if (Number.isFinite(rate[TODAY])) {
    const wasClosed = rate[CLOSED]! > 0.5;
    const begins = wasClosed && rate[CLOSED_RUN] === 0 ? 1 : 0;
    rate[CLOSURES] = (1 - DAYS_FADING) * rate[CLOSURES]! + begins;
    rate[DAYS] = (1 - DAYS_FADING) * rate[DAYS]! + 1;
    rate[CLOSED] = closedNextDay(rate, rate[CLOSED]!, rate[CLOSED_RUN]!);
    rate[CLOSED_RUN] = wasClosed ? rate[CLOSED_RUN]! + 1 : 0;
  }
  rate[TODAY] = day;
}

/** A closure goes on the likelier the more days it has lasted (Laplace's rule of succession, from one in two). */
function closedNextDay(rate: TradeRate, closed: number, run: number): number {
  const goesOn = (run + 1.5) / (run + 3);
  const begins = (rate[CLOSURES]! + CLOSURE_SHARE * CLOSURE_PRIOR_DAYS) / (rate[DAYS]! + CLOSURE_PRIOR_DAYS);
  return closed * goesOn + (1 - closed) * begins;
}

/** −ln of the probability that a slot of the week stays empty on an open day, without drift. */
function openIntensity(rate: TradeRate, perDay: number, slot: number): number {
  const share = (at: number, expected: number, visits: number) =>
    (rate[at]! + visits * expected) / (rate[at + 1]! + visits);
  const overall = tradingShare(rate);
  const daySlot = share(daySlotAt(perDay, slot), overall, PRIOR_VISITS);
  const weekday = share(weekdayAt(perDay, slot), overall, WEEKDAY_PRIOR_VISITS);
  const expected = Math.min(LARGEST_SHARE, (daySlot * weekday) / Math.max(1e-9, overall));
  return -Math.log(1 - Math.min(LARGEST_SHARE, share(weekSlotAt(perDay, slot), expected, PRIOR_VISITS)));
}

function drifted(rate: TradeRate, intensity: number): number {
  return (intensity * (rate[RECENT]! + DRIFT_PRIOR_TRADES)) / (rate[RECENT + 1]! + DRIFT_PRIOR_TRADES);
}

function daySlotAt(perDay: number, slot: number): number {
  return HEAD + 2 * (slot % perDay);
}

function weekdayAt(perDay: number, slot: number): number {
  return HEAD + 2 * perDay + 2 * Math.floor(slot / perDay);
}

function weekSlotAt(perDay: number, slot: number): number {
  return HEAD + 2 * perDay + 14 + 2 * slot;
}
