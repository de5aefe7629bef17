import {
  type Artifact,
  createCalendar,
  type NetworkShape,
  networkTopology,
  networkWeights,
  pooledTradeSizes,
  type SeriesModel,
} from '@tidemark/shared/forecasting';
import { judgeCalendar } from '../calendar/judge-calendar.ts';
import type { NamedWeight, TrainingBackend } from '../network/training-backend.ts';
import { mean } from '../numbers.ts';
import { checksumOf, versionOf } from './artifact-version.ts';
import { withColdStart } from './cold-start.ts';
import type { Member } from './ensemble.ts';
import type { TrainingSet, TrainOptions } from './options.ts';
import { isTrainable, type PreparedSeries, trainingPart, withoutCalendar } from './prepare-series.ts';
import type { Checkpoint } from './pretrained.ts';
import { RARELY_TRADING, selectServing } from './select-serving.ts';
import { withScores } from './starting-scores.ts';

/** What was trained, and on what. */
export interface TrainedEnsemble {
  readonly members: readonly Member[];
  readonly shape: NetworkShape;
  /** Computes losses of the members' weights. */
  readonly evaluator: TrainingBackend;
  readonly seed: number;
  readonly stepMs: number;
  readonly timeZone: string;
  readonly startedFrom: 'checkpoint' | 'random' | 'both';
  readonly shipped: Checkpoint | undefined;
  /** Whether there was anything to train on. */
  readonly learned: boolean;
}

/** One set's part of the ensemble. */
export interface EnsembleSet {
  readonly set: TrainingSet;
  readonly prepared: readonly PreparedSeries[];
  /** The set's weights, one list per member. */
  readonly weights: readonly (readonly NamedWeight[])[];
}

/**
 * The artifact of one set: the members' weights, the special days if they help, the forecast that serves each series,
 * and the scores each starts with.
 */
export async function ensembleArtifact(
  trained: TrainedEnsemble,
  { set, prepared, weights }: EnsembleSet,
  options: Pick<TrainOptions, 'onSeries' | 'provenance'>,
): Promise<Artifact> {
  const { members, shape, evaluator, seed, stepMs, timeZone } = trained;
  const { series, specialDays, forceSpecialDays = false } = set;
  const [first] = members as [Member];
  evaluator.setWeights(weights[0]!);
  const comparison =
    specialDays && judgeCalendar(evaluator, shape, prepared.filter(isTrainable), { timeZone, specialDays });
  const used = comparison?.used || forceSpecialDays ? specialDays : undefined;
  const ignoring = new Set(forceSpecialDays ? [] : comparison?.ignoredBy);
  const plain = createCalendar(stepMs, timeZone);
  const models = prepared.map((known, k): SeriesModel => {
    const isIgnored = specialDays && (!used || ignoring.has(known.series.id));
    const one = isIgnored ? withoutCalendar(known, plain, shape.horizons) : known;
    if (one.short) return one.model;
    const serving = isTrainable(one) ? selectServing(evaluator, weights, one.training, shape) : RARELY_TRADING;
    options.onSeries?.('compare', k + 1, prepared.length);
    return { ...one.model, ...serving };
  });
  const unscored: Artifact = {
    topology: networkTopology(shape, members.length),
    weightEntries: networkWeights(shape, members.length),
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
        members: members.length,
        seriesChecksum: checksumOf(series),
        backend: first.backend,
        start: trained.startedFrom,
        steps: first.steps,
        validation: trained.learned ? mean(members.map(({ validation }) => validation)) : null,
        ...(comparison ? { calendar: { ...comparison, forced: forceSpecialDays } } : {}),
        node: process.version,
        ...options.provenance,
      },
    },
  };
  const scored = await withScores(unscored, series, options.onSeries);
  return withColdStart(scored, pooledTradeSizes(series.map(trainingPart)), trained.shipped?.coldStart);
}
