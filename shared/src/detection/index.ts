export { alarms } from './alarms.ts';
export { defaultBudget } from './budget.ts';
export { topContributions } from './contribution.ts';
export { bandStrength } from './detectors/band.ts';
export type { Evidence } from './detectors/detector.ts';
export { decimalsOf } from './explain/cents.ts';
export { type ColumnCount, type ColumnFinding, explainColumns } from './explain/columns.ts';
export {
  type ExplainedIncident,
  type ExplainedPart,
  type ExplainTerms,
  type Explanation,
  type ExplanationRemark,
  explainIncident,
  MEMBERS,
} from './explain/explain.ts';
export {
  type CellTable,
  type Element,
  type Located,
  type LocatedPart,
  type LocateOptions,
  locate,
} from './explain/locate.ts';
export { REST } from './explain/margins.ts';
export { REFERENCE_WEEKS, type SoldBucket } from './explain/reference.ts';
export { columnText, partText, whereText } from './explain/words.ts';
export { type Incident, incidents } from './incident.ts';
export {
  advanceBook,
  type BookChanges,
  type IncidentBook,
  incidentName,
  QUIET_TO_CLOSE,
  revisedIncident,
  type SeriesIncident,
  startBook,
} from './incident-book.ts';
export { type JudgeTerms, judge, judgeAgainst, judgeBucket, shownVerdicts } from './judge.ts';
export {
  type DetectorPrecision,
  type LabelledCase,
  precisionByDetector,
  raisedReport,
  type ThresholdFactor,
  thresholdFactors,
} from './labels.ts';
export { type CalendarEntry, maintenanceEffect, mutedVerdict } from './maintenance.ts';
export type { BucketObservation, Counts, PartCounts } from './observation.ts';
export { durationText, trueMinus } from './phrase.ts';
export { type PromiseFacts, promiseSentence } from './promise.ts';
export type { Fresh, SeriesReport } from './report.ts';
export { isStillWeak, type Standing, standingIn } from './revise.ts';
export { type AlarmRules, checkedRules, DEFAULT_RULES } from './rules.ts';
export {
  bandSentence,
  type SentenceFacts,
  type StormFacts,
  sentenceOf,
  stormSentence,
  withdrawalSentence,
} from './sentence.ts';
export { leaveStorm, type Storm, WEAK_DETECTOR } from './storm.ts';
export { type Verdict, worse } from './verdict.ts';
export { createWatch, type Watch, type WatchConfig, type WatchedDimension, type WatchState } from './watch.ts';
export { decodeWatchState, encodeWatchState } from './watch-state.ts';
export { watchedDimensions } from './watched-dimensions.ts';
