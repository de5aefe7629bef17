import { bandAt } from '@tidemark/shared/forecasting';
import type { Judged } from '../evaluation/backtest.ts';

/** What outages of one length would have come to, had they begun at any busy hour of the test part. */
export interface OutageFigures {
  readonly hours: number;
  readonly starts: number;
  /** Share of starts at which one of the buckets it touches would have alarmed low. */
  readonly seen: number;
  /** Mean hours from the start of the outage to the end of the bucket that alarmed. */
  readonly hoursToAlarm: number;
}

/** Indices of the buckets that are busy: their median is at least the mean of all medians. */
export function busyStarts(judged: readonly Judged[]): number[] {
  const medians = judged.map(({ fans: [fan] }) => fan?.median ?? 0);
  const busy = medians.reduce((sum, median) => sum + median, 0) / Math.max(1, medians.length);
  return medians.flatMap((median, i) => (median >= busy ? [i] : []));
}

/**
 * How many buckets after its own an outage that begins at index `start` would have alarmed low, judged by the bands
 * issued before it began; `null`: not while it lasted. A bucket that is partly out loses its share.
 */
export function firstAlarm(
  judged: readonly Judged[],
  start: number,
  hours: number,
  stepMs: number,
  coverage: number,
): number | null {
  const stepHours = stepMs / 3_600_000;
  for (let k = 0; k * stepHours < hours; k++) {
    const bucket = judged[start + k];
    const fan = bucket?.fans[k];
    if (!bucket || !fan) return null;
    const out = Math.min(1, (hours - k * stepHours) / stepHours);
    if (bucket.actual * (1 - out) < bandAt(fan, coverage).lower) return k;
  }
  return null;
}

/** Lets an outage of `hours` hours begin at every busy bucket; see `firstAlarm`. */
export function outage(judged: readonly Judged[], hours: number, stepMs: number, coverage: number): OutageFigures {
  const starts = busyStarts(judged);
  const alarms = starts
    .map((start) => firstAlarm(judged, start, hours, stepMs, coverage))
    .filter((alarm) => alarm !== null);
  const hoursSpent = alarms.reduce((sum, k) => sum + ((k + 1) * stepMs) / 3_600_000, 0);
  return {
    hours,
    starts: starts.length,
    seen: alarms.length / Math.max(1, starts.length),
    hoursToAlarm: hoursSpent / Math.max(1, alarms.length),
  };
}
