import { type Dispersion, type DispersionState, learnDispersion } from '../expected/dispersion.ts';
import { dateSlot, type ExpectationState, learnDate } from '../expected/expected-counts.ts';
import { type HolidayState, learnHoliday } from '../expected/holidays.ts';
import type { LocalHours } from '../expected/local-hours.ts';

/** A local day, or a week of buckets, while it lasts. */
export interface Span {
  id: number;
  count: number;
  mean: number;
  /** Σ m² of its buckets, and of its days. */
  bucketSquares: number;
  daySquares: number;
  /** Expected were it an ordinary date. */
  ordinary: number;
  /** Its place among dates, see `dateSlot`. */
  date: number;
  /** Whether it is a holiday or an event. */
  exceptional: boolean;
}

/** What the days and weeks of a series teach. */
export interface SpanState {
  readonly expectation: ExpectationState;
  readonly dispersion: DispersionState;
  readonly holidays: HolidayState;
  readonly day: Span;
  readonly week: Span;
}

/** A span of which nothing has come. */
export function newSpan(): Span {
  return {
    id: Number.MIN_SAFE_INTEGER,
    count: 0,
    mean: 0,
    bucketSquares: 0,
    daySquares: 0,
    ordinary: 0,
    date: 0,
    exceptional: false,
  };
}

/** A bucket that may be learned from. */
interface LearnedBucket {
  readonly bucket: number;
  readonly at: LocalHours;
  readonly count: number;
  readonly mean: number;
  /** Factor of the date that is in the mean. */
  readonly dateFactor: number;
}

/** Learns from what a bucket completes: a day and its date, a week. Holidays are no part of a week. */
export function learnSpans(state: SpanState, one: LearnedBucket, spread: Dispersion, perWeek: number): void {
  const { bucket, at, count, mean, dateFactor } = one;
  const { day, week } = state;
  if (day.id !== at.day) {
    finishDay(state, spread, perWeek);
    const exceptional = at.special?.exceptional === true;
    Object.assign(day, newSpan(), { id: at.day, date: dateSlot(at), exceptional });
  }
  const number = Math.floor(bucket / perWeek);
  if (week.id !== number) {
    if (week.mean > 0) {
      const squared = week.mean ** 2;
      const [bucketShare, dayShare] = [week.bucketSquares / squared, week.daySquares / squared];
      learnDispersion(state.dispersion, 2, { count: week.count, mean: week.mean, bucketShare, dayShare }, perWeek);
    }
    Object.assign(week, newSpan(), { id: number });
  }
  for (const span of day.exceptional ? [day] : [day, week]) {
    span.count += count;
    span.mean += mean;
    span.bucketSquares += mean * mean;
    span.ordinary += mean / dateFactor;
  }
}

function finishDay(
  { day, week, expectation, dispersion, holidays }: SpanState,
  spread: Dispersion,
  perWeek: number,
): void {
  if (day.mean <= 0) return;
  if (day.exceptional) {
    learnHoliday(holidays, day.count, day.ordinary);
    return;
  }
  const squared = day.mean ** 2;
  const noise = spread.day + spread.week + 1 / day.mean + (spread.bucket * day.bucketSquares) / squared;
  learnDate(expectation, day.date, Math.min(2.5, day.count / day.ordinary), 1 / noise);
  const bucketShare = day.bucketSquares / squared;
  learnDispersion(dispersion, 1, { count: day.count, mean: day.mean, bucketShare, dayShare: 1 }, perWeek);
  week.daySquares += squared;
}
