import {
  createTally,
  type Fan,
  type Forecaster,
  type HorizonFigures,
  knownValue,
  type Series,
  type SeriesState,
} from '@tidemark/shared/forecasting';

/** One judged bucket of a backtest. */
export interface Judged {
  readonly bucket: number;
  readonly actual: number;
  /** Fans issued for it at each horizon, index `h − 1`. */
  readonly fans: readonly Fan[];
}

/** The same with the one fan that was issued last. */
export interface JudgedNext {
  readonly bucket: number;
  readonly actual: number;
  readonly fan: Fan;
}

/** What of a series is judged, and in which unit. */
export interface TestPart {
  /** Index of the first judged bucket. */
  readonly testFrom: number;
  /** Divisor of errors, in the unit of the series. */
  readonly scale: number;
}

/** The outcome of a backtest. */
export interface Backtest {
  /** Index `h − 1`. */
  readonly horizons: readonly HorizonFigures[];
  /** What the forecaster knows at the end. */
  readonly state: SeriesState;
}

/**
 * Figures by horizon of a series forecast as in service: every bucket is an origin, and every bucket from `testFrom` on
 * is compared with the fans issued for it at every horizon. `missing` and `open` buckets are left out.
 */
export function backtest(
  forecaster: Forecaster,
  series: Series,
  { testFrom, scale }: TestPart,
  onJudged?: (judged: Judged) => void,
): Backtest {
  const { horizons } = forecaster;
  const tallies = Array.from({ length: horizons }, () => createTally(scale));
  const state = forecaster.start(series.id, series.firstBucket);
  const issued: (readonly Fan[])[] = [];
  for (let i = 0; i < series.values.length; i++) {
    const bucketState = series.states[i];
    if (bucketState === 'open' || bucketState === undefined) break;
    const actual = series.values[i]!;
    if (i >= testFrom && bucketState !== 'missing') {
      const fans = tallies.map((_, k) => issued[(i - 1 - k) % horizons]?.[k]);
      fans.forEach((fan, k) => {
        if (fan) tallies[k]?.add(actual, fan);
      });
      if (onJudged && fans.every((fan) => fan !== undefined)) {
        onJudged({ bucket: series.firstBucket + i, actual, fans: fans as Fan[] });
      }
    }
    forecaster.observe(state, series.firstBucket + i, knownValue(series, i));
    if (i >= testFrom - horizons) issued[i % horizons] = forecaster.forecast(state).fans;
  }
  return { horizons: tallies.map((tally) => tally.figures()), state };
}
