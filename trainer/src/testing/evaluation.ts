export { backtestOf, evaluate, type Means, meansOf, unscored } from '../evaluation/evaluate.ts';
export {
  type AlarmCounts,
  countAlarms,
  flags,
  noAlarms,
  type SyntheticAnomaly,
  simulateEvents,
} from '../evaluation/synthetic-anomalies.ts';
