/** Minute of the hour at which to refresh: a quarter of an hour after the API's cycle, which starts at five past. */
const MINUTE = 20;
/** Refreshes a day that shared capacity allows. */
const SHARED_LIMIT = 8;

export interface Schedule {
  /** Times of day in UTC, `hh:mm`, in order. */
  readonly times: readonly string[];
  /** What was left out and why, for a person; `null` where nothing was. */
  readonly remark: string | null;
}

/**
 * When to refresh: at twenty past every other hour, in UTC as the API's cycle. Where the capacity allows only eight a
 * day, those nearest to three in the afternoon of the business's own clock are kept: from early morning to late evening.
 * @param now decides the zone's offset, epoch ms.
 * @param minute other than 20 where the service takes whole and half hours only.
 */
export function refreshSchedule(dedicated: boolean, timeZone: string, now: number, minute = MINUTE): Schedule {
  const offset = offsetHours(timeZone, now);
  const hours = Array.from({ length: 12 }, (_, k) => 2 * k);
  const fromAfternoon = (hour: number) => {
    const local = (hour + minute / 60 + offset + 48) % 24;
    return Math.min(Math.abs(local - 15), 24 - Math.abs(local - 15));
  };
  const byImportance = [...hours].sort((a, b) => fromAfternoon(a) - fromAfternoon(b) || a - b);
  const kept = dedicated ? byImportance : byImportance.slice(0, SHARED_LIMIT);
  const text = (list: readonly number[]) =>
    [...list]
      .sort((a, b) => a - b)
      .map((hour) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);
  const dropped = text(byImportance.slice(kept.length));
  return {
    times: text(kept),
    remark:
      dropped.length === 0
        ? null
        : `shared capacity allows ${SHARED_LIMIT} refreshes a day: left out ${dropped.join(', ')} UTC, night in ${timeZone}`,
  };
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
