import { type Artifact, createForecaster, decodeArtifact, type Forecaster } from '@tidemark/shared';
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
