import type { Artifact, SeriesModel } from '@tidemark/shared/forecasting';

/** Why a series is served by less than its model, as the end of a sentence. */
export const FALLBACK = 'seasonal-naive';

/**
 * An artifact that serves the same series by what they did a week before, without any parameter that was learned: for a
 * series whose own parameters turn out broken.
 */
export function fallbackArtifact(artifact: Artifact): Artifact {
  const { metadata } = artifact;
  return { ...artifact, metadata: { ...metadata, series: metadata.series.map(withoutParameters) } };
}

function withoutParameters(series: SeriesModel): SeriesModel {
  return {
    ...series,
    servedBy: FALLBACK,
    base: 'same-slot mean',
    ridge: new Float32Array(0),
    effects: new Float32Array(0),
    scores: new Uint16Array(0),
    logScaleBySlot: new Float32Array(0),
    residualSums: new Float32Array(0),
    hurdle: new Float32Array(0),
    // Nothing that was measured for the broken parameters counts for these.
    scoredThrough: Number.NEGATIVE_INFINITY,
    trainedThrough: Number.NEGATIVE_INFINITY,
  };
}
