import { decodeArtifact } from '@tidemark/shared/contract/model-file';
import { UserError } from '@tidemark/shared/errors';
import { type Artifact, createForecaster, type Forecaster } from '@tidemark/shared/forecasting';
import type { Db } from '../store/db.ts';
import { liveModel, modelText } from '../store/models.ts';

/** The model that is live, ready to forecast. */
export interface LiveModel {
  readonly key: number;
  readonly version: string;
  readonly publishedAt: number;
  readonly text: string;
  readonly artifact: Artifact;
  readonly forecaster: Forecaster;
}

/** Gives the live model; reads it again only when another one went live. */
export type LiveForecaster = () => Promise<LiveModel | null>;

export function liveForecaster(db: Db): LiveForecaster {
  let cached: LiveModel | null = null;
  return async () => {
    const live = await liveModel(db);
    if (live === null) return null;
    if (cached?.key !== live.key) {
      const text = await modelText(db, live.key);
      const artifact = decodeArtifact(text);
      cached = { ...live, text, artifact, forecaster: createForecaster(artifact) };
    }
    return cached;
  };
}

/**
 * The live model, or nothing where an earlier version of this program published it in a format no longer read: then the
 * next one must be able to take its place.
 */
export async function liveIfReadable(live: LiveForecaster): Promise<LiveModel | null> {
  try {
    return await live();
  } catch (error) {
    if (error instanceof UserError && error.code === 'unsupported-model-version') return null;
    throw error;
  }
}
