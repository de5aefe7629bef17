import { availableParallelism } from 'node:os';
import {
  createCalendar,
  createRandom,
  fitBase,
  MEMBERS,
  networkShape,
  networkWeights,
  RARE_TRADE,
  type Series,
  type SpecialDays,
} from '@tidemark/shared/forecasting';
import { createTrainingBackend } from '../network/create-backend.ts';
import { OWN_PARAMETERS_WEEKS } from './cold-start.ts';
import { POOLED } from './ensemble.ts';
import { completeLength, type Split, splitOfSeries } from './split.ts';
import { stepsWithin } from './steps-within.ts';
import { cutBatch, drawWindows, trainingGroup, trainingSeries } from './windows.ts';

/** Size of a training run and the time its gradient steps take. */
export interface TrainingEstimate {
  /** Series the network is trained on, and series that trade too rarely or are too short for that. */
  readonly teaching: number;
  readonly rare: number;
  readonly short: number;
  /** Training and validation windows. */
  readonly windows: number;
  readonly validating: number;
  /** Weights of all members of the ensemble. */
  readonly weights: number;
  readonly backend: string;
  readonly steps: number;
  /** Milliseconds of one step: the median of those timed. */
  readonly stepMs: number;
  /** Steps timed. */
  readonly tried: number;
  /** Seconds of all steps, members that share a core one after the other. */
  readonly seconds: number;
}

const WARM_UP = 10;
const TIMED = 20;

/**
 * Times a few gradient steps on the longest series and multiplies: steps × time. Trains and writes nothing.
 * @param series at least one, of one measure and step.
 * @throws UserError as `createTrainingBackend` does.
 */
export async function estimateTraining(
  series: readonly Series[],
  options: {
    readonly seed: number;
    readonly seconds?: number;
    readonly steps?: number;
    readonly backend?: string;
    readonly timeZone: string;
    readonly specialDays?: SpecialDays;
  },
): Promise<TrainingEstimate> {
  const { seed, backend } = options;
  const calendar = createCalendar(series[0]?.stepMs ?? Number.NaN, options.timeZone, options.specialDays);
  const shape = networkShape(calendar.perDay);
  const week = 7 * calendar.perDay;
  const long = series.filter((one) => completeLength(one) >= OWN_PARAMETERS_WEEKS * week);
  const teaching = long.filter(trades).sort((a, b) => completeLength(b) - completeLength(a));
  const sizes = {
    teaching: teaching.length,
    rare: long.length - teaching.length,
    short: series.length - long.length,
    windows: sumOf(teaching, ({ learnEnd }) => learnEnd - 2 * week - shape.horizons),
    validating: sumOf(teaching, ({ learnEnd, validationEnd }) => validationEnd - learnEnd - shape.horizons + 1),
    weights: networkWeights(shape, MEMBERS).reduce((sum, entry) => sum + entry.shape.reduce((a, b) => a * b, 1), 0),
  };
  const [longest] = teaching;
  if (!longest) {
    return { ...sizes, backend: 'none: the checkpoint serves as it is', steps: 0, stepMs: 0, tried: 0, seconds: 0 };
  }

  const split = splitOfSeries(longest);
  const values = longest.values.subarray(0, split.trainEnd);
  const { horizons } = shape;
  const base = fitBase(values, { firstBucket: longest.firstBucket, calendar, horizons }, seed);
  const group = trainingGroup([trainingSeries(longest, split, { calendar, horizons }, base)]);
  const trained = await createTrainingBackend({ shape, seed, ...(backend === undefined ? {} : { backend }) });
  try {
    const random = createRandom(1);
    const stepMs = medianMs(() => trained.step(cutBatch(drawWindows(group, POOLED.batch, random), shape), 1e-4));
    const rounds = MEMBERS / Math.min(MEMBERS, availableParallelism());
    const affordable =
      options.steps === undefined && options.seconds !== undefined
        ? stepsWithin(options.seconds / rounds, stepMs)
        : Number.POSITIVE_INFINITY;
    const steps = Math.min(options.steps ?? POOLED.steps, affordable);
    return {
      ...sizes,
      backend: trained.backend,
      steps,
      stepMs,
      tried: TIMED,
      seconds: (rounds * steps * stepMs) / 1000,
    };
  } finally {
    trained.dispose();
  }
}

function sumOf(series: readonly Series[], count: (split: Split) => number): number {
  return series.reduce((sum, one) => sum + Math.max(0, count(splitOfSeries(one))), 0);
}

function trades(series: Series): boolean {
  const length = completeLength(series);
  let observed = 0;
  for (let i = 0; i < length; i++) if (series.states[i] === 'observed') observed++;
  return observed >= RARE_TRADE * length;
}

function medianMs(step: () => unknown): number {
  for (let k = 0; k < WARM_UP; k++) step();
  const times = Array.from({ length: TIMED }, () => {
    const started = performance.now();
    step();
    return performance.now() - started;
  });
  return times.sort((a, b) => a - b)[TIMED >> 1]!;
}
