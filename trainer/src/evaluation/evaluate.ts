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
import { backtest, type Judged, type TestPart } from './backtest.ts';

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
 */
export function evaluate(
  artifact: Artifact,
  series: readonly Series[],
  rival: Rival,
  options: { cleanContext?: boolean; onJudged?: (id: string, judged: Judged) => void; measure?: Artifact } = {},
): SeriesEvaluation[] {
  const { cleanContext = true, onJudged, measure = artifact } = options;
  const forecaster = createForecaster(unscored(artifact, rival), { cleanContext, followLosses: rival === 'served' });
  return series.map((one) => {
    const model = modelOf(measure, one.id);
    const part = { testFrom: testStartOf(one, model), scale: model.scale };
    const { horizons, state } = backtest(forecaster, one, part, (judged) => onJudged?.(one.id, judged));
    const service = rival === 'served' ? explainService(modelOf(artifact, one.id), state) : null;
    return { id: one.id, service, horizons };
  });
}

/** Backtest of one series by the model as it is served, without scores of its own to begin with. */
export function backtestOf(
  artifact: Artifact,
  series: Series,
  part: TestPart,
  onJudged: (judged: Judged) => void,
): void {
  backtest(createForecaster(unscored(artifact)), series, part, onJudged);
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
export function meansOf(evaluations: readonly SeriesEvaluation[], horizon: number | 'all'): Means {
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
