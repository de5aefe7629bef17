import { initialWeights, networkWeights, UserError } from '@tidemark/shared';
import type { Fitter, NetworkShape } from './fitter.ts';
import { loadKernel } from './kernel.ts';
import { KernelFitter } from './kernel-fitter.ts';
import { TypeScriptFitter } from './typescript-fitter.ts';

/** What `--backend` accepts: `auto` is the fastest that runs here. */
export const BACKENDS = ['auto', 'kernel', 'kernel-simd', 'typescript'] as const;

export type Backend = (typeof BACKENDS)[number];

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
  const kernel = await loadKernel(backend === 'kernel-simd' ? ['simd'] : undefined);
  if (kernel) return new KernelFitter(kernel, shape, seed);
  if (backend === 'auto') return new TypeScriptFitter(shape, seed);
  throw new UserError('backend-unavailable', `backend ${backend} needs WebAssembly SIMD, which this Node lacks`);
}

function isBackend(name: string): name is Backend {
  return (BACKENDS as readonly string[]).includes(name);
}
