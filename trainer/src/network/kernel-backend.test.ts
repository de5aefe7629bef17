import { type NetworkShape, QUANTILE_LEVELS } from '@tidemark/shared/forecasting';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LEARNING } from '../training/learning.ts';
import { loadKernel } from './kernel.ts';
import { KernelBackend } from './kernel-backend.ts';
import { randomBatch, randomWeights } from './random-batch.ts';
import { TfjsBackend } from './tfjs-backend.ts';
import { setTfjsBackend } from './tfjs-platform.ts';
import type { NamedWeight } from './training-backend.ts';
import { TypeScriptBackend } from './typescript-backend.ts';

const size = (max: number) => fc.integer({ min: 1, max });
const shapes: fc.Arbitrary<NetworkShape> = fc.record({
  steps: size(6),
  sequenceFeatures: size(9),
  units: size(19),
  horizons: size(7),
  targetFeatures: size(9),
  hidden: fc.tuple(size(17), size(17)),
  outputs: fc.constant(QUANTILE_LEVELS.length),
});
// A fixed seed: where an actual falls within rounding of a quantile, two right answers differ.
const runs = { seed: 7, numRuns: 60 };
const odd: NetworkShape = {
  steps: 7,
  sequenceFeatures: 3,
  units: 5,
  horizons: 3,
  targetFeatures: 6,
  hidden: [9, 7],
  outputs: 5,
};

/** Largest difference of any tensor, relative to that tensor's largest entry. */
function difference(ours: readonly NamedWeight[], theirs: readonly NamedWeight[]): number {
  expect(ours.map(({ name, shape }) => ({ name, shape }))).toEqual(theirs.map(({ name, shape }) => ({ name, shape })));
  return Math.max(
    ...ours.map(({ values }, index) => {
      const other = (theirs[index] as NamedWeight).values;
      const largest = Math.max(...other.map(Math.abs), 1e-30);
      return Math.max(...values.map((value, i) => Math.abs(value - other[i]!))) / largest;
    }),
  );
}

async function kernelBackend(shape: NetworkShape, seed = 1) {
  const kernel = await loadKernel();
  if (!kernel) throw new Error('this engine has no WebAssembly SIMD');
  const backend = new KernelBackend(kernel, shape, seed);
  backend.setWeights(randomWeights(shape, seed));
  return backend;
}

function typeScriptBackend(shape: NetworkShape, seed = 1) {
  const backend = new TypeScriptBackend(shape, seed);
  backend.setWeights(randomWeights(shape, seed));
  return backend;
}

/** tfjs's own differentiation of its own layers. */
async function stockBackend(shape: NetworkShape, seed = 1) {
  await setTfjsBackend('cpu');
  const backend = await TfjsBackend.create('tfjs-cpu', shape, seed);
  backend.setWeights(randomWeights(shape, seed));
  return backend;
}

test('stock tfjs learns the weights that the reference learns', async () => {
  const stock = await stockBackend(odd);
  const plain = typeScriptBackend(odd);
  expect(stock.weights()).toEqual(randomWeights(odd, 1));
  for (let step = 0; step < 3; step++) {
    const batch = randomBatch(odd, 6, step);
    expect(stock.step(batch, 0.01)).toBeCloseTo(plain.step(batch, 0.01), 4);
  }
  expect(difference(stock.weights(), plain.weights())).toBeLessThan(1e-3);
});

describe('the kernel', () => {
  test('has the gradients and the loss of the reference, whatever the sizes', async () => {
    const check = fc.asyncProperty(shapes, size(13), async (shape, windows) => {
      const kernel = await kernelBackend(shape);
      const plain = typeScriptBackend(shape);
      const batch = randomBatch(shape, windows, 2);
      const expected = plain.loss(batch);
      expect(Math.abs(kernel.loss(batch) - expected)).toBeLessThan(1e-5 * expected);
      expect(difference(kernel.gradients(batch), plain.gradients(batch))).toBeLessThan(1e-4);
    });
    await fc.assert(check, runs);
  });

  test('learns the same weights as the reference, dropout, clipping and decay included', async () => {
    const kernel = await kernelBackend(odd);
    const plain = typeScriptBackend(odd);
    for (let step = 0; step < 5; step++) {
      const batch = randomBatch(odd, 9 + step, step);
      const expected = plain.step(batch, 0.01);
      expect(Math.abs(kernel.step(batch, 0.01) - expected)).toBeLessThan(1e-4 * expected);
    }
    expect(difference(kernel.weights(), plain.weights())).toBeLessThan(1e-3);
  });

  test('has the gradients of a stock tfjs model', async () => {
    const kernel = await kernelBackend(odd);
    const batch = randomBatch(odd, 6, 3);
    expect(difference(kernel.gradients(batch), (await stockBackend(odd)).gradients(batch))).toBeLessThan(1e-4);
  });

  test('only decays the weights of a batch of weight 0', async () => {
    const kernel = await kernelBackend(odd);
    const batch = { ...randomBatch(odd, 6, 1), weight: new Float32Array(6 * odd.horizons) };
    expect(kernel.step(batch, 100)).toBe(0);
    const kept = 1 - 100 * LEARNING.weightDecay;
    const decayed = randomWeights(odd, 1).map((weight) => ({ ...weight, values: weight.values.map((w) => w * kept) }));
    expect(difference(kernel.weights(), decayed)).toBeLessThan(1e-6);
  });

  test('gives its weights back as they were set', async () => {
    const kernel = await kernelBackend(odd);
    expect(kernel.weights()).toEqual(randomWeights(odd, 1));
  });

  test('the loss of many windows does not depend on the batch size', async () => {
    const kernel = await kernelBackend(odd);
    kernel.gradients(randomBatch(odd, 8, 1));
    const many = randomBatch(odd, 101, 4);
    expect(kernel.loss(many)).toBeCloseTo(typeScriptBackend(odd).loss(many), 5);
  });

  test('rows of an earlier, larger batch have no effect', async () => {
    const kernel = await kernelBackend(odd);
    const batch = randomBatch(odd, 5, 5);
    const expected = kernel.gradients(batch);
    kernel.gradients(randomBatch(odd, 8, 6));
    expect(kernel.gradients(batch)).toEqual(expected);
  });

  test('the same seed and batches give the same weights, another dropout seed others', async () => {
    const learned = async (seed: number) => {
      const kernel = await kernelBackend(odd, seed);
      kernel.setWeights(randomWeights(odd, 1));
      for (let step = 0; step < 3; step++) kernel.step(randomBatch(odd, 9, step), 0.01);
      return kernel.weights();
    };
    expect(await learned(1)).toEqual(await learned(1));
    expect(await learned(1)).not.toEqual(await learned(2));
  });
});

test('steps of one batch size allocate no memory', async () => {
  const kernel = await loadKernel();
  if (!kernel) throw new Error('this engine has no WebAssembly SIMD');
  const backend = new KernelBackend(kernel, odd, 1);
  backend.setWeights(randomWeights(odd, 1));
  backend.step(randomBatch(odd, 16, 1), 0.01);
  const after = kernel.mark();
  for (let step = 0; step < 10; step++) {
    backend.step(randomBatch(odd, 16, step), 0.01);
    backend.loss(randomBatch(odd, 40, step));
  }
  expect(kernel.mark()).toBe(after);
});
