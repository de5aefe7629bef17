import type { Artifact, Series } from '@tidemark/shared/forecasting';
import type { Choice } from '../history/groups.ts';
import type { Remark } from '../history/prepared.ts';

/** Which series were trained on, as written to the artifact's provenance. */
export interface SeriesProvenance {
  /** Series and groups named on the command line; absent: everything prepared. */
  readonly chosen?: Choice;
  /** Series that were not fit to train on. */
  readonly leftOut: readonly Remark[];
}

/**
 * Prepared series that an artifact serves: those it was trained on, and new ones on cold start. Series that were left
 * out as unfit are not served, nor new ones if the training named its series.
 */
export function servedSeries(artifact: Artifact, all: readonly Series[]): Series[] {
  const { series, coldStart, provenance } = artifact.metadata;
  const { chosen, leftOut = [] } = provenance as Partial<SeriesProvenance>;
  const named = new Set(series.map(({ id }) => id));
  const unfit = new Set(leftOut.map(({ id }) => id));
  const takesNew = coldStart !== undefined && chosen === undefined;
  return all.filter(({ id }) => named.has(id) || (takesNew && !unfit.has(id)));
}
