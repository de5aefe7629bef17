import { UserError } from '@tidemark/shared/errors';
import type { Forecaster, SeriesState } from '@tidemark/shared/forecasting';
import { LRUCache } from 'lru-cache';
import { type CycleTerms, type ScoredSeries, type SeriesWork, scoreSeries } from './score-series.ts';

/** States of series as they were left, so that the next cycle need not read them back. */
export interface StateMemory {
  /** Takes a state out, if there is one for exactly this origin, model and number of corrections. */
  take(work: { series: number; origin: number | null; corrections: number }, model: number): SeriesState | null;
  keep(series: number, corrections: number, model: number, state: SeriesState): void;
  /** Whether there is such a state, left where it is. */
  has(work: { series: number; origin: number | null; corrections: number }, model: number): boolean;
}

/** @param capacity states held at most; the longest unused go first. About 85 KB each. */
export function stateMemory(capacity: number): StateMemory {
  const kept = new LRUCache<number, { corrections: number; model: number; state: SeriesState }>({ max: capacity });
  return {
    take({ series, origin, corrections }, model) {
      const found = kept.get(series);
      kept.delete(series);
      const fits = found?.model === model && found.corrections === corrections && found.state.origin === origin;
      return fits ? found.state : null;
    },
    keep(series, corrections, model, state) {
      kept.set(series, { corrections, model, state });
    },
    has: ({ series, origin, corrections }, model) => {
      const found = kept.peek(series);
      return found?.model === model && found.corrections === corrections && found.state.origin === origin;
    },
  };
}

/** A series that could not be scored, and why. */
export interface Unscored {
  readonly series: number;
  readonly id: string;
  readonly reason: string;
}

/** Longest that scoring keeps others of the same thread waiting, apart from one series' own time. */
const YIELD_AFTER_MS = 40;

/** States that series go on from, and who keeps those they are left with. */
export interface WorkStates {
  readonly stateOf: (work: SeriesWork) => SeriesState | null;
  readonly keep: (work: SeriesWork, state: SeriesState) => void;
}

const NO_STATES: WorkStates = { stateOf: () => null, keep: () => undefined };

/** Scores some series; one that fails, for whatever reason, is named, and the others go on. */
export async function scoreAll(
  forecaster: Forecaster,
  terms: CycleTerms,
  works: readonly SeriesWork[],
  { stateOf, keep }: WorkStates = NO_STATES,
): Promise<{ scored: ScoredSeries[]; unscored: Unscored[] }> {
  const scored: ScoredSeries[] = [];
  const unscored: Unscored[] = [];
  let since = performance.now();
  for (const work of works) {
    if (performance.now() - since > YIELD_AFTER_MS) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      since = performance.now();
    }
    try {
      const result = scoreSeries(forecaster, terms, work, stateOf(work));
      scored.push(result.scored);
      if (result.state) keep(work, result.state);
    } catch (error) {
      unscored.push({ series: work.series, id: work.id, reason: reasonOf(error) });
    }
  }
  return { scored, unscored };
}

function reasonOf(error: unknown): string {
  if (error instanceof UserError) return error.message;
  return `scoring failed: ${error instanceof Error ? error.message : String(error)}`;
}
