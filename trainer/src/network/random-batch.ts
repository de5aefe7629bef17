import { createRandom, type NetworkShape, networkWeights } from '@tidemark/shared/forecasting';
import type { Batch, NamedWeight } from './training-backend.ts';

/** Seeded noise in the shape of a batch, for tests of training backends. */
export function randomBatch(shape: NetworkShape, size: number, seed: number): Batch {
  const random = createRandom(seed);
  const noise = (count: number) => Float32Array.from({ length: count }, () => random.normal());
  const rows = size * shape.horizons;
  return {
    size,
    sequence: noise(size * shape.steps * shape.sequenceFeatures),
    target: noise(rows * shape.targetFeatures),
    actual: noise(rows),
    weight: noise(rows).map(Math.abs),
  };
}

/** Seeded noise as weights, biases included, so that no gradient is zero by symmetry. */
export function randomWeights(shape: NetworkShape, seed: number): NamedWeight[] {
  const random = createRandom(seed);
  return networkWeights(shape).map(({ name, shape: sizes }) => ({
    name,
    shape: sizes,
    values: Float32Array.from({ length: sizes.reduce((a, b) => a * b, 1) }, () => 0.4 * random.normal()),
  }));
}
