import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { UserError } from '@tidemark/shared/errors';
import {
  type Artifact,
  type Calendar,
  COLD_START_WEEKS,
  createCalendar,
  createForecaster,
  createRandom,
  fitBase,
  knownValue,
  MEMBERS,
  type NetworkShape,
  NO_CALIBRATION,
  networkShape,
  networkTopology,
  networkWeights,
  pooledTradeSizes,
  SCORES,
  type Series,
  type SeriesModel,
  type SpecialDays,
  summaryOf,
  type TradeSizes,
} from '@tidemark/shared/forecasting';
import { type Candidate, judgeCalendar } from '../calendar/judge-calendar.ts';
import { createTrainingBackend } from '../network/create-backend.ts';
import type { NamedWeight, TrainingBackend } from '../network/training-backend.ts';
import { OWN_PARAMETERS_WEEKS, shortReason, withColdStart } from './cold-start.ts';
import { type Member, type MemberTask, POOLED, trainEnsemble } from './ensemble.ts';
import type { LearningProgress } from './learn.ts';
import { readCheckpoint } from './pretrained.ts';
import { type ModelSelection, selectModel } from './select-model.ts';
import { completeLength, observedWeeks, splitOf } from './split.ts';
import {
  cutBatch,
  cutTargets,
  drawWindows,
  type TrainingGroup,
  type TrainingSeries,
  trainingGroup,
  trainingSeries,
  validationWindows,
} from './windows.ts';

/** Series that are forecast by one artifact. */
export interface TrainingSet {
  readonly name: string;
  readonly series: readonly Series[];
  /** Holidays, paydays and events; forecasts use them if they are no worse with them on held-out weeks. */
  readonly specialDays?: SpecialDays;
  /** Use them whatever the held-out weeks say. */
  readonly forceSpecialDays?: boolean;
}

/** Options of training; all have defaults. */
export interface TrainOptions {
  readonly seed?: number;
  /** IANA name of the merchants' time zone. */
  readonly timeZone?: string;
  readonly backend?: string;
  /** Networks in the ensemble. */
  readonly ensembleSize?: number;
  /** Maximum number of steps of the pooled part. */
  readonly steps?: number;
  /** Maximum seconds of the pooled part: turned into a number of steps by timing a few. */
  readonly seconds?: number;
  /**
   * First weights: the shipped checkpoint (if its shape fits) or random ones. Default: the checkpoint where there are
   * few training windows.
   */
  readonly start?: 'checkpoint' | 'random';
  readonly onProgress?: (phase: string, progress: LearningProgress) => void;
  /** Called after each series that was scored, once training is over. */
  readonly onScored?: (done: number, of: number) => void;
  /** Aborting it ends training with the best weights so far. */
  readonly signal?: AbortSignal;
  /** Further entries of the artifact's provenance. */
  readonly provenance?: Readonly<Record<string, unknown>>;
}

/** The result of training. */
export interface Trained {
  /** One per set, in the order given. */
  readonly artifacts: readonly Artifact[];
  readonly backend: string;
  /** Seconds of the whole run. */
  readonly seconds: number;
  readonly steps: number;
}

