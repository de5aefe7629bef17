import {
  type Artifact,
  createForecaster,
  knownValue,
  SCORES,
  type Series,
  type SeriesModel,
  summaryOf,
} from '@tidemark/shared/forecasting';
import { onThreads } from '../threads.ts';
import type { TrainOptions } from './options.ts';
import { completeLength } from './split.ts';

/** Scores computed per score kept: the first ones are computed with thresholds that still move. */
const RUN_UP = 1.25;

/** The artifact with the scores each series starts serving with, computed on buckets that no parameter was fitted to. */
export async function withScores(
  artifact: Artifact,
  series: readonly Series[],
  onSeries: TrainOptions['onSeries'] = () => undefined,
): Promise<Artifact> {
  const { metadata } = artifact;
  const shared = { ...artifact, metadata: { ...metadata, series: metadata.series.map(scoredLately) } };
  const scored = series.filter((_, k) => metadata.series[k]!.servedBy !== 'cold-start');
  let done = 0;
  const scores = await onThreads({ module: new URL(import.meta.url), start }, shared, scored, () =>
    onSeries('calibrate', ++done, scored.length),
  );
  const scoresOf = new Map(scored.map(({ id }, k) => [id, scores[k]!]));
  const models = metadata.series.map((model): SeriesModel => {
    const found = scoresOf.get(model.id);
    if (!found) return model;
    const { origin, ...summary } = found;
    const hasScores = summary.scores.length > 0 || summary.hurdle.length > 0;
    return { ...model, ...summary, scoredThrough: hasScores ? origin : model.trainedThrough };
  });
  return { ...artifact, metadata: { ...metadata, series: models } };

  /** Only the newest scores are kept; computing older ones would take most of the training time. */
  function scoredLately(model: SeriesModel, k: number): SeriesModel {
    const one = series[k]!;
    const recent = one.firstBucket + completeLength(one) - 1 - RUN_UP * SCORES;
    return { ...model, scoredThrough: Math.max(model.trainedThrough, recent) };
  }
}

/** Computes the scores of one series after the other; see `onThreads`. */
export function start(artifact: Artifact) {
  const forecaster = createForecaster(artifact);
  return (series: Series) => {
    const { id, firstBucket } = series;
    const state = forecaster.start(id, firstBucket);
    const length = completeLength(series);
    for (let i = 0; i < length; i++) forecaster.observe(state, firstBucket + i, knownValue(series, i));
    return { ...summaryOf(state), origin: state.origin };
  };
}
