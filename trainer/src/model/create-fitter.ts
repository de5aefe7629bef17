import { initialWeights, networkWeights, UserError } from '@tidemark/shared';
import type { Fitter, NamedWeight, NetworkShape } from './fitter.ts';
import { KERNEL_FLAVOURS, type Kernel, type KernelFlavour, loadKernel } from './kernel.ts';
import { KernelFitter } from './kernel-fitter.ts';
import { randomBatch, randomWeights } from './random-batch.ts';
import { TypeScriptFitter } from './typescript-fitter.ts';

/** What `--backend` accepts: `auto` is the fastest that runs here and agrees with the plain loops. */
export const BACKENDS = ['auto', 'kernel-wide', 'kernel', 'kernel-simd', 'typescript'] as const;

export type Backend = (typeof BACKENDS)[number];

const FLAVOURS = {
  auto: KERNEL_FLAVOURS,
  'kernel-wide': ['wide'],
  kernel: ['relaxed-simd', 'simd'],
  'kernel-simd': ['simd'],
} as const satisfies Partial<Record<Backend, readonly KernelFlavour[]>>;

/**
 * A fitter with seeded first weights; the same seed and backend give the same weights after the same batches.
 * @throws UserError `unknown-backend` for a name not in `BACKENDS`, `backend-unavailable` when it cannot run here.
 */
export async function createFitter(options: {
  readonly shape: NetworkShape;
  readonly seed: number;
  readonly backend?: string;
}): Promise<Fitter> {
  const { shape, seed, backend = 'auto' } = options;
  const fitter = await fitterFor(backend, shape, seed);
  const values = initialWeights(shape, seed);
  fitter.setWeights(networkWeights(shape).map((entry, index) => ({ ...entry, values: values[index] as Float32Array })));
  return fitter;
}

async function fitterFor(backend: string, shape: NetworkShape, seed: number): Promise<Fitter> {
  if (!isBackend(backend)) {
    throw new UserError('unknown-backend', `unknown backend; not one of ${BACKENDS.join(', ')}: ${backend}`);
  }
  if (backend === 'typescript') return new TypeScriptFitter(shape, seed);
  for (const flavour of FLAVOURS[backend]) {
    const kernel = await loadKernel([flavour]);
    if (kernel && agrees(kernel)) return new KernelFitter(kernel, shape, seed);
  }
  if (backend === 'auto') return new TypeScriptFitter(shape, seed);
  throw new UserError('backend-unavailable', `backend ${backend} does not run on this machine and Node; try auto`);
}

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
function agrees(kernel: Kernel): boolean {
  const start = kernel.mark();
  const batch = randomBatch(PROBE, 6, 1);
  const [ours, plain] = [new KernelFitter(kernel, PROBE, 1), new TypeScriptFitter(PROBE, 1)].map((fitter) => {
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

function isBackend(name: string): name is Backend {
  return (BACKENDS as readonly string[]).includes(name);
}
