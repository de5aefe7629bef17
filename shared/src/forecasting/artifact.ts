import type { Measure, ServedBy } from '../vocabulary.ts';
import type { SpecialDays } from './features/special-days.ts';
import type { TradeSizes } from './hurdle/trade-size.ts';
import type { ModelTopology, WeightEntry } from './network/topology.ts';

/**
 * What the base forecast is made of: smoothing and regression as described in `track.ts`, or, the mean of the last four
 * same slots of the week, or, for series that trade rarely, nothing at all.
 */
export type BaseKind = 'smoothed' | 'same-slot mean' | 'nothing';

/** Parameters of double-seasonal exponential smoothing; each in [0, 1). */
export interface Smoothing {
  readonly level: number;
  readonly daily: number;
  readonly weekly: number;
  /** Carry-over of the last error (an AR(1) term). */
  readonly carry: number;
}

/** What the artifact says of one series. */
export interface SeriesModel {
  readonly id: string;
  readonly servedBy: ServedBy;
  /** Why that one serves, in words for people. */
  readonly reason: string;
  /** Mean |y_t − y_{t−week}| over the training part: the unit of losses and of MASE; > 0. */
  readonly scale: number;
  /** Smallest level used as divisor, a tenth of the mean |value| of the training part; > 0. */
  readonly levelFloor: number;
  readonly base: BaseKind;
  readonly smoothing: Smoothing;
  /** Ridge coefficients [horizons, RIDGE_INPUTS], row-major; empty where the history was too short. */
  readonly ridge: Float32Array;
  /** What special days did up to `trainedThrough`; see `effects.ts`. Empty: no calendar, or too little history. */
  readonly effects: Float32Array;
  /** Whether special days enter its forecasts, where the model knows any. Default true; false where they did harm. */
  readonly usesSpecialDays?: boolean | undefined;
  /** Last bucket that taught any parameter: what comes after it is a fair test. */
  readonly trainedThrough: number;
  /** Last bucket whose score is among `scores`; later ones are scored when they are observed. */
  readonly scoredThrough: number;
  /** Coded conformal scores to start with, [horizons, n], each row rising; see `calibrate.ts`. Empty: none known. */
  readonly scores: Uint16Array;
  /** Logarithms of the bands' widths to start with, [slots of the day, horizons]; see `scores.ts`. Empty: none known. */
  readonly logScaleBySlot: Float32Array;
  /** What the network's residuals go on by, to start with; see `correction.ts`. Empty: nothing known. */
  readonly residualSums: Float32Array;
  /** Whether a bucket below zero was seen up to `scoredThrough`: until then no band of a net series goes below zero. */
  readonly negativeSeen: boolean;
  /** What trade is like up to `scoredThrough`, of a series that trades rarely; see `summaryOfHurdle`. Else empty. */
  readonly hurdle: Float32Array;
}

/**
 * What all series of an artifact have in common, apart from the network: enough to serve a series that has no
 * parameters of its own, because it is new or its history is short.
 */
export interface ColdStart {
  /** Median of the series' parameters. */
  readonly smoothing: Smoothing;
  /** Mean of the series' ridge coefficients [horizons, RIDGE_INPUTS], the constant left out; empty: none were fitted. */
  readonly ridge: Float32Array;
  /** Mean of the series' effects of special days; empty: no calendar. */
  readonly effects: Float32Array;
  /** Coded conformal scores of all series together, in the form of `SeriesModel.scores`. Empty: none known. */
  readonly scores: Uint16Array;
  /** Distribution of trade sizes, for a series with few trades. */
  readonly tradeSizes: TradeSizes;
}

/** What `userDefinedMetadata` of `model.json` holds: all that serving needs beside the network. */
export interface ArtifactMetadata {
  readonly modelVersion: string;
  readonly createdAt: string;
  readonly stepMs: number;
  /** IANA name of the merchants' time zone. */
  readonly timeZone: string;
  readonly measure: Measure;
  /** Buckets behind the origin that the network reads. */
  readonly lookback: number;
  readonly horizons: number;
  /** Holidays, paydays and events that forecasts use; absent: none. */
  readonly specialDays?: SpecialDays;
  readonly series: readonly SeriesModel[];
  /** For series without parameters of their own; absent: they cannot be served. */
  readonly coldStart?: ColdStart;
  /** How it was made and how good it is: checksums, configuration, versions, figures. Not needed for serving. */
  readonly provenance: Readonly<Record<string, unknown>>;
}

/** The trainer's versioned output: a stock tfjs LayersModel and what serving needs beside it. */
export interface Artifact {
  readonly topology: ModelTopology;
  readonly weightEntries: readonly WeightEntry[];
  /** Values of each entry, in the same order. */
  readonly weights: readonly Float32Array[];
  readonly metadata: ArtifactMetadata;
}
