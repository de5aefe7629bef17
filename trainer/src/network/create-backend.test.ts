import type { NetworkShape } from '@tidemark/shared/forecasting';
import { describe, expect, test } from 'vitest';
import { createTrainingBackend } from './create-backend.ts';
import { randomBatch } from './random-batch.ts';
import { hasTfjsNode } from './tfjs-node.ts';

const shape: NetworkShape = {
  steps: 4,
  sequenceFeatures: 2,
  units: 6,
  horizons: 3,
  targetFeatures: 4,
  hidden: [8, 8],
  outputs: 5,
};

describe('choosing a backend', () => {
  test('auto is the kernel where WebAssembly SIMD runs', async () => {
    expect((await createTrainingBackend({ shape, seed: 1 })).backend).toBe('wasm kernel');
  });

  test('all start from the same seeded weights', async () => {
    const batch = randomBatch(shape, 6, 1);
    const kernel = await createTrainingBackend({ shape, seed: 3, backend: 'kernel' });
    const others = ['typescript', ...(hasTfjsNode() ? ['tfjs-node'] : [])];
    for (const backend of others) {
      const other = await createTrainingBackend({ shape, seed: 3, backend });
      expect(other.weights()).toEqual(kernel.weights());
      expect(other.loss(batch)).toBeCloseTo(kernel.loss(batch), 5);
    }
  });

  test.skipIf(hasTfjsNode())('a backend that is not installed is refused by name', async () => {
    await expect(createTrainingBackend({ shape, seed: 1, backend: 'tfjs-node' })).rejects.toThrow(
      'backend tfjs-node does not run on this machine and Node; try auto',
    );
  });

  test('an unknown backend is refused with the ones there are', async () => {
    await expect(createTrainingBackend({ shape, seed: 1, backend: 'gpu' })).rejects.toThrow(
      'unknown backend; not one of auto, kernel, tfjs-node, typescript: gpu',
    );
  });
});
