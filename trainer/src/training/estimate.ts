import { availableParallelism } from 'node:os';
import {
  type Calendar,
  createCalendar,
  createForecaster,
  createRandom,
  fitBase,
  knownValue,
  MEMBERS,
  networkShape,
  networkWeights,
  RARE_TRADE,
  SCORES,
  type Series,
  type SpecialDays,
  untrainedArtifact,
} from '@tidemark/shared/forecasting';
import { CALENDAR_STRIDE } from '../calendar/judge-calendar.ts';
import { createTrainingBackend } from '../network/create-backend.ts';
import { OWN_PARAMETERS_WEEKS } from './cold-start.ts';
import { POOLED } from './ensemble.ts';
import { completeLength, splitOf } from './split.ts';
import { RUN_UP, stepsWithin } from './train.ts';
import { cutBatch, drawWindows, trainingGroup, trainingSeries, validatingWindows } from './windows.ts';

/** What training would come to. */
export interface TrainingEstimate {
  /** Series that teach the network, that trade too rarely to, and that are too short to. */
  readonly teaching: number;
  readonly rare: number;
  readonly short: number;
  /** Windows to learn from and to validate by. */
  readonly windows: number;
  readonly validating: number;
  /** Numbers that are learned. */
  readonly weights: number;
  readonly backend: string;
  readonly steps: number;
  /** Milliseconds of one step: the median of those tried. */
  readonly stepMs: number;
  /** Steps that were tried. */
  readonly tried: number;
  readonly seconds: {
    readonly base: number;
    readonly learn: number;
    /** Whether the calendar is heeded; 0 where none is configured. */
    readonly calendar: number;
    readonly calibrate: number;
  };
}

const WARM_UP = 10;
const TRIED = 20;
/** The calendar is judged by forecasts with and without it, each looked at twice: all days, and the special ones. */
const CALENDAR_SIDES = 2;
/** Buckets run through the forecaster to learn what one costs. */
const TRIED_BUCKETS = 50;

