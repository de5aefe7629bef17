import type { Artifact, Series, SpecialDays } from '@tidemark/shared/forecasting';
import type { LearningProgress } from './learn.ts';

/** Series that are forecast by one artifact. */
export interface TrainingSet {
  readonly name: string;
  readonly series: readonly Series[];
  /** Holidays, paydays and events; forecasts use them if they are no worse with them on held-out weeks. */
  readonly specialDays?: SpecialDays;
  /** Use them whatever the held-out weeks say. */
  readonly forceSpecialDays?: boolean;
}

/** What is done series by series: base forecasts before learning; after it, who serves, and scores. */
export type SeriesStage = 'fit' | 'compare' | 'calibrate';

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
   * First weights of all networks: the shipped checkpoint, or random ones, as where it was made for another bucket length.
   * Default: the checkpoint where there are few training windows, else random ones for the first network and the
   * checkpoint for the second.
   */
  readonly start?: 'checkpoint' | 'random';
  readonly onProgress?: (phase: string, progress: LearningProgress) => void;
  /** Called after each series that a stage is done with. */
  readonly onSeries?: (stage: SeriesStage, done: number, of: number) => void;
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
  /** Those of them in which the networks learned: what `seconds` of the options limits. */
  readonly learningSeconds: number;
  readonly steps: number;
}
