import {
  type Artifact,
  createForecaster,
  explainService,
  FAN_COVERAGES,
  type HorizonFigures,
  NO_CALIBRATION,
  type Series,
  type SeriesModel,
  type ServiceNow,
} from '@tidemark/shared/forecasting';
import { meanOf } from '../numbers.ts';
import { onThreads } from '../threads.ts';
import { backtest, type Judged, type JudgedNext, type TestPart } from './backtest.ts';

/** Single forecasts that the model is compared with. */
export const RIVALS = ['lstm', 'base forecast', 'same-slot mean', 'last week'] as const;

/** `served` is the model with the forecast selected for each series, the others are one forecast for every series. */
export type Rival = 'served' | (typeof RIVALS)[number];

/** Figures of one series over its test part. */
export interface SeriesEvaluation {
  readonly id: string;
  /** Who serves it after its last bucket, and why; `null` where a single forecast was evaluated. */
  readonly service: ServiceNow | null;
  /** Index `h − 1`. */
  readonly horizons: readonly HorizonFigures[];
  /** The judged buckets, in order; empty unless they were asked for. */
  readonly judged: readonly JudgedNext[];
}

/** The artifact without scores of the calibration and test part, so that neither is seen ahead. */
export function unscored(artifact: Artifact, rival: Rival = 'served'): Artifact {
  const series = artifact.metadata.series.map((model): SeriesModel => {
    const fresh = { ...model, ...NO_CALIBRATION, scoredThrough: model.trainedThrough };
    if (rival === 'served') return fresh;
    if (rival === 'lstm') return { ...fresh, servedBy: 'lstm' };
    if (rival === 'last week') return { ...fresh, servedBy: 'seasonal-naive' };
    if (rival === 'base forecast') return { ...fresh, servedBy: 'base' };
    return { ...fresh, servedBy: 'base', base: 'same-slot mean' };
  });
  return { ...artifact, metadata: { ...artifact.metadata, series } };
}

/**
 * What an artifact knows of one series.
 * @throws RangeError where it knows nothing of it.
 */
export function modelOf({ metadata }: Artifact, seriesId: string): SeriesModel {
  const found = metadata.series.find(({ id }) => id === seriesId);
  if (!found) throw new RangeError(`no model of "${seriesId}" in ${metadata.modelVersion}`);
  return found;
}

/** Index of the first test bucket of a series: what came after training but for the calibration part. */
export function testStartOf({ firstBucket }: Series, { trainedThrough }: SeriesModel): number {
  return Math.floor(((trainedThrough - firstBucket + 1) * 0.8) / 0.65);
}

/**
 * Backtest of one rival over the test part of every series: train ended at 65 %, the next 15 % only calibrated,
 * the last 20 % are judged bucket by bucket.
 * @param options.measure the artifact whose split and scales are used; by default the evaluated one.
 * @param options.keepJudged whether the judged buckets come with the figures.
 * @param options.onSeries is told of each series that is done.
 */
export async function evaluate(
  artifact: Artifact,
  series: readonly Series[],
  rival: Rival,
  options: { measure?: Artifact; keepJudged?: boolean; onSeries?: () => void } = {},
): Promise<SeriesEvaluation[]> {
  const { measure = artifact, ...others } = options;
  const partOf = (one: Series) => {
    const model = modelOf(measure, one.id);
    return { testFrom: testStartOf(one, model), scale: model.scale };
  };
  return backtestAll(artifact, series, partOf, { rival, ...others });
}

/**
 * Backtest of every series by one rival, by default the model as it is served.
 * @param partOf what of a series is judged.
 */
export async function backtestAll(
  artifact: Artifact,
  series: readonly Series[],
  partOf: (series: Series) => TestPart,
  options: { rival?: Rival; keepJudged?: boolean; onSeries?: () => void } = {},
): Promise<SeriesEvaluation[]> {
  const { rival = 'served', keepJudged = false, onSeries } = options;
  const terms = { artifact: unscored(artifact, rival), rival, keepJudged };
  const tasks = series.map((one) => ({ series: one, part: partOf(one) }));
  return onThreads({ module: new URL(import.meta.url), start }, terms, tasks, onSeries);
}

/** Backtests one series after the other; see `onThreads`. */
export function start({ artifact, rival, keepJudged }: BacktestTerms) {
  const forecaster = createForecaster(artifact, { followLosses: rival === 'served' });
  return ({ series, part }: { readonly series: Series; readonly part: TestPart }): SeriesEvaluation => {
    const judged: JudgedNext[] = [];
    const { horizons, state } = backtest(forecaster, series, part, ({ bucket, actual, fans: [fan] }) => {
      if (keepJudged && fan) judged.push({ bucket, actual, fan });
    });
    const service = rival === 'served' ? explainService(modelOf(artifact, series.id), state) : null;
    return { id: series.id, service, horizons, judged };
  };
}

interface BacktestTerms {
  /** Without scores of the calibration and test part. */
  readonly artifact: Artifact;
  readonly rival: Rival;
  readonly keepJudged: boolean;
}

/** Backtest of one series by the model as it is served, without scores of its own to begin with. */
export function backtestOf(
  artifact: Artifact,
  series: Series,
  part: TestPart,
  onJudged: (judged: Judged) => void,
): readonly HorizonFigures[] {
  return backtest(createForecaster(unscored(artifact)), series, part, onJudged).horizons;
}

/** Figures that are averaged over series. */
export interface Means {
  readonly mase: number;
  readonly msis95: number;
  readonly msis99: number;
  readonly cov95: number;
  readonly cov99: number;
  /** Shares of actuals below the lower and above the upper limit. */
  readonly below95: number;
  readonly above95: number;
  readonly below99: number;
  readonly above99: number;
  readonly width95: number;
  readonly pinball: number;
}

const AT_95 = FAN_COVERAGES.indexOf(0.95);
const AT_99 = FAN_COVERAGES.indexOf(0.99);

/** Plain means over series of the figures at one horizon, or over all horizons. */
export function meansOf(evaluations: readonly Pick<SeriesEvaluation, 'horizons'>[], horizon: number | 'all'): Means {
  const figures = evaluations.flatMap(({ horizons }) =>
    horizon === 'all' ? horizons : horizons.slice(horizon - 1, horizon),
  );
  const mean = (of: (one: HorizonFigures) => number | undefined) => meanOf(figures, of);
  return {
    mase: mean((one) => one.mase),
    msis95: mean((one) => one.bands[AT_95]?.msis),
    msis99: mean((one) => one.bands[AT_99]?.msis),
    cov95: mean((one) => one.bands[AT_95]?.inside),
    cov99: mean((one) => one.bands[AT_99]?.inside),
    below95: mean((one) => one.bands[AT_95]?.below),
    above95: mean((one) => one.bands[AT_95]?.above),
    below99: mean((one) => one.bands[AT_99]?.below),
    above99: mean((one) => one.bands[AT_99]?.above),
    width95: mean((one) => one.bands[AT_95]?.width),
    pinball: mean((one) => one.pinball),
  };
}
