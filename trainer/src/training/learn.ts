import { setImmediate } from 'node:timers/promises';
import type { NetworkShape, Random } from '@tidemark/shared/forecasting';
import type { NamedWeight, TrainingBackend } from '../network/training-backend.ts';
import { cutBatch, drawWindows, type TrainingGroup, validationWindows, type Window } from './windows.ts';

/** Length and learning rate of a training run. */
export interface LearningPlan {
  readonly steps: number;
  /** Highest learning rate. */
  readonly rate: number;
  /** `one-cycle` rises for 30 % of the steps and falls to nothing; `cosine` only falls. */
  readonly schedule: 'one-cycle' | 'cosine';
  /** Windows per step. */
  readonly batch: number;
  /** Steps between validations. */
  readonly validateEvery: number;
  /** Validations without improvement before training stops early; absent: it never does. */
  readonly patience?: number;
}

/** Progress of training; `validation` is relative to the loss before the first step. */
export interface LearningProgress {
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly validation: number;
  readonly secondsLeft: number;
}

/** The result of training. */
export interface Learned {
  readonly weights: NamedWeight[];
  /** Best validation loss ÷ the one before the first step. */
  readonly validation: number;
  readonly steps: number;
  readonly seconds: number;
}

/** Steps between two updates of the running average of the weights. */
const AVERAGE_EVERY = 4;
/** Share of the current weights in an update: the average spans about 130 steps. */
const AVERAGE_RATE = 0.03;

/** Training yields to the event loop this often, so that signals such as Ctrl-C arrive. */
const YIELD_EVERY_MS = 100;

/** Validation windows per group. */
const VALIDATING_WINDOWS = 512;

/** What is trained, and beside it what validates. */
export interface Learner {
  readonly backend: TrainingBackend;
  /** A second backend of the same shape; it holds the best weights afterwards. */
  readonly validator: TrainingBackend;
  readonly shape: NetworkShape;
}

/**
 * The running average of the weights with the lowest validation loss, trained on all groups together. An average over
 * steps forecasts like an ensemble and costs nothing to serve (Polyak & Juditsky 1992; Izmailov et al. 2018). Each step
 * draws half its windows from one group and half from another; a group is drawn evenly or by the square root of its
 * size, with equal probability. An aborted signal ends training early with the best weights so far.
 * @param options.random draws the windows.
 */
export async function learn(
  { backend, validator, shape }: Learner,
  groups: readonly TrainingGroup[],
  plan: LearningPlan,
  options: { random: Random; onProgress?: (progress: LearningProgress) => void; signal?: AbortSignal },
): Promise<Learned> {
  const { random } = options;
  const learning = groups.filter(({ size }) => size > 0);
  const validating = learning.map((group) => validationWindows(group, VALIDATING_WINDOWS));
  const startedAt = performance.now();
  let yieldedAt = startedAt;
  let average = backend.weights();
  const validationLoss = () => {
    validator.setWeights(average);
    return meanLoss(validator, validating, shape);
  };
  const first = validationLoss();
  let best = first;
  let bestWeights = average;
  let validation = first;
  const { steps } = plan;
  let worse = 0;
  let step = 0;
  let recent = 0;
  while (step < steps && learning.length > 0 && !options.signal?.aborted) {
    const windows = [
      ...drawWindows(drawGroup(learning, random), plan.batch >> 1, random),
      ...drawWindows(drawGroup(learning, random), plan.batch - (plan.batch >> 1), random),
    ];
    if (performance.now() - yieldedAt > YIELD_EVERY_MS) {
      await setImmediate();
      yieldedAt = performance.now();
    }
    recent = backend.step(cutBatch(windows, shape), rateAt(plan, step / steps));
    step++;
    if (step % AVERAGE_EVERY === 0) average = averaged(average, backend.weights());
    if (step % plan.validateEvery === 0 || step === steps) {
      validation = validationLoss();
      worse = validation < best ? 0 : worse + 1;
      if (validation < best) {
        best = validation;
        bestWeights = average;
      } else if (plan.patience !== undefined && worse >= plan.patience) break;
      const secondsLeft = ((steps - step) * (performance.now() - startedAt)) / 1000 / step;
      options.onProgress?.({ step, steps, loss: recent, validation: validation / first, secondsLeft });
    }
  }
  validator.setWeights(bestWeights);
  return {
    weights: bestWeights,
    validation: best / first,
    steps: step,
    seconds: (performance.now() - startedAt) / 1000,
  };
}

function averaged(average: readonly NamedWeight[], weights: readonly NamedWeight[]): NamedWeight[] {
  return average.map(({ values, ...entry }, k) => {
    const towards = weights[k]?.values as Float32Array;
    return { ...entry, values: values.map((value, i) => value + AVERAGE_RATE * (towards[i]! - value)) };
  });
}

/** Scales each group's losses by its validation loss before training, so that groups are comparable. */
export function setLossUnits(backend: TrainingBackend, groups: readonly TrainingGroup[], shape: NetworkShape): void {
  for (const group of groups) {
    group.lossUnit = 1;
    const windows = validationWindows(group, VALIDATING_WINDOWS);
    if (windows.length > 0) group.lossUnit = Math.max(1e-6, meanLoss(backend, [windows], shape));
  }
}

function meanLoss(backend: TrainingBackend, groups: readonly (readonly Window[])[], shape: NetworkShape): number {
  let sum = 0;
  let n = 0;
  for (const windows of groups) {
    if (windows.length === 0) continue;
    n++;
    for (let from = 0; from < windows.length; from += 64) {
      const part = windows.slice(from, from + 64);
      sum += (backend.loss(cutBatch(part, shape)) * part.length) / windows.length;
    }
  }
  return n === 0 ? 0 : sum / n;
}

function drawGroup(groups: readonly TrainingGroup[], random: Random): TrainingGroup {
  const even = random.uniform() < 0.5;
  const weightOf = (group: TrainingGroup) => (even ? 1 : Math.sqrt(group.size));
  let at = random.uniform() * groups.reduce((sum, group) => sum + weightOf(group), 0);
  for (const group of groups) {
    at -= weightOf(group);
    if (at < 0) return group;
  }
  return groups[groups.length - 1]!;
}

function rateAt({ rate, schedule }: LearningPlan, done: number): number {
  const rise = schedule === 'one-cycle' ? 0.3 : 0;
  const cosine = (from: number, to: number, share: number) =>
    from + ((to - from) * (1 - Math.cos(Math.PI * share))) / 2;
  return done < rise ? cosine(rate / 25, rate, done / rise) : cosine(rate, rate / 1e4, (done - rise) / (1 - rise));
}
