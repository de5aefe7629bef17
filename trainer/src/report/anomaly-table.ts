import type { SyntheticAnomalyTest } from '../evaluation/synthetic-anomaly-test.ts';
import { percent } from '../numbers.ts';
import type { TextTable } from './comparison.ts';

/** Recall and delay of synthetic anomalies, a row for each size and length. */
export function anomalyTable({ kinds }: SyntheticAnomalyTest): TextTable {
  return {
    title: 'synthetic anomaly',
    head: ['lasting', 'events', 'seen', 'hours to alarm'],
    rows: kinds.map(({ kind, hours, events, recall, hoursToAlarm }) => [
      kind,
      `${hours} h`,
      String(events),
      percent(recall),
      recall > 0 ? hoursToAlarm.toFixed(1) : '–',
    ]),
  };
}
