import { Worker } from 'node:worker_threads';
import { createCalendar, createRandom, type NetworkShape, type SpecialDays } from '@tidemark/shared/forecasting';
import { createTrainingBackend } from '../network/create-backend.ts';
import type { NamedWeight } from '../network/training-backend.ts';
import { type LearningPlan, type LearningProgress, learn, setLossUnits } from './learn.ts';
import { type TrainingGroup, type TrainingSeries, trainingGroup } from './windows.ts';

/** Plan of the pooled part; see `docs/model.md`. */
export const POOLED = { steps: 2000, rate: 3e-3, schedule: 'one-cycle', batch: 96, validateEvery: 100 } as const;
const FINE: LearningPlan = { steps: 750, rate: 1e-3, schedule: 'cosine', batch: 64, validateEvery: 50, patience: 6 };
/** A set keeps weights of its own only if their validation loss is at most this share of the pooled ones'. */
const FINE_WORTH = 0.975;

/** Input of one member's training: plain values, to be sent to a thread. */
export interface MemberTask {
  readonly seed: number;
  readonly shape: NetworkShape;
  readonly stepMs: number;
  readonly timeZone: string;
  readonly backend?: string;
  /** Steps of the pooled part, on all sets together. */
  readonly steps: number;
  /** First weights, instead of random ones. */
  readonly start?: readonly NamedWeight[];
  readonly sets: readonly {
    readonly name: string;
    readonly specialDays?: SpecialDays;
    /** Their tracks lie in shared memory. */
    readonly series: readonly Omit<TrainingSeries, 'calendar'>[];
  }[];
}

/** A trained member. */
export interface Member {
  /** Weights for each set, in the order given. */
  readonly weights: readonly (readonly NamedWeight[])[];
  readonly backend: string;
  /** Pooled steps taken. */
  readonly steps: number;
  /** Validation loss of the pooled part ÷ the one before it. */
  readonly validation: number;
}

/** Callbacks during training. */
export interface MemberListeners {
  readonly onProgress?: (phase: string, progress: LearningProgress) => void;
  readonly signal?: AbortSignal;
}

/** Trains one member on all sets together; with several sets, each then refines the weights. */
export async function learnMember(task: MemberTask, { onProgress, signal }: MemberListeners): Promise<Member> {
  const { seed, shape, backend, steps, start, stepMs, timeZone } = task;
  const groups = task.sets.map(({ series, specialDays }) => {
    const calendar = createCalendar(stepMs, timeZone, specialDays);
    return trainingGroup(series.map((one) => ({ ...one, calendar })));
  });
  const open = () => createTrainingBackend({ shape, seed, ...(backend === undefined ? {} : { backend }) });
  const trained = await open();
  const validator = await open();
  try {
    setLossUnits(trained, groups, shape);
    if (start) trained.setWeights(start);
    const run = (phase: string, learning: readonly TrainingGroup[], plan: LearningPlan, runSeed: number) =>
      learn({ backend: trained, validator, shape }, learning, plan, {
        random: createRandom(runSeed),
        onProgress: (progress) => onProgress?.(phase, progress),
        ...(signal ? { signal } : {}),
      });
    const pooled = await run('all series', groups, { ...POOLED, steps }, seed);
    const weights: (readonly NamedWeight[])[] = [];
    for (const [k, { name }] of task.sets.entries()) {
      const group = groups[k]!;
      weights.push(pooled.weights);
      if (task.sets.length === 1 || group.size === 0) continue;
      trained.setWeights(pooled.weights);
      const fine = await run(name, [group], FINE, seed + 1 + k);
      if (fine.validation <= FINE_WORTH) weights[k] = fine.weights;
    }
    return { weights, backend: trained.backend, steps: pooled.steps, validation: pooled.validation };
  } finally {
    trained.dispose();
    validator.dispose();
  }
}

/** Messages to a thread. */
export type ToThread = MemberTask | 'stop';
/** Its answer; an error ends the thread. */
export type FromThread = { readonly member: Member };

/**
 * All members, trained at the same time: the first on this thread (only it reports progress), each other on a thread of
 * its own. A member's weights depend on its task alone.
 */
export async function trainEnsemble(tasks: readonly MemberTask[], listeners: MemberListeners): Promise<Member[]> {
  return Promise.all(
    tasks.map((task, k) => (k === 0 ? learnMember(task, listeners) : inThread(task, listeners.signal))),
  );
}

async function inThread(task: MemberTask, signal: AbortSignal | undefined): Promise<Member> {
  const thread = new Worker(new URL('./member-thread.ts', import.meta.url));
  const send = (message: ToThread) => thread.postMessage(message);
  const stop = () => send('stop');
  signal?.addEventListener('abort', stop);
  try {
    return await new Promise<Member>((resolve, reject) => {
      thread.once('message', ({ member }: FromThread) => resolve(member));
      thread.once('error', reject);
      thread.once('exit', (code) => reject(new Error(`a training thread ended with ${code}`)));
      send(task);
      if (signal?.aborted) stop();
    });
  } finally {
    signal?.removeEventListener('abort', stop);
    await thread.terminate();
  }
}