/** From this many training windows on the checkpoint no longer helps. */
const CHECKPOINT_LIMIT = 20_000;
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
  const calendarOf = (specialDays?: SpecialDays) => createCalendar(stepMs, timeZone, specialDays);
  const { perDay } = calendarOf();
  const shape = networkShape(perDay);
  const priors = sets.map(({ series }) => pooledTradeSizes(series.map(trainingPart)));
  const prepared = sets.map(({ series, specialDays }) => {
    const calendar = calendarOf(specialDays);
    return series.map((one) => prepareSeries(one, calendar, shape.horizons, seed));
  });
  const groups = prepared.map((all) => trainingGroup(all.filter(isTrainable).map(({ training }) => training)));
  const windows = groups.reduce((sum, { size }) => sum + size, 0);
  if (windows === 0) checkServable(sets, perDay);

  const start = options.start ?? (windows < CHECKPOINT_LIMIT ? 'checkpoint' : 'random');
  const shipped = readCheckpoint(shape);
  const checkpoint = start === 'checkpoint' ? shipped : undefined;
  const evaluator = await createTrainingBackend({ shape, seed, ...(backend === undefined ? {} : { backend }) });
  try {
    const maxSteps = windows === 0 ? 0 : (options.steps ?? POOLED.steps);
    // Without training windows all members would be equal.
    const count = maxSteps === 0 ? 1 : (options.ensembleSize ?? MEMBERS);
    const steps =
      options.seconds === undefined || maxSteps === 0
        ? maxSteps
        : Math.min(
            maxSteps,
            stepsIn((options.seconds * Math.min(count, availableParallelism())) / count, evaluator, groups, shape),
          );
    const tasks = Array.from(
      { length: count },
      (_, k): MemberTask => ({
        seed: seed + k * SEED_STRIDE,
        shape,
        stepMs,
        timeZone,
        steps,
        ...(backend === undefined ? {} : { backend }),
        ...(checkpoint ? { start: checkpoint.weights } : {}),
        sets: sets.map(({ name, specialDays }, at) => ({
          name,
          ...(specialDays ? { specialDays } : {}),
          series: (groups[at] as TrainingGroup).series.map(({ calendar: _, ...one }) => one),
        })),
      }),
    );
    const members = await trainEnsemble(tasks, options);
    const [first] = members as [Member];
    const artifacts = sets.map(({ series, specialDays, forceSpecialDays = false }, k): Artifact => {
      const weights = members.map((member) => member.weights[k] as readonly NamedWeight[]);
      evaluator.setWeights(weights[0] as readonly NamedWeight[]);
      const judged = (prepared[k] as PreparedSeries[]).filter(isTrainable);
      const comparison = specialDays && judgeCalendar(evaluator, shape, judged, timeZone, specialDays);
      const used = comparison?.used || forceSpecialDays ? specialDays : undefined;
      const models = (prepared[k] as PreparedSeries[]).map((prepared): SeriesModel => {
        const one = specialDays && !used ? withoutCalendar(prepared, calendarOf(), shape.horizons) : prepared;
        if (one.short) return one.model;
        return {
          ...one.model,
          ...(isTrainable(one) ? selectServing(evaluator, weights, one.training, shape) : RARELY_TRADING),
        };
      });
      const unscored: Artifact = {
        topology: networkTopology(shape, count),
        weightEntries: networkWeights(shape, count),
        weights: weights.flatMap((own) => own.map(({ values }) => values)),
        metadata: {
          modelVersion: versionOf(weights.flat(), models, used),
          createdAt: new Date().toISOString(),
          stepMs,
          timeZone,
          measure: series[0]?.measure ?? 'gross',
          lookback: shape.steps,
          horizons: shape.horizons,
          ...(used ? { specialDays: used } : {}),
          series: models,
          provenance: {
            seed,
            members: count,
            seriesChecksum: checksumOf(series),
            backend: first.backend,
            start: checkpoint ? 'checkpoint' : 'random',
            steps: first.steps,
            validation: windows === 0 ? null : mean(members.map(({ validation }) => validation)),
            ...(comparison ? { calendar: { ...comparison, forced: forceSpecialDays } } : {}),
            node: process.version,
            ...options.provenance,
          },
        },
      };
      const scored = withScores(unscored, series, options.onScored);
      return withColdStart(scored, priors[k] as TradeSizes, shipped?.coldStart);
    });
    return {
      artifacts,
      backend: first.backend,
      seconds: (performance.now() - startedAt) / 1000,
      steps: first.steps,
    };
  } finally {
    evaluator.dispose();
  }
}

/** Whether the network is trained on a series: not on one that trades rarely or is too short to split. */
function isTrainable({ model, short }: Pick<PreparedSeries, 'model' | 'short'>): boolean {
  return model.base === 'smoothed' && !short;
}

const RARELY_TRADING: ModelSelection = {
  servedBy: 'hurdle',
  reason:
    'trades in under 3 % of buckets: forecast by how often it trades and how much, which shows unusual trades, but not missing ones',
};

/** How many steps there is time for, in hundreds, timed on another backend so that weights depend on the number alone. */
function stepsIn(
  seconds: number,
  trial: TrainingBackend,
  groups: readonly TrainingGroup[],
  shape: NetworkShape,
): number {
  const group = groups.find(({ size }) => size > 0) as TrainingGroup;
  const random = createRandom(1);
  const once = () => trial.step(cutBatch(drawWindows(group, POOLED.batch, random), shape), 1e-4);
  // The engine compiles during the first steps.
  for (let k = 0; k < 10; k++) once();
  const startedAt = performance.now();
  for (let k = 0; k < 10; k++) once();
  return stepsWithin(seconds, (performance.now() - startedAt) / 10);
}

/** Steps of `stepMs` milliseconds there is time for, in hundreds; a fifth of the time is left for validation. */
export function stepsWithin(seconds: number, stepMs: number): number {
  return Math.max(100, Math.floor((0.8 * seconds * 10) / stepMs) * 100);
}

interface PreparedSeries extends Candidate {
  /** Too short for parameters of its own. */
  readonly short: boolean;
  readonly training: TrainingSeries;
}

/** The series as if no calendar had been configured; parameters fitted to its ordinary days stay. */
function withoutCalendar(one: PreparedSeries, calendar: Calendar, horizons: number): PreparedSeries {
  const { series, model } = one;
  const { trainedThrough: _through, ...parameters } = model;
  return {
    ...one,
    model: { ...model, effects: new Float32Array(0) },
    training: trainingSeries(series, splitOf(completeLength(series)), calendar, horizons, parameters),
  };
}

function trainingPart(series: Series): Float64Array {
  return series.values.subarray(0, splitOf(completeLength(series)).trainEnd);
}

