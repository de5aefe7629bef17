import { parentPort } from 'node:worker_threads';
import { decodeModel } from '@tidemark/shared/contract/model-file';
import { createForecaster, type Forecaster } from '@tidemark/shared/forecasting';
import type { CycleTerms, ScoredSeries, SeriesWork } from './score-series.ts';
import { scoreAll, type Unscored } from './scorer.ts';

/** What a thread is asked; the model's text comes with the first question about it. */
export interface ThreadQuestion {
  readonly id: number;
  readonly model: { readonly key: number; readonly text: string | null };
  readonly terms: CycleTerms;
  readonly works: readonly SeriesWork[];
}

export type ThreadAnswer =
  | { readonly id: number; readonly scored: ScoredSeries[]; readonly unscored: Unscored[] }
  | { readonly id: number; readonly error: string };

let known: { readonly key: number; readonly forecaster: Forecaster } | undefined;

parentPort?.on('message', async ({ id, model, terms, works }: ThreadQuestion) => {
  const answer = (given: ThreadAnswer) => parentPort?.postMessage(given);
  try {
    if (model.text !== null) known = { key: model.key, forecaster: createForecaster(decodeModel(model.text).artifact) };
    if (known?.key !== model.key) throw new Error(`the thread was not given model ${model.key}`);
    answer({ id, ...(await scoreAll(known.forecaster, terms, works)) });
  } catch (error) {
    answer({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
