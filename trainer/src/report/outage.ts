import { bandAt } from '@tidemark/shared';
import type { Judged } from '../model/backtest.ts';

/** What outages of one length would have come to, had they begun at any busy hour of the test part. */
export interface OutageFigures {
  readonly hours: number;
  readonly starts: number;
  /** Share of starts at which one of the buckets it touches would have alarmed low. */
  readonly seen: number;
  /** Mean hours from the start of the outage to the end of the bucket that alarmed. */
  readonly hoursToAlarm: number;
}

/**
 * Takes the volume of `hours` hours away from every busy bucket on (median at least the mean of all medians) and asks
 * whether the bands issued before the outage began would have been left. A bucket that is partly out loses its share.
 */
export function outage(judged: readonly Judged[], hours: number, stepMs: number, coverage: number): OutageFigures {
  const stepHours = stepMs / 3_600_000;
  const medians = judged.map(({ fans: [fan] }) => fan?.median ?? 0);
  const busy = medians.reduce((sum, median) => sum + median, 0) / Math.max(1, medians.length);
  let starts = 0;
  let seen = 0;
  let hoursSpent = 0;
  for (let i = 0; i < judged.length; i++) {
    if ((medians[i] as number) < busy) continue;
    starts++;
    for (let k = 0; k * stepHours < hours; k++) {
      const bucket = judged[i + k];
      const fan = bucket?.fans[k];
      if (!bucket || !fan) break;
      const out = Math.min(1, (hours - k * stepHours) / stepHours);
      if (bucket.actual * (1 - out) >= bandAt(fan, coverage).lower) continue;
      seen++;
      hoursSpent += (k + 1) * stepHours;
      break;
    }
  }
  return { hours, starts, seen: seen / Math.max(1, starts), hoursToAlarm: hoursSpent / Math.max(1, seen) };
}
