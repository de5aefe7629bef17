import { availableParallelism } from 'node:os';
import { type Artifact, createCalendar, MEMBERS, type NetworkShape, networkShape } from '@tidemark/shared/forecasting';
import { createTrainingBackend } from '../network/create-backend.ts';
import type { NamedWeight, TrainingBackend } from '../network/training-backend.ts';
import { type MemberTask, POOLED, trainEnsemble } from './ensemble.ts';
import { ensembleArtifact } from './ensemble-artifact.ts';
import type { Trained, TrainingSet, TrainOptions } from './options.ts';
import { checkServable, isTrainable, prepareSeries } from './prepare-series.ts';
import { readCheckpoint } from './pretrained.ts';
import { stepsIn } from './steps-within.ts';
import { type TrainingGroup, trainingGroup } from './windows.ts';

/** From this many training windows on only every second member starts from the checkpoint. */
const CHECKPOINT_LIMIT = 20_000;
/** Steps of a member from the checkpoint beside one from random weights: the checkpoint has learned common rhythms. */
const STEPS_FROM_CHECKPOINT = 1200;
/** Distance between the seeds of two members. */
const SEED_STRIDE = 1000;

/**
 * One artifact per set: networks trained on all sets together, then refined by each of several sets, the forecast that
 * serves each series, and the conformal scores each series starts with.
 * Where no series is long enough to train on, the checkpoint serves as it is.
 * @throws UserError `too-little-history` when no series has the weeks of a cold start, `no-trade` when every value is 0.
 */
export async function train(sets: readonly TrainingSet[], options: TrainOptions = {}): Promise<Trained> {
  const startedAt = performance.now();
  const { seed = 1, timeZone = 'UTC', backend } = options;
  const stepMs = sets[0]?.series[0]?.stepMs ?? Number.NaN;
  const { perDay } = createCalendar(stepMs, timeZone);
  const shape = networkShape(perDay);
  const prepared = sets.map(({ series, specialDays }) => {
    const calendar = createCalendar(stepMs, timeZone, specialDays);
    return series.map((one, k) => {
      const known = prepareSeries(one, calendar, shape.horizons, seed);
      options.onSeries?.('fit', k + 1, series.length);
      return known;
    });
  });
  const groups = prepared.map((all) => trainingGroup(all.filter(isTrainable).map(({ training }) => training)));
  const windows = groups.reduce((sum, { size }) => sum + size, 0);
  if (windows === 0) checkServable(sets, perDay);

  const startedFrom: 'checkpoint' | 'random' | 'both' =
    options.start ?? (windows < CHECKPOINT_LIMIT ? 'checkpoint' : 'both');
  const shipped = readCheckpoint(shape);
  // Networks from different starts err differently: their mean is better than either's.
  const checkpointOf = (k: number) =>
    startedFrom === 'checkpoint' || (startedFrom === 'both' && k % 2 === 1) ? shipped : undefined;
  const evaluator = await createTrainingBackend({ shape, seed, ...(backend === undefined ? {} : { backend }) });
  try {
    const plan = planOf(options, groups, evaluator, shape);
    const tasks = Array.from({ length: plan.members }, (_, k): MemberTask => {
      const checkpoint = checkpointOf(k);
      return {
        seed: seed + k * SEED_STRIDE,
        shape,
        stepMs,
        timeZone,
        steps: startedFrom === 'both' && checkpoint ? Math.min(plan.steps, STEPS_FROM_CHECKPOINT) : plan.steps,
        ...(backend === undefined ? {} : { backend }),
        ...(checkpoint ? { start: checkpoint.weights } : {}),
        sets: sets.map(({ name, specialDays }, at) => ({
          name,
          ...(specialDays ? { specialDays } : {}),
          series: groups[at]!.series.map(({ calendar: _, ...one }) => one),
        })),
      };
    });
    const learnedFrom = performance.now();
    const members = await trainEnsemble(tasks, options);
    const learningSeconds = (performance.now() - learnedFrom) / 1000;
    const trained = {
      members,
      shape,
      evaluator,
      seed,
      stepMs,
      timeZone,
      startedFrom: shipped ? startedFrom : ('random' as const),
      shipped,
      learned: windows > 0,
    };
    const artifacts: Artifact[] = [];
    for (const [k, set] of sets.entries()) {
      const weights = members.map((member): readonly NamedWeight[] => member.weights[k]!);
      artifacts.push(await ensembleArtifact(trained, { set, prepared: prepared[k]!, weights }, options));
    }
    return {
      artifacts,
      backend: members[0]!.backend,
      seconds: (performance.now() - startedAt) / 1000,
      learningSeconds,
      steps: members[0]!.steps,
    };
  } finally {
    evaluator.dispose();
  }
}

/** How many networks are trained for how many steps each. */
function planOf(
  options: TrainOptions,
  groups: readonly TrainingGroup[],
  evaluator: TrainingBackend,
  shape: NetworkShape,
): { readonly members: number; readonly steps: number } {
  const most = groups.every(({ size }) => size === 0) ? 0 : (options.steps ?? POOLED.steps);
  // Without training windows all members would be equal.
  if (most === 0) return { members: 1, steps: 0 };
  const members = options.ensembleSize ?? MEMBERS;
  if (options.seconds === undefined) return { members, steps: most };
  const seconds = (options.seconds * Math.min(members, availableParallelism())) / members;
  return { members, steps: Math.min(most, stepsIn(seconds, evaluator, groups, shape)) };
}
