import type { SyntheticAnomalyTest } from '../evaluation/synthetic-anomaly-test.ts';
import { percent, type TextTable } from './comparison.ts';

/** What was seen of injected trouble, a row for each size and length. */
export function injectedTable({ troubles }: SyntheticAnomalyTest): TextTable {
  return {
    title: 'injected trouble',
    head: ['lasting', 'events', 'seen', 'hours to alarm'],
    rows: troubles.map(({ kind, hours, events, recall, hoursToAlarm }) => [
      kind,
      `${hours} h`,
      String(events),
      percent(recall),
      recall > 0 ? hoursToAlarm.toFixed(1) : '–',
    ]),
  };
}
