import {
  type Artifact,
  createForecaster,
  knownValue,
  SCORES,
  type Series,
  type SeriesModel,
  summaryOf,
} from '@tidemark/shared/forecasting';
import type { TrainOptions } from './options.ts';
import { completeLength } from './split.ts';

/** Scores computed per score kept: the first ones are computed with thresholds that still move. */
const RUN_UP = 1.25;

/** The artifact with the scores each series starts serving with, computed on buckets that no parameter was fitted to. */
export function withScores(
  artifact: Artifact,
  series: readonly Series[],
  onSeries: TrainOptions['onSeries'] = () => undefined,
): Artifact {
  // Only the newest scores are kept; computing older ones would take most of the training time.
  const scoring = artifact.metadata.series.map((model, k): SeriesModel => {
    const one = series[k]!;
    const recent = one.firstBucket + completeLength(one) - 1 - RUN_UP * SCORES;
    return { ...model, scoredThrough: Math.max(model.trainedThrough, recent) };
  });
  const forecaster = createForecaster({ ...artifact, metadata: { ...artifact.metadata, series: scoring } });
  const models = artifact.metadata.series.map((model, k): SeriesModel => {
    if (model.servedBy === 'cold-start') return model;
    const one = series[k]!;
    const state = forecaster.start(one.id, one.firstBucket);
    const length = completeLength(one);
    for (let i = 0; i < length; i++) forecaster.observe(state, one.firstBucket + i, knownValue(one, i));
    const summary = summaryOf(state);
    onSeries('calibrate', k + 1, series.length);
    return {
      ...model,
      ...summary,
      scoredThrough: summary.scores.length > 0 || summary.hurdle.length > 0 ? state.origin : model.trainedThrough,
    };
  });
  return { ...artifact, metadata: { ...artifact.metadata, series: models } };
}
