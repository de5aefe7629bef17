import { createGrid, DAY_MS, HOUR_MS } from '@tidemark/shared/forecasting';

/** Minutes after a bucket's end at which to refresh: a quarter of an hour after the API's cycle, at five past. */
const MINUTE = 20;
/** Refreshes a day that shared capacity allows. */
const SHARED_LIMIT = 8;
/** Refreshes a day that dedicated capacity allows. */
const DEDICATED_LIMIT = 48;
/** The hour of the business's own clock around which refreshes are kept where not all are allowed. */
const MIDDLE_OF_BUSINESS = 15;

export interface Schedule {
  /** Times of day in UTC, `hh:mm`, in order. */
  readonly times: readonly string[];
  /** What was left out and why, for a person; `null` where nothing was. */
  readonly remark: string | null;
}

export interface ScheduleOptions {
  /** Whether the workspace is on Premium or Fabric capacity. */
  readonly dedicated: boolean;
  /** Zone of the business: decides which refreshes are kept where not all are allowed. */
  readonly timeZone: string;
  /** Decides the zone's offset, epoch ms. */
  readonly now: number;
  /** Length of the model's buckets, in ms. */
  readonly stepMs: number;
  /** Minutes after a bucket's end; other than 20 where the service takes whole and half hours only. */
  readonly minute?: number;
}

/**
 * When to refresh: twenty minutes after each bucket ends, in UTC as the API's cycle. Where the capacity allows fewer
 * times a day, those nearest to three in the afternoon of the business's own clock are kept.
 * @throws UserError `invalid-step` unless the step divides a day.
 * @example
 * refreshSchedule({ dedicated: true, timeZone: 'UTC', now: Date.now(), stepMs: 6 * HOUR_MS }).times; // 00:20 06:20 …
 */
export function refreshSchedule({ dedicated, timeZone, now, stepMs, minute = MINUTE }: ScheduleOptions): Schedule {
  const { perDay } = createGrid(stepMs);
  const limit = dedicated ? DEDICATED_LIMIT : SHARED_LIMIT;
  const offset = offsetHours(timeZone, now);
  const starts = Array.from({ length: perDay }, (_, k) => k * (stepMs / HOUR_MS) + minute / 60).map(
    (hour) => hour % 24,
  );
  const fromMiddle = (hour: number) => {
    const apart = Math.abs(((hour + offset + 48) % 24) - MIDDLE_OF_BUSINESS);
    return Math.min(apart, 24 - apart);
  };
  const byImportance = [...starts].sort((a, b) => fromMiddle(a) - fromMiddle(b) || a - b);
  const dropped = text(byImportance.slice(limit));
  return {
    times: text(byImportance.slice(0, limit)),
    remark:
      dropped.length === 0
        ? null
        : `shared capacity allows ${SHARED_LIMIT} refreshes a day: left out ${dropped.join(', ')} UTC, night in ${timeZone}`,
  };
}

/** Hours as `hh:mm`, in order. */
function text(hours: readonly number[]): string[] {
  return [...hours]
    .sort((a, b) => a - b)
    .map((hour) => new Date(Math.round((hour * HOUR_MS) % DAY_MS)).toISOString().slice(11, 16));
}

function offsetHours(timeZone: string, now: number): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    hour: 'numeric',
    minute: 'numeric',
  }).formatToParts(now);
  const part = (type: string) => Number(parts.find((each) => each.type === type)?.value);
  const utc = new Date(now);
  return part('hour') + part('minute') / 60 - utc.getUTCHours() - utc.getUTCMinutes() / 60;
}
