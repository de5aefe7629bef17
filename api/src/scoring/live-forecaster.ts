import { checkedArtifact } from '@tidemark/shared/contract';
import { UserError } from '@tidemark/shared/errors';
import { type Artifact, createForecaster, type Forecaster } from '@tidemark/shared/forecasting';
import type { Db } from '../store/db.ts';
import { liveModel, modelText } from '../store/models.ts';
import type { StoredSeries } from '../store/rows.ts';
import { fallbackArtifact } from './fallback.ts';

/** The model that is live, ready to forecast. */
export interface LiveModel {
  readonly key: number;
  readonly version: string;
  readonly publishedAt: number;
  /** When it last went live. */
  readonly liveSince: number;
  /** Characters of its text, and the text: read when it is needed, since it is as large as the model. */
  readonly textLength: number;
  text(): Promise<string>;
  readonly artifact: Artifact;
  readonly forecaster: Forecaster;
  /** Who serves a stored series; `null`: nobody, as where it holds another measure than the model forecasts. */
  serviceOf(series: Pick<StoredSeries, 'id' | 'measure'>): ReturnType<Forecaster['serviceOf']>;
  /** Serves the series without their learned parameters; made when it is first needed. */
  fallback(): Forecaster;
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
      const { key } = live;
      cached = { ...live, ...readable(live.version, text), textLength: text.length, text: () => modelText(db, key) };
    }
    return cached;
  };
}

function readable(
  version: string,
  text: string,
): Pick<LiveModel, 'artifact' | 'forecaster' | 'serviceOf' | 'fallback'> {
  try {
    const artifact = checkedArtifact(text);
    const forecaster = createForecaster(artifact);
    let fallback: Forecaster | undefined;
    return {
      artifact,
      forecaster,
      serviceOf: ({ id, measure }) => (measure === artifact.metadata.measure ? forecaster.serviceOf(id) : null),
      fallback() {
        fallback ??= createForecaster(fallbackArtifact(artifact), { followLosses: false });
        return fallback;
      },
    };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(
      UNREADABLE.has(error.code) ? error.code : 'unreadable-model',
      `the live model "${version}" cannot be served: ${error.message}; PUT /v1/model another, or POST /v1/model/rollback`,
      { cause: error },
    );
  }
}

/** Codes of errors that say the live model cannot be served, whatever is asked. */
const UNREADABLE: ReadonlySet<string> = new Set(['unsupported-model-version', 'unreadable-model']);

/**
 * The live model, or why there is none to serve: an earlier version of this program may have published one that is not
 * read any more, or that is broken. Then the next one must be able to take its place.
 */
export async function liveIfReadable(live: LiveForecaster): Promise<{ model: LiveModel | null; fault: string | null }> {
  try {
    return { model: await live(), fault: null };
  } catch (error) {
    if (error instanceof UserError && UNREADABLE.has(error.code)) return { model: null, fault: error.message };
    throw error;
  }
}
