import type { AlarmRules } from '@tidemark/shared/detection';
import type { Language } from '@tidemark/shared/vocabulary';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Db } from '../store/db.ts';
import type { LeaseOwner } from './lease.ts';
import type { LiveForecaster } from './live-forecaster.ts';
import type { ChunkLimits } from './plan.ts';
import type { ChunkContext, Scorer } from './score-chunk.ts';
import type { ActualsSource } from './source.ts';

/** What a cycle was started by. */
export type Trigger = 'schedule' | 'refresh' | 'read' | 'queue';

/** How the cycle behaves; every field is checked when the environment is read. */
export interface CycleSettings {
  readonly rules: AlarmRules;
  /** How long after its end a bucket counts as complete. */
  readonly watermarkMs: number;
  /** Days to score before the newest bucket when a series is new. */
  readonly backfillDays: number;
  /** Days that the source is asked for again in every cycle, for late and corrected actuals. */
  readonly rereadDays: number;
  readonly chunk: ChunkLimits;
  /** False incidents a week that the whole company is ready to see; `null`: by the number of series, see `defaultBudget`. */
  readonly alarmBudget: number | null;
  /** Language of sentences where nobody asks for another. */
  readonly language: Language;
}

/** What the cycle works with; the entries for Node and Workers differ only in how they make it. */
export interface CycleDeps {
  readonly db: Db;
  readonly live: LiveForecaster;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: CycleSettings;
  readonly source?: ActualsSource | undefined;
  readonly scorer?: Scorer | undefined;
  readonly pendingDeliveries?: ChunkContext['pendingDeliveries'] | undefined;
  /** Takes chunks (keys of series) to score elsewhere; unless given, or for a single chunk, they are scored here. */
  readonly fanOut?: ((chunks: readonly (readonly number[])[]) => Promise<void>) | undefined;
  /** Whether cycles of one process wait for each other here; elsewhere (Workers) only the lease keeps them apart. */
  readonly oneProcess: boolean;
  readonly leaseOwner?: LeaseOwner | undefined;
  /** How long a read waits for a cycle before what is stored has to do; unless given, until it ends. */
  readonly readWaitMs?: number | undefined;
  /** After a cycle, with what it failed by, if it did. */
  readonly afterwards?: ((trigger: Trigger, error?: unknown) => Promise<void> | void) | undefined;
  /** States of series kept in memory between cycles, about 87 KB each. */
  readonly statesKept?: number | undefined;
  /** Aborted when the service is about to end: a source that is slow is not waited for. */
  readonly stopping?: AbortSignal | undefined;
  /** Aborted when the service has to end now: what is not scored and written yet is left to the next start. */
  readonly outOfTime?: AbortSignal | undefined;
}

/** What a cycle did. */
export interface CycleReport {
  readonly series: number;
  readonly bands: number;
  readonly verdicts: number;
  readonly milliseconds: number;
  /** Chunks handed to a queue instead of being scored here. */
  readonly queued: number;
  /** Series that their model could not score, served by what they did a week before. */
  readonly degraded: readonly SeriesReason[];
  /** Series that nothing could score. */
  readonly unscored: readonly SeriesReason[];
}

/** A series and what is wrong with it, for people. */
export interface SeriesReason {
  readonly id: string;
  readonly reason: string;
}

/** The report of a cycle that found nothing to do. */
export const NOTHING_DONE: CycleReport = {
  series: 0,
  bands: 0,
  verdicts: 0,
  milliseconds: 0,
  queued: 0,
  degraded: [],
  unscored: [],
};
