import { UserError } from '@tidemark/shared/errors';
import { type Artifact, HOUR_MS, type Series } from '@tidemark/shared/forecasting';
import type { Measure } from '@tidemark/shared/vocabulary';
import { readPrepared } from '../history/prepared.ts';
import { readArtifact } from './artifact-files.ts';

/** What buckets are: how long, and which sum of money. */
export interface BucketKind {
  readonly stepMs: number;
  readonly measure: Measure;
}

/**
 * The work folder's model and its prepared series.
 * @throws UserError `no-model` or `no-prepared-series` where there are none; `other-step` or `measure-conflict` where the
 * series were prepared in another way since the model was trained.
 */
export async function readModelAndSeries(work: string): Promise<{ artifact: Artifact; all: Series[] }> {
  const artifact = await readArtifact(work);
  const all = await readPrepared(work);
  for (const series of all) {
    checkAlike(
      { name: `the model in ${work}`, ...artifact.metadata },
      { name: 'the prepared series', ...series },
      RETRAIN,
    );
  }
  return { artifact, all };
}

const RETRAIN = 'run `trainer train` again';

/** What to do where the model in service is of other buckets: its API holds series of those. */
export const OTHER_BUCKETS = 'set stepHours and measure as they were, or publish to an API with an empty database';

/** @throws UserError `other-step` or `measure-conflict`, with what to do, where a model is not of the buckets it is to be run on. */
export function checkAlike(model: BucketKind & { name: string }, other: BucketKind & { name: string }, remedy: string) {
  if (model.stepMs === other.stepMs && model.measure === other.measure) return;
  const words = ({ name, stepMs, measure }: typeof model) =>
    `${name}: ${stepMs / HOUR_MS}-hour buckets of ${measure} volume`;
  throw new UserError(
    model.stepMs === other.stepMs ? 'measure-conflict' : 'other-step',
    `${words(model)}; ${words(other)}; ${remedy}`,
  );
}
