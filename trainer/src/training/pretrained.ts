import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArtifact } from '@tidemark/shared/contract/model-file';
import { type ColdStart, type NetworkShape, networkWeights } from '@tidemark/shared/forecasting';
import type { NamedWeight } from '../network/training-backend.ts';

/** Where the shipped checkpoint lies: a stock tfjs LayersModel made by `pretrain.ts`. */
export const PRETRAINED_FOLDER = resolve(import.meta.dirname, '../../pretrained');

/** The first weights of training, and what serves where there is nothing to train on. */
export interface Checkpoint {
  readonly weights: readonly NamedWeight[];
  /** What the simulated series had in common. */
  readonly coldStart: ColdStart | undefined;
}

/** The shipped checkpoint; `undefined` where it was made for another shape, so another bucket length. */
export function readCheckpoint(shape: NetworkShape): Checkpoint | undefined {
  const file = join(PRETRAINED_FOLDER, 'model.json');
  if (!existsSync(file)) return undefined;
  const { weightEntries, weights, metadata } = parseArtifact({
    modelJson: readFileSync(file, 'utf8'),
    weights: readFileSync(join(PRETRAINED_FOLDER, 'weights.bin')),
  });
  const wanted = networkWeights(shape);
  const fits = wanted.every(({ name, shape: sizes }, k) => {
    const entry = weightEntries[k];
    return entry?.name === name && entry.shape.join() === sizes.join();
  });
  if (!fits) return undefined;
  return {
    weights: wanted.map((entry, k) => ({ ...entry, values: weights[k]! })),
    coldStart: metadata.coldStart,
  };
}
