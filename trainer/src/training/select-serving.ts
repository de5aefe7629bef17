import type { NetworkShape } from '@tidemark/shared/forecasting';
import type { NamedWeight, TrainingBackend } from '../network/training-backend.ts';
import { mean } from '../numbers.ts';
import { type ModelSelection, selectModel } from './select-model.ts';
import { cutBatch, cutTargets, type TrainingSeries, trainingGroup, validationWindows } from './windows.ts';

/** What serves a series that trades too rarely to train on. */
export const RARELY_TRADING: ModelSelection = {
  servedBy: 'hurdle',
  reason:
    'trades in under 3 % of buckets: forecast by how often it trades and how much, which shows unusual trades, but not missing ones',
};

/** The forecast that serves a series; the mean loss of the members stands for the ensemble's. */
export function selectServing(
  evaluator: TrainingBackend,
  members: readonly (readonly NamedWeight[])[],
  training: TrainingSeries,
  shape: NetworkShape,
): ModelSelection {
  const windows = validationWindows(trainingGroup([training]), 512);
  const batch = cutBatch(windows, shape);
  const losses = members.map((weights) => {
    evaluator.setWeights(weights);
    return windows.length === 0 ? 0 : evaluator.loss(batch);
  });
  return selectModel(
    windows.length,
    mean(losses),
    cutTargets(windows, shape.horizons, 'base'),
    cutTargets(windows, shape.horizons, 'last-week'),
  );
}
