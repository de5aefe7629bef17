export { evaluate, type Means, meansOf, unscored } from '../evaluation/evaluate.ts';
export {
  type AlarmCounts,
  countAlarms,
  flags,
  noAlarms,
  type SyntheticAnomaly as InjectedEvent,
  stateBefore,
  withEvents,
} from '../evaluation/synthetic-anomalies.ts';
