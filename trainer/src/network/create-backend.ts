import { UserError } from '@tidemark/shared/errors';
import { initialWeights, networkWeights } from '@tidemark/shared/forecasting';
import { loadKernel } from './kernel.ts';
import { KernelBackend } from './kernel-backend.ts';
import { hasTfjsNode } from './tfjs-node.ts';
import type { NetworkShape, TrainingBackend } from './training-backend.ts';
import { TypeScriptBackend } from './typescript-backend.ts';

type Create = (shape: NetworkShape, seed: number) => Promise<TrainingBackend | undefined>;

/** Backends by name, fastest first; each gives `undefined` where it does not run. */
const CREATORS = {
  kernel: async (shape, seed) => {
    const kernel = await loadKernel();
    return kernel && new KernelBackend(kernel, shape, seed);
  },
  'tfjs-node': async (shape, seed) => {
    if (!hasTfjsNode()) return undefined;
    // Imported on demand: loading tfjs takes longer than a hundred steps of the kernel.
    const { setTfjsBackend } = await import('./tfjs-platform.ts');
    if (!(await setTfjsBackend('tensorflow'))) return undefined;
    const { TfjsBackend } = await import('./tfjs-backend.ts');
    return TfjsBackend.create('tfjs-node', shape, seed);
  },
  typescript: async (shape, seed) => new TypeScriptBackend(shape, seed),
} as const satisfies Record<string, Create>;

const AUTO = 'auto';

/** Values of `--backend`; `auto` is the first of the others that runs on this machine. */
export const BACKENDS: readonly string[] = [AUTO, ...Object.keys(CREATORS)];

/**
 * A training backend with seeded first weights; the same seed, backend and batches give the same weights.
 * @throws UserError `unknown-backend` for a name not in `BACKENDS`, `backend-unavailable` when it does not run here.
 */
export async function createTrainingBackend(options: {
  readonly shape: NetworkShape;
  readonly seed: number;
  readonly backend?: string;
}): Promise<TrainingBackend> {
  const { shape, seed, backend: name = AUTO } = options;
  if (!BACKENDS.includes(name)) {
    throw new UserError('unknown-backend', `unknown backend; not one of ${BACKENDS.join(', ')}: ${name}`);
  }
  const backend = await (name === AUTO ? firstOf(shape, seed) : CREATORS[name as keyof typeof CREATORS](shape, seed));
  if (!backend) {
    throw new UserError('backend-unavailable', `backend ${name} does not run on this machine and Node; try auto`);
  }
  const values = initialWeights(shape, seed);
  backend.setWeights(networkWeights(shape).map((entry, index) => ({ ...entry, values: values[index]! })));
  return backend;
}

async function firstOf(shape: NetworkShape, seed: number): Promise<TrainingBackend | undefined> {
  for (const create of Object.values<Create>(CREATORS)) {
    const backend = await create(shape, seed);
    if (backend) return backend;
  }
  return undefined;
}
