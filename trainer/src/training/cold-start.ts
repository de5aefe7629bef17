import {
  type Artifact,
  type ColdStart,
  commonParameters,
  DEFAULT_SMOOTHING,
  pooledScores,
  type TradeSizes,
} from '@tidemark/shared/forecasting';

/**
 * Weeks of history from which a series has parameters of its own: with fewer there is not a week of held-out windows to
 * tell by whether they are any good, and what all series have in common serves it better.
 */
export const OWN_PARAMETERS_WEEKS = 13;

/** Why a series with so many weeks of history has no parameters of its own. */
export function shortReason(weeks: number): string {
  const had = `${weeks.toFixed(1).replace('.0', '')} weeks of history`;
  return `${had}, ${OWN_PARAMETERS_WEEKS} are needed for parameters of its own: served by what all series have in common`;
}

/**
 * Adds to an artifact what its series have in common, for those without parameters of their own.
 * @param known what the checkpoint's series had in common, for an artifact none of whose series has parameters.
 */
export function withColdStart(artifact: Artifact, tradeSizes: TradeSizes, known: ColdStart | undefined): Artifact {
  const own = artifact.metadata.series.filter(({ servedBy, base }) => servedBy !== 'cold-start' && base === 'smoothed');
  const scores = pooledScores(own);
  const coldStart: ColdStart = {
    ...(commonParameters(own) ??
      known ?? { smoothing: DEFAULT_SMOOTHING, ridge: new Float32Array(0), effects: new Float32Array(0) }),
    scores: scores.length > 0 ? scores : (known?.scores ?? scores),
    tradeSizes,
  };
  return { ...artifact, metadata: { ...artifact.metadata, coldStart } };
}
