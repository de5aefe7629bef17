export { evaluate, type Means, meansOf, unscored } from '../evaluation/evaluate.ts';
export {
  type AlarmCounts,
  countAlarms,
  flags,
  type InjectedEvent,
  noAlarms,
  stateBefore,
  withEvents,
} from '../evaluation/synthetic-anomalies.ts';
