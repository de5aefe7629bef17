export type { Artifact, ArtifactMetadata, ColdStart, SeriesModel } from './artifact.ts';
export { type BaseTerms, DEFAULT_SMOOTHING, fillHoles, fitBase, RARE_TRADE, trackOf } from './base/fit.ts';
export { type BaseParameters, type BaseState, WARM_UP_WEEKS } from './base/track.ts';
export { SCORES } from './calibration/calibrate.ts';
export { bandAt, FAN_COVERAGES, type Fan } from './calibration/fan.ts';
export { NO_CALIBRATION, pooledScores, summaryOf } from './calibration/score-summary.ts';
export { type Calendar, createCalendar } from './features/calendar.ts';
export { writeSequence, writeTarget } from './features/inputs.ts';
export { endedWarning, type NamedDays, type SpecialDays } from './features/special-days.ts';
export { CANDIDATES } from './forecaster/candidates.ts';
export { COLD_START_WEEKS, commonParameters } from './forecaster/cold-start.ts';
export { createForecaster } from './forecaster/create.ts';
export { explainService, type ServiceNow } from './forecaster/explain-service.ts';
export type { Forecast, Forecaster, SeriesState } from './forecaster/forecaster.ts';
export { SPREAD_FLOOR } from './forecaster/issue.ts';
export { decodeState, encodeState, isOfAnotherRelease } from './forecaster/state.ts';
export { MEMBERS, networkShape, SMALL_NETWORK, untrainedArtifact } from './forecaster/untrained.ts';
export { credibleValues } from './hurdle/credible-values.ts';
export { pooledTradeSizes, type TradeSizes } from './hurdle/trade-size.ts';
export { createNetwork } from './network/forward.ts';
export { pinball, QUANTILE_LEVELS, QUANTILES, quantilesFromRaw, softplus } from './network/quantiles.ts';
export {
  initialWeights,
  type ModelTopology,
  type NetworkShape,
  networkTopology,
  networkWeights,
  untrainedRaw,
  type WeightEntry,
} from './network/topology.ts';
export { createRandom, type Random } from './random.ts';
export { COUNTED, OTHER_VALUES, type PartSeries, type SeriesCounts } from './series/counts.ts';
export { elementAt } from './series/element-at.ts';
export { feedGaps } from './series/gaps.ts';
export { qualityOf, type SeriesQuality } from './series/quality.ts';
export { type BucketRange, layOutBuckets, type SparseBucket, WITHOUT_AMOUNT_SHARE } from './series/resample.ts';
export { knownValue, type Series } from './series/series.ts';
export { createTally, type HorizonFigures, type Tally } from './tally.ts';
export { bucketAt, bucketStart, DEFAULT_STEP_MS } from './time/bucket.ts';
export { DAY_MS, HOUR_MS, WEEK_MS } from './time/duration.ts';
export { createGrid, type Grid } from './time/grid.ts';
export { type LocalTime, type ZoneClock, zoneClock } from './time/zone.ts';
