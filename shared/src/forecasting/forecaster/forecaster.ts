import type { ServedBy } from '../../vocabulary.ts';
import type { Fan } from '../calibration/fan.ts';

/** Who serves a series for good, and why, in words for people. */
export interface Service {
  readonly servedBy: ServedBy;
  readonly reason: string;
}

/** What is forecast at one origin for the following buckets. */
export interface Forecast {
  /** Last bucket the forecast was allowed to see. */
  readonly origin: number;
  readonly servedBy: ServedBy;
  /** Index `h − 1` is bucket `origin + h`; empty for a series on cold start whose week is not known yet. */
  readonly fans: readonly Fan[];
}

/**
 * Everything remembered about one series between buckets: plain numbers and typed arrays,
 * advanced by `observe` in O(1). Its inside belongs to the forecaster alone.
 */
export interface SeriesState {
  readonly seriesId: string;
  /** Last bucket observed. */
  readonly origin: number;
}

/**
 * The one implementation of forecasting, used by the trainer's evaluation, the API and the visual alike.
 * It can only look back: `forecast` sees what `observe` was given, in bucket order, and nothing else.
 */
export interface Forecaster {
  readonly modelVersion: string;
  readonly stepMs: number;
  /** Number of buckets ahead that `forecast` covers. */
  readonly horizons: number;
  /** Series that the artifact names. */
  readonly seriesIds: readonly string[];
  /** Who serves a series; `null` where nobody can. A series that is not named is served on cold start, if it may be. */
  serviceOf(seriesId: string): Service | null;
  /**
   * State of a series just before `firstBucket`, to be advanced with `observe`. A dozen weeks of
   * buckets give the full forecast; fewer than `minimumHistory` give a wide one.
   * @throws UserError `unknown-series` when the artifact cannot serve the series.
   */
  start(seriesId: string, firstBucket: number): SeriesState;
  /**
   * Takes the next bucket in, in place.
   * @param bucket `state.origin + 1`.
   * @param value its volume; `null` where nothing is known, because the feed was down.
   * @throws UserError `bucket-out-of-order` for another bucket; `invalid-value` unless the volume is finite.
   */
  observe(state: SeriesState, bucket: number, value: number | null): void;
  /** Fans for the buckets `origin + 1 … origin + horizons`. Does not change the state. */
  forecast(state: SeriesState): Forecast;
}