/**
 * Tries every part of training for a moment on the longest series and reckons what the whole takes; learns nothing.
 * @param series at least one, of one measure and step.
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
  const calendar = createCalendar(series[0]?.stepMs ?? Number.NaN, options.timeZone, options.specialDays);
  const shape = networkShape(calendar.perDay);
  const week = 7 * calendar.perDay;
  const long = series.filter((one) => completeLength(one) >= OWN_PARAMETERS_WEEKS * week);
  const teaching = long.filter(trades).sort((a, b) => completeLength(b) - completeLength(a));
  const counts = { teaching: teaching.length, rare: long.length - teaching.length, short: series.length - long.length };
  const weights = networkWeights(shape, MEMBERS).reduce(
    (sum, { shape: sizes }) => sum + sizes.reduce((a, b) => a * b, 1),
    0,
  );
  const [longest] = teaching;
  if (!longest) {
    const seconds = { base: 0, learn: 0, calendar: 0, calibrate: 0 };
    const nothing = { windows: 0, validating: 0, steps: 0, stepMs: 0, tried: 0 };
    return { ...counts, ...nothing, weights, backend: 'none: the checkpoint serves as it is', seconds };
  }

  const split = splitOf(completeLength(longest));
  const values = longest.values.subarray(0, split.trainEnd);
  const started = performance.now();
  const base = fitBase(values, longest.firstBucket, calendar, shape.horizons, options.seed);
  const baseMs = (performance.now() - started) / values.length;
  const windowsOf = (one: Series) => {
    const { learnEnd, trainEnd } = splitOf(completeLength(one));
    return { learn: learnEnd - 2 * week - shape.horizons, validate: trainEnd - learnEnd - shape.horizons + 1 };
  };
  const total = (of: (one: Series) => number) => teaching.reduce((sum, one) => sum + Math.max(0, of(one)), 0);

  const trackStarted = performance.now();
  const group = trainingGroup([trainingSeries(longest, split, calendar, shape.horizons, base)]);
  const trackMs = (performance.now() - trackStarted) / values.length;
  const fitter = await createTrainingBackend({
    shape,
    seed: options.seed,
    ...(options.backend === undefined ? {} : { backend: options.backend }),
  });
  try {
    const random = createRandom(1);
    const stepMs = median(WARM_UP, TRIED, () =>
      fitter.step(cutBatch(drawWindows(group, POOLED.batch, random), shape), 1e-4),
    );
    const held = validatingWindows(group, 64);
    const validationMs = median(1, 3, () => fitter.loss(cutBatch(held, shape))) * (512 / Math.max(1, held.length));
    const turns = MEMBERS / Math.min(MEMBERS, availableParallelism());
    const steps = Math.min(
      options.steps ?? POOLED.steps,
      options.steps === undefined && options.seconds !== undefined
        ? stepsWithin(options.seconds / turns, stepMs)
        : Infinity,
    );
    const asked = (one: Series) => {
      const { learnEnd, calibrationEnd } = splitOf(completeLength(one));
      return (2 * CALENDAR_SIDES * (calibrationEnd - learnEnd)) / CALENDAR_STRIDE;
    };
    const remembered = (one: Series) => CALENDAR_SIDES * splitOf(completeLength(one)).calibrationEnd;
    const calendarMs = (total(asked) / 512) * validationMs + total(remembered) * trackMs;
    const scored = teaching.reduce((sum, one) => {
      const { trainEnd, end } = splitOf(completeLength(one));
      return sum + Math.min(end - trainEnd, RUN_UP * SCORES);
    }, 0);
    return {
      ...counts,
      windows: total((one) => windowsOf(one).learn),
      validating: total((one) => windowsOf(one).validate),
      weights,
      backend: fitter.backend,
      steps,
      stepMs,
      tried: TRIED,
      seconds: {
        base: (baseMs * total((one) => splitOf(completeLength(one)).trainEnd)) / 1000,
        learn: (turns * (steps * stepMs + (steps / POOLED.validateEvery) * validationMs)) / 1000,
        calendar: options.specialDays ? calendarMs / 1000 : 0,
        calibrate: (scored * bucketMs(longest, calendar, options)) / 1000,
      },
    };
  } finally {
    fitter.dispose();
  }
}

function trades({ states, ...series }: Series): boolean {
  const length = completeLength({ ...series, states });
  let observed = 0;
  for (let i = 0; i < length; i++) if (states[i] === 'observed') observed++;
  return observed >= RARE_TRADE * length;
}

/** Milliseconds that one bucket costs a forecaster whose network serves. */
function bucketMs(
  series: Series,
  { perDay }: Calendar,
  { timeZone, specialDays }: { readonly timeZone: string; readonly specialDays?: SpecialDays },
): number {
  const few = 28 * perDay;
  const start = Math.max(0, completeLength(series) - few);
  const part: Series = {
    ...series,
    firstBucket: series.firstBucket + start,
    values: series.values.slice(start, start + few),
    states: series.states.slice(start, start + few),
  };
  const forecaster = createForecaster(
    untrainedArtifact([part], { timeZone, ...(specialDays ? { specialDays } : {}), trainShare: 0.5 }),
  );
  const state = forecaster.start(part.id, part.firstBucket);
  let i = 0;
  const observe = () => forecaster.observe(state, part.firstBucket + i, knownValue(part, i++));
  while (i < part.values.length - TRIED_BUCKETS) observe();
  return median(0, TRIED_BUCKETS, observe);
}

/** Median milliseconds of `times` calls, after some that do not count. */
function median(before: number, times: number, call: () => unknown): number {
  for (let k = 0; k < before; k++) call();
  const taken = Array.from({ length: times }, () => {
    const started = performance.now();
    call();
    return performance.now() - started;
  }).sort((a, b) => a - b);
  return taken[times >> 1] as number;
}
