import { UserError } from '@tidemark/shared/errors';
import { createGrid, DEFAULT_STEP_MS, type Grid, HOUR_MS } from '@tidemark/shared/forecasting';
import type { Db } from '../store/db.ts';
import { claimStep, hasActuals, readStep, replaceStep } from '../store/step.ts';
import type { LiveForecaster } from './live-forecaster.ts';

/**
 * The time grid of what is stored: as the database says; a database of an earlier version, which does not say it, has
 * the live model's, and an empty one two hours.
 */
export async function storedGrid(deps: { readonly db: Db; readonly live: LiveForecaster }): Promise<Grid> {
  const stored = await readStep(deps.db);
  return createGrid(stored ?? (await deps.live())?.forecaster.stepMs ?? DEFAULT_STEP_MS);
}

/**
 * Makes sure that buckets of `stepMs` may be stored, and stores that length if it is the first.
 * @param who names what brings them, for the message.
 * @throws UserError `other-step` where buckets of another length are stored.
 */
export async function claimGrid(
  deps: { readonly db: Db; readonly live: LiveForecaster },
  stepMs: number,
  who: string,
): Promise<Grid> {
  const grid = createGrid(stepMs);
  const { stepMs: expected } = await storedGrid(deps);
  const isFree = (await readStep(deps.db)) === null && !(await hasActuals(deps.db));
  if (isFree && (await claimStep(deps.db, stepMs)) === stepMs) return grid;
  if (expected === stepMs) {
    await claimStep(deps.db, stepMs);
    return grid;
  }
  if (!(await hasActuals(deps.db))) {
    await replaceStep(deps.db, stepMs);
    return grid;
  }
  throw new UserError(
    'other-step',
    `${who} has buckets of ${minutes(stepMs)}, but those stored are of ${minutes(expected)}; prepare it with stepHours ${expected / HOUR_MS}, or use an empty database`,
  );
}

function minutes(stepMs: number): string {
  return `${stepMs / 60_000} minutes`;
}
