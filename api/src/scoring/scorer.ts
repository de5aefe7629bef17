import { UserError } from '@tidemark/shared/errors';
import type { Forecaster, SeriesState } from '@tidemark/shared/forecasting';
import { pauses } from './pauses.ts';
import { type CycleTerms, type ScoredSeries, type SeriesWork, scoreSeries } from './score-series.ts';

/** States of series as they were left, so that the next cycle need not read them back. */
export interface StateMemory {
  /** Takes a state out, if there is one for exactly this origin, model and number of corrections. */
  take(work: { series: number; origin: number | null; corrections: number }, model: number): SeriesState | null;
  keep(series: number, corrections: number, model: number, state: SeriesState): void;
  /** Whether there is such a state, left where it is. */
  has(work: { series: number; origin: number | null; corrections: number }, model: number): boolean;
}

interface KeptState {
  readonly corrections: number;
  readonly model: number;
  readonly state: SeriesState;
}

/**
 * Each cycle goes through all series in the same order: where there are more than fit, the longest unused would always go
 * just before its turn comes. So what is there stays, unless it is of another model, or fell behind.
 * @param capacity states held at most, about 87 KB each.
 */
export function stateMemory(capacity: number): StateMemory {
  // By the time of their last use.
  const kept = new Map<number, KeptState>();
  const hasRoom = (model: number, origin: number): boolean => {
    if (kept.size < capacity) return true;
    for (const [series, oldest] of kept) {
      if (oldest.model === model && oldest.state.origin >= origin - 1) return false;
      return kept.delete(series);
    }
    return false;
  };
  return {
    take({ series, origin, corrections }, model) {
      const found = kept.get(series);
      kept.delete(series);
      const fits = found?.model === model && found.corrections === corrections && found.state.origin === origin;
      return fits ? found.state : null;
    },
    keep(series, corrections, model, state) {
      kept.delete(series);
      if (hasRoom(model, state.origin)) kept.set(series, { corrections, model, state });
    },
    has: ({ series, origin, corrections }, model) => {
      const found = kept.get(series);
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

/** States that series go on from, and who keeps those they are left with; and when no further series is begun. */
export interface WorkStates {
  readonly stateOf: (work: SeriesWork) => SeriesState | null;
  readonly keep: (work: SeriesWork, state: SeriesState) => void;
  readonly outOfTime?: AbortSignal | undefined;
}

const NO_STATES: WorkStates = { stateOf: () => null, keep: () => undefined };

/**
 * Scores some series; one that fails, for whatever reason, is named, and the others go on.
 * @throws the reason of `outOfTime` before the next series once it is aborted.
 */
export async function scoreAll(
  forecaster: Forecaster,
  terms: CycleTerms,
  works: readonly SeriesWork[],
  { stateOf, keep, outOfTime }: WorkStates = NO_STATES,
): Promise<{ scored: ScoredSeries[]; unscored: Unscored[] }> {
  const scored: ScoredSeries[] = [];
  const unscored: Unscored[] = [];
  const pause = pauses(outOfTime);
  for (const work of works) {
    await pause();
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
