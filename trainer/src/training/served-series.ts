import type { Artifact, Series } from '@tidemark/shared/forecasting';
import type { Choice } from '../history/groups.ts';
import type { Remark } from '../history/prepared.ts';

/** What the trainer notes in `provenance` of which series it took. */
export interface SeriesProvenance {
  /** What was asked for by name; absent: everything prepared. */
  readonly chosen?: Choice;
  /** Series that were not fit to train on. */
  readonly leftOut: readonly Remark[];
}

/**
 * Prepared series that an artifact serves: those it was trained on, and those that are new since, on cold start. Where
 * training was told by name which series to take, and for those found unfit, nothing is new.
 */
export function servedSeries(artifact: Artifact, all: readonly Series[]): Series[] {
  const { series, coldStart, provenance } = artifact.metadata;
  const { chosen, leftOut = [] } = provenance as Partial<SeriesProvenance>;
  const named = new Set(series.map(({ id }) => id));
  const unfit = new Set(leftOut.map(({ id }) => id));
  const takesNew = coldStart !== undefined && chosen === undefined;
  return all.filter(({ id }) => named.has(id) || (takesNew && !unfit.has(id)));
}
