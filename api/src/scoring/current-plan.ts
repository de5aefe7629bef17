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
  return (await planNow(deps, model)).planned;
}

/** The same with the newest bucket that may be judged. */
export async function planNow(
  deps: CycleDeps,
  model: LiveModel,
): Promise<{ readonly planned: PlannedSeries[]; readonly judgeable: number }> {
  const all = await readSeries(deps.db);
  const judgeable = newestJudgeable(deps, all, model.forecaster.stepMs);
  return { planned: await planned(deps, model, all, judgeable), judgeable };
}

/** What the live model has to score of some series now, up to a bucket. */
export async function planOf(
  deps: CycleDeps,
  model: LiveModel,
  { keys, judgeable }: { readonly keys: readonly number[]; readonly judgeable: number },
): Promise<PlannedSeries[]> {
  return planned(deps, model, await readSeries(deps.db, keys), judgeable);
}

async function planned(
  deps: CycleDeps,
  model: LiveModel,
  series: readonly StoredSeries[],
  judgeable: number,
): Promise<PlannedSeries[]> {
  const corrected = await readPendingKeys(deps.db);
  return planCycle(
    series.filter((one) => model.serviceOf(one)),
    corrected,
    judgeable,
    deps.settings.backfillDays * createGrid(model.forecaster.stepMs).perDay,
  );
}

/** The newest bucket that may be judged, by the clock and what is stored. */
export function newestJudgeable(deps: CycleDeps, all: readonly StoredSeries[], stepMs: number): number {
  const newest = all.reduce((latest, one) => Math.max(latest, one.newestBucket), Number.NEGATIVE_INFINITY);
  return newestComplete(deps.clock, stepMs, deps.settings.watermarkMs, newest);
}
