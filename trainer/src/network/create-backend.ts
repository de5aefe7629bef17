import { UserError } from '@tidemark/shared/errors';
import { initialWeights, networkWeights } from '@tidemark/shared/forecasting';
import { loadKernel } from './kernel.ts';
import { KernelBackend } from './kernel-backend.ts';
import { kernelAgrees } from './kernel-check.ts';
import { randomBatch } from './random-batch.ts';
import { hasTfjsNode } from './tfjs-node.ts';
import type { TfjsBackend } from './tfjs-platform.ts';
import type { NetworkShape, TrainingBackend } from './training-backend.ts';
import { TypeScriptBackend } from './typescript-backend.ts';

type Make = (shape: NetworkShape, seed: number) => Promise<TrainingBackend | undefined>;

const tfjs =
  (backend: TfjsBackend): Make =>
  async (shape, seed) => {
    // Imported only when asked for: it takes longer than a hundred steps of the kernel.
    const { setTfjsBackend } = await import('./tfjs-platform.ts');
    if (!(await setTfjsBackend(backend))) return undefined;
    const { TfjsBackend } = await import('./tfjs-backend.ts');
    return TfjsBackend.create(backend, shape, seed);
  };

const kernel =
  (flavour: 'wide' | 'relaxed-simd' | 'simd'): Make =>
  async (shape, seed) => {
    const loaded = await loadKernel([flavour]);
    return loaded && kernelAgrees(loaded) ? new KernelBackend(loaded, shape, seed) : undefined;
  };

const MAKERS = {
  'kernel-wide': kernel('wide'),
  kernel: kernel('relaxed-simd'),
  'kernel-simd': kernel('simd'),
  'tfjs-node': tfjs('tfjs-node'),
  'tfjs-wasm': tfjs('tfjs-wasm'),
  'tfjs-cpu': tfjs('tfjs-cpu'),
  typescript: async (shape, seed) => new TypeScriptBackend(shape, seed),
} as const satisfies Record<string, Make>;

type Backend = keyof typeof MAKERS;

/** What `--backend` accepts: `auto` is the fastest that runs here. */
export const BACKENDS: readonly string[] = ['auto', ...Object.keys(MAKERS)];

/** Tried by `auto` in this order; tfjs-node only where it is installed, and then it has to win a race. */
const BY_SPEED: readonly Backend[] = ['kernel-wide', 'kernel', 'kernel-simd', 'tfjs-wasm', 'typescript'];

/**
 * A fitter with seeded first weights; the same seed and backend give the same weights after the same batches.
 * @throws UserError `unknown-backend` for a name not in `BACKENDS`, `backend-unavailable` when it does not run here.
 */
export async function createTrainingBackend(options: {
  readonly shape: NetworkShape;
  readonly seed: number;
  readonly backend?: string;
}): Promise<TrainingBackend> {
  const { shape, seed, backend = 'auto' } = options;
  if (!BACKENDS.includes(backend)) {
    throw new UserError('unknown-backend', `unknown backend; not one of ${BACKENDS.join(', ')}: ${backend}`);
  }
  const fitter = await (backend === 'auto' ? fastest(shape, seed) : MAKERS[backend as Backend](shape, seed));
  if (!fitter) {
    throw new UserError('backend-unavailable', `backend ${backend} does not run on this machine and Node; try auto`);
  }
  const values = initialWeights(shape, seed);
  fitter.setWeights(networkWeights(shape).map((entry, index) => ({ ...entry, values: values[index] as Float32Array })));
  return fitter;
}

async function fastest(shape: NetworkShape, seed: number): Promise<TrainingBackend | undefined> {
  const rival = hasTfjsNode() ? await MAKERS['tfjs-node'](shape, seed) : undefined;
  for (const name of BY_SPEED) {
    const fitter = await MAKERS[name](shape, seed);
    if (!fitter) continue;
    if (!rival) return fitter;
    const [winner, loser] = gradientMs(rival, shape) < gradientMs(fitter, shape) ? [rival, fitter] : [fitter, rival];
    loser.dispose();
    return winner;
  }
  return rival;
}

/** Milliseconds for the gradients of a small batch, the first of two calls not counted. */
function gradientMs(fitter: TrainingBackend, shape: NetworkShape): number {
  const batch = randomBatch(shape, 16, 1);
  const times = [0, 1].map(() => {
    const start = performance.now();
    fitter.gradients(batch);
    return performance.now() - start;
  });
  return times[1] as number;
}
