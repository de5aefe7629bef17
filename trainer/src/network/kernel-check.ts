import type { Kernel } from './kernel.ts';
import { KernelBackend } from './kernel-backend.ts';
import { randomBatch, randomWeights } from './random-batch.ts';
import type { NamedWeight, NetworkShape } from './training-backend.ts';
import { TypeScriptBackend } from './typescript-backend.ts';

/** A network with remainders everywhere, small enough to try in a few milliseconds. */
const PROBE: NetworkShape = {
  steps: 5,
  sequenceFeatures: 3,
  units: 9,
  horizons: 3,
  targetFeatures: 5,
  hidden: [7, 10],
  outputs: 5,
};

/** Whether the kernel's gradients are the plain loops', on a small network: an engine may compile it wrongly. */
export function kernelAgrees(kernel: Kernel): boolean {
  const start = kernel.mark();
  const batch = randomBatch(PROBE, 6, 1);
  const [ours, plain] = [new KernelBackend(kernel, PROBE, 1), new TypeScriptBackend(PROBE, 1)].map((fitter) => {
    fitter.setWeights(randomWeights(PROBE, 1));
    return fitter.gradients(batch);
  }) as [NamedWeight[], NamedWeight[]];
  kernel.release(start);
  return ours.every(({ values }, index) => {
    const expected = (plain[index] as NamedWeight).values;
    const largest = Math.max(...expected.map(Math.abs));
    return values.every((value, i) => Math.abs(value - (expected[i] as number)) <= 1e-4 * largest);
  });
}
