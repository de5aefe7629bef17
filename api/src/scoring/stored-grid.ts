import { UserError } from '@tidemark/shared/errors';
import { createGrid, DEFAULT_STEP_MS, type Grid, HOUR_MS } from '@tidemark/shared/forecasting';
import type { Db } from '../store/db.ts';
import { claimStep, hasActuals, readStep, replaceStep } from '../store/step.ts';
import { type LiveForecaster, liveIfReadable } from './live-forecaster.ts';

interface GridDeps {
  readonly db: Db;
  readonly live: LiveForecaster;
}

/**
 * The time grid of what is stored: as the database says; a database of an earlier version, which does not say it, has
 * the live model's, and an empty one two hours.
 */
export async function storedGrid(deps: GridDeps): Promise<Grid> {
  const stored = await readStep(deps.db);
  return createGrid(stored ?? (await deps.live())?.forecaster.stepMs ?? DEFAULT_STEP_MS);
}

/**
 * Makes sure that actuals of `stepMs` may be stored, and stores that length if it is the first.
 * @param who names what brings them, for the message.
 * @throws UserError `other-step` where buckets of another length are stored, or the live model has others.
 */
export async function claimGrid(deps: GridDeps, stepMs: number, who: string): Promise<Grid> {
  if (!(await hasActuals(deps.db))) {
    const { model } = await liveIfReadable(deps.live);
    const expected = model?.forecaster.stepMs ?? stepMs;
    if (expected !== stepMs) throw otherStep(who, stepMs, { expected, whose: 'the live model is' });
  }
  return claimModelGrid(deps, stepMs, who);
}

/**
 * Makes sure that a model of `stepMs` may go live, and stores that length while no bucket of another is stored.
 * @throws UserError `other-step` where buckets of another length are stored.
 */
export async function claimModelGrid(deps: GridDeps, stepMs: number, who: string): Promise<Grid> {
  await checkGrid(deps, stepMs, who);
  if ((await claimStep(deps.db, stepMs)) !== stepMs) await replaceStep(deps.db, stepMs);
  return createGrid(stepMs);
}

/** Writes nothing. @throws UserError `other-step` where buckets of another length than `stepMs` are stored. */
export async function checkGrid(deps: GridDeps, stepMs: number, who: string): Promise<void> {
  if (!(await hasActuals(deps.db))) return;
  const { stepMs: expected } = await storedGrid(deps);
  if (expected !== stepMs) throw otherStep(who, stepMs, { expected, whose: STORED });
}

const STORED = 'those stored are';

function otherStep(who: string, stepMs: number, { expected, whose }: { expected: number; whose: string }): UserError {
  const ways = whose === STORED ? 'use an empty database' : `publish a model of ${minutes(stepMs)} first`;
  return new UserError(
    'other-step',
    `${who} has buckets of ${minutes(stepMs)}, but ${whose} of ${minutes(expected)}; prepare it with stepHours ${expected / HOUR_MS}, or ${ways}`,
  );
}

function minutes(stepMs: number): string {
  return `${stepMs / 60_000} minutes`;
}