function prepareSeries(series: Series, calendar: Calendar, horizons: number, seed: number): PreparedSeries {
  const split = splitOf(completeLength(series));
  const base = fitBase(trainingPart(series), series.firstBucket, calendar, horizons, seed);
  const weeks = observedWeeks(series, 7 * calendar.perDay);
  const short = weeks < OWN_PARAMETERS_WEEKS;
  const trainedThrough = series.firstBucket + (short ? 0 : split.trainEnd) - 1;
  return {
    short,
    series,
    model: {
      id: series.id,
      servedBy: short ? 'cold-start' : 'base',
      reason: short ? shortReason(weeks) : '',
      ...base,
      trainedThrough,
      scoredThrough: trainedThrough,
      ...NO_CALIBRATION,
    },
    training: trainingSeries(series, split, calendar, horizons, base),
  };
}

/** The forecast that serves a series; the mean loss of the members stands for the ensemble's. */
function selectServing(
  evaluator: TrainingBackend,
  members: readonly (readonly NamedWeight[])[],
  training: TrainingSeries,
  shape: NetworkShape,
): ModelSelection {
  const windows = validationWindows(trainingGroup([training]), 512);
  const batch = cutBatch(windows, shape);
  const losses = members.map((weights) => {
    evaluator.setWeights(weights);
    return windows.length === 0 ? 0 : evaluator.loss(batch);
  });
  return selectModel(
    windows.length,
    mean(losses),
    cutTargets(windows, shape.horizons, 'base'),
    cutTargets(windows, shape.horizons, 'last-week'),
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Scores computed per score kept: the first ones are computed with thresholds that still move. */
const RUN_UP = 1.25;

/** The artifact with the scores each series starts serving with, computed on buckets that no parameter was fitted to. */
function withScores(
  artifact: Artifact,
  series: readonly Series[],
  onScored: TrainOptions['onScored'] = () => undefined,
): Artifact {
  // Only the newest scores are kept; computing older ones would take most of the training time.
  const scoring = artifact.metadata.series.map((model, k): SeriesModel => {
    const one = series[k] as Series;
    const recent = one.firstBucket + completeLength(one) - 1 - RUN_UP * SCORES;
    return { ...model, scoredThrough: Math.max(model.trainedThrough, recent) };
  });
  const forecaster = createForecaster({ ...artifact, metadata: { ...artifact.metadata, series: scoring } });
  const models = artifact.metadata.series.map((model, k): SeriesModel => {
    if (model.servedBy === 'cold-start') return model;
    const one = series[k] as Series;
    const state = forecaster.start(one.id, one.firstBucket);
    const length = completeLength(one);
    for (let i = 0; i < length; i++) forecaster.observe(state, one.firstBucket + i, knownValue(one, i));
    const summary = summaryOf(state);
    onScored(k + 1, series.length);
    return {
      ...model,
      ...summary,
      scoredThrough: summary.scores.length > 0 || summary.hurdle.length > 0 ? state.origin : model.trainedThrough,
    };
  });
  return { ...artifact, metadata: { ...artifact.metadata, series: models } };
}

/** A version that changes whenever weights, parameters or special days change. */
function versionOf(weights: readonly NamedWeight[], models: readonly SeriesModel[], specialDays?: SpecialDays): string {
  const hash = createHash('sha256');
  if (specialDays) hash.update(JSON.stringify(specialDays));
  for (const { values } of weights) hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  hash.update(
    JSON.stringify(
      models.map(
        ({
          ridge,
          effects,
          scores: _scores,
          logScaleBySlot: _logScaleBySlot,
          negativeSeen: _negativeSeen,
          hurdle: _hurdle,
          ...rest
        }) => [rest, ...ridge, ...effects],
      ),
    ),
  );
  return hash.digest('hex').slice(0, 12);
}

function checksumOf(series: readonly Series[]): string {
  const hash = createHash('sha256');
  for (const { id, firstBucket, values } of series) {
    hash.update(`${id}\n${firstBucket}\n`);
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex').slice(0, 16);
}

/**
 * Checks that something can be served without training windows: by the checkpoint, or series that trade rarely.
 * @throws UserError `too-little-history` or `no-trade`.
 */
function checkServable(sets: readonly TrainingSet[], perDay: number): void {
  const all = sets.flatMap(({ series }) => series);
  const longest = Math.max(0, ...all.map(completeLength));
  const needed = COLD_START_WEEKS * 7 * perDay;
  if (longest < needed) {
    throw new UserError(
      'too-little-history',
      `too little history to train: the longest series has ${longest} complete buckets; at least ${needed} (${COLD_START_WEEKS} weeks) are needed`,
    );
  }
  if (all.every(({ values }) => values.every((value) => !(Math.abs(value) > 0)))) {
    throw new UserError('no-trade', 'no trade to train on: every complete bucket of every series is 0 or missing');
  }
}
