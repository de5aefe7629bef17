import { createRandom, type NetworkShape } from '@tidemark/shared/forecasting';
import type { TrainingBackend } from '../network/training-backend.ts';
import { POOLED } from './ensemble.ts';
import { cutBatch, drawWindows, type TrainingGroup } from './windows.ts';

/** Steps of `stepMs` milliseconds there is time for, in hundreds; a fifth of the time is left for validation. */
export function stepsWithin(seconds: number, stepMs: number): number {
  return Math.max(100, Math.floor((0.8 * seconds * 10) / stepMs) * 100);
}

/** How many steps there is time for, in hundreds, timed on another backend so that weights depend on the number alone. */
export function stepsIn(
  seconds: number,
  trial: TrainingBackend,
  groups: readonly TrainingGroup[],
  shape: NetworkShape,
): number {
  const group = groups.find(({ size }) => size > 0) as TrainingGroup;
  const random = createRandom(1);
  const once = () => trial.step(cutBatch(drawWindows(group, POOLED.batch, random), shape), 1e-4);
  // The engine compiles during the first steps.
  for (let k = 0; k < 10; k++) once();
  const startedAt = performance.now();
  for (let k = 0; k < 10; k++) once();
  return stepsWithin(seconds, (performance.now() - startedAt) / 10);
}
