import { endedWarning, type Grid, zoneClock } from '@tidemark/shared/forecasting';
import type { Clock } from '../clock.ts';
import type { CycleSettings } from '../scoring/deps.ts';
import { type LiveForecaster, type LiveModel, liveIfReadable } from '../scoring/live-forecaster.ts';
import { findNameFaults } from '../scoring/names.ts';
import { storedGrid } from '../scoring/stored-grid.ts';
import { readSeries } from '../store/actuals.ts';
import { lastCycle, type StoredCycle } from '../store/cycles.ts';
import type { Db } from '../store/db.ts';
import { readFaults, type SeriesFault } from '../store/faults.ts';
import type { StoredSeries } from '../store/rows.ts';
import {
  type MissCounts,
  NO_MISSES,
  readMissCounts,
  readSilentCounts,
  readWebhookStates,
  type SilentCounts,
  type WebhookState,
} from '../store/service-incidents.ts';

/** What one process has seen of itself; nothing of it is stored. */
export interface ProcessNotes {
  /** Whether the last check could write to the database. */
  storage: 'ok' | 'full' | 'failing';
  /** Whether the last cycle of this process found no room in the database. */
  cycleFull: boolean;
  /** What a cycle under way had done, and since when it has been no more. */
  progress: { readonly done: string; readonly since: number } | null;
  /** A jump of the clock between two checks, and when it was noticed. */
  jump: { readonly at: number; readonly byMs: number } | null;
  /** A time without any check before this process began. */
  downtime: { readonly at: number; readonly from: number; readonly to: number } | null;
  /** Pings of the heartbeat's address in a row that failed. */
  failedHeartbeats: number;
  retentionFailed: boolean;
  disk: DiskSpace | null;
}

/** Of the file system that the database lies on, in bytes. */
export interface DiskSpace {
  readonly free: number;
  readonly total: number;
}

export function noNotes(): ProcessNotes {
  return {
    storage: 'ok',
    cycleFull: false,
    progress: null,
    jump: null,
    downtime: null,
    failedHeartbeats: 0,
    retentionFailed: false,
    disk: null,
  };
}

/** Everything that tells how the service is, read at one moment. */
export interface ServiceState {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly clock: Clock['kind'];
  readonly grid: Grid;
  readonly settings: CycleSettings;
  /** Whether the service asks a source for its actuals; otherwise they are pushed. */
  readonly hasSource: boolean;
  /** Whether chunks of a cycle are handed to a queue. */
  readonly hasQueue: boolean;
  readonly model: LiveModel | null;
  /** Why the live model cannot be served. */
  readonly modelFault: string | null;
  /** Says that the last day whose special days the model knows has passed; `null`: it has not. */
  readonly calendarWarning: string | null;
  readonly series: readonly StoredSeries[];
  readonly nameFaults: readonly string[];
  readonly seriesFaults: readonly SeriesFault[];
  /** Series whose newest bucket is missing, or zero. */
  readonly newestSilent: SilentCounts;
  /** Of the last days, by the bands of the live model. */
  readonly misses: MissCounts;
  /** Of the newest bucket of all. */
  readonly newestMisses: MissCounts;
  readonly lastCycle: StoredCycle | null;
  /** Names of the webhooks that are configured. */
  readonly webhooks: readonly string[];
  readonly webhookStates: readonly WebhookState[];
  readonly notes: Readonly<ProcessNotes>;
}

export interface StateDeps {
  readonly db: Db;
  readonly live: LiveForecaster;
  readonly clock: Clock;
  readonly settings: CycleSettings;
  readonly hasSource: boolean;
  readonly hasQueue: boolean;
  readonly webhooks: readonly string[];
  readonly notes: Readonly<ProcessNotes>;
}

export type StateReader = () => Promise<ServiceState>;

/** Days over which misses are counted. */
const MISS_DAYS = 2;

/** Reads how the service is. What costs most, the counts of misses, is read again only after another cycle. */
export function stateReader(deps: StateDeps): StateReader {
  const { db, clock, settings } = deps;
  let counted: ({ readonly of: string } & Pick<ServiceState, 'misses' | 'newestMisses'>) | null = null;
  return async () => {
    const { model, fault } = await liveIfReadable(deps.live);
    const grid = await storedGrid({ db, live: async () => model });
    const series = await readSeries(db);
    const last = await lastCycle(db);
    const newest = series.reduce((latest, one) => Math.max(latest, one.newestBucket), 0);
    const of = `${last?.id} ${last?.finishedAt} ${model?.key} ${newest}`;
    if (counted?.of !== of) {
      const since = async (bucket: number) => (model === null ? NO_MISSES : readMissCounts(db, model.key, bucket));
      counted = { of, misses: await since(newest - MISS_DAYS * grid.perDay), newestMisses: await since(newest) };
    }
    const now = clock.wall();
    const metadata = model?.artifact.metadata;
    const ended =
      metadata && endedWarning(metadata.specialDays, zoneClock(metadata.timeZone).localText(now).slice(0, 10));
    return {
      now,
      clock: clock.kind,
      grid,
      settings,
      hasSource: deps.hasSource,
      hasQueue: deps.hasQueue,
      model,
      modelFault: fault,
      calendarWarning: ended ?? null,
      series,
      nameFaults: findNameFaults(series),
      seriesFaults: await readFaults(db),
      newestSilent: await readSilentCounts(db),
      misses: counted.misses,
      newestMisses: counted.newestMisses,
      lastCycle: last,
      webhooks: deps.webhooks,
      webhookStates: await readWebhookStates(db),
      notes: deps.notes,
    };
  };
}
