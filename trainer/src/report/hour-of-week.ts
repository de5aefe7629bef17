import { bandAt, createCalendar } from '@tidemark/shared/forecasting';
import type { JudgedNext } from '../evaluation/backtest.ts';

/** Coverage in one slot of the merchants' week. */
export interface SlotCoverage {
  /** `Mon 08:00`, local time. */
  readonly name: string;
  readonly buckets: number;
  /** Share inside, below and above the band; `NaN` without buckets. */
  readonly inside: number;
  readonly below: number;
  readonly above: number;
}

export const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
/** A slot keeps its promise when its coverage lies no further below it; less is within what chance does. */
const TOLERANCE = 0.05;

/** `08:00`, for a slot of the day. */
export function hourName(slot: number, perDay: number): string {
  const minutes = (slot * 1440) / perDay;
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

/** Coverage of the next-bucket bands by slot of the week, Monday 00:00 first: 7 × slots of a day. */
export function coverageBySlot(
  all: readonly JudgedNext[],
  { stepMs, timeZone }: { readonly stepMs: number; readonly timeZone: string },
  coverage: number,
): SlotCoverage[] {
  const calendar = createCalendar(stepMs, timeZone);
  const { perDay } = calendar;
  const counts = Array.from({ length: 7 * perDay }, () => ({ buckets: 0, below: 0, above: 0 }));
  for (const { bucket, actual, fan } of all) {
    const count = counts[calendar.slotOfWeek(bucket)];
    if (!count) continue;
    const { lower, upper } = bandAt(fan, coverage);
    count.buckets++;
    if (actual < lower) count.below++;
    if (actual > upper) count.above++;
  }
  return counts.map(({ buckets, below, above }, slot) => ({
    name: `${DAYS[Math.floor(slot / perDay)]} ${hourName(slot % perDay, perDay)}`,
    buckets,
    inside: 1 - (below + above) / buckets,
    below: below / buckets,
    above: above / buckets,
  }));
}

/** How the week as a whole does. */
export interface WeekSummary {
  /** Share of slots whose coverage is no more than five points under the promise. */
  readonly kept: number;
  /** The slots furthest below it, worst first; none that keeps its promise. */
  readonly worst: readonly SlotCoverage[];
}

/** The slots that keep the promise, as a share, and the three worst. */
export function weekSummary(slots: readonly SlotCoverage[], coverage: number): WeekSummary {
  const known = slots.filter(({ buckets }) => buckets > 0);
  const short = known
    .filter(({ inside }) => inside < coverage - TOLERANCE)
    .sort((a, b) => a.inside - b.inside || b.buckets - a.buckets);
  return { kept: 1 - short.length / known.length, worst: short.slice(0, 3) };
}
