import { createGrid } from '@tidemark/shared/forecasting';
import { newestComplete } from '../clock.ts';
import { readSeries } from '../store/actuals.ts';
import type { StoredSeries } from '../store/rows.ts';
import { readPendingKeys } from '../store/scoring-reads.ts';
import type { CycleDeps } from './deps.ts';
import type { LiveModel } from './live-forecaster.ts';
import { type PlannedSeries, planCycle } from './plan.ts';

/** What the live model has to score now, read from the store. */
export async function currentPlan(deps: CycleDeps, model: LiveModel): Promise<PlannedSeries[]> {
  const { stepMs } = model.forecaster;
  const all = await readSeries(deps.db);
  const corrected = await readPendingKeys(deps.db);
  return planCycle(
    all.filter(({ id }) => model.forecaster.serviceOf(id)),
    corrected,
    newestJudgeable(deps, all, stepMs),
    deps.settings.backfillDays * createGrid(stepMs).perDay,
  );
}

/** The newest bucket that may be judged, by the clock and what is stored. */
export function newestJudgeable(deps: CycleDeps, all: readonly StoredSeries[], stepMs: number): number {
  const newest = all.reduce((latest, one) => Math.max(latest, one.newestBucket), Number.NEGATIVE_INFINITY);
  return newestComplete(deps.clock, stepMs, deps.settings.watermarkMs, newest);
}
