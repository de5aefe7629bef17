import { bucketAt, bucketStart, DAY_MS } from '@tidemark/shared/forecasting';
import { type Clock, nowOf } from '../clock.ts';
import { askColumns } from '../explanation/ask-columns.ts';
import { answerCache, editionOf } from '../http/answer-cache.ts';
import { createApp } from '../http/app.ts';
import type { AppDeps } from '../http/deps.ts';
import type { RateLimit } from '../http/rate-limit.ts';
import type { App } from '../http/route.ts';
import { pageAccess } from '../incident-page/access.ts';
import type { Log } from '../log.ts';
import type { DiskSpace } from '../monitor/state.ts';
import { deliverDue } from '../notify/deliver.ts';
import { pendingDeliveriesBy } from '../notify/webhooks.ts';
import { type Cycle, createCycle } from '../scoring/cycle.ts';
import type { CycleDeps, Trigger } from '../scoring/deps.ts';
import { type LiveForecaster, liveForecaster, liveIfReadable } from '../scoring/live-forecaster.ts';
import { isCycleDue } from '../scoring/schedule.ts';
import { sharesCycles } from '../scoring/shares-cycles.ts';
import { storedGrid } from '../scoring/stored-grid.ts';
import { createTurnQueue, noTurns } from '../scoring/turn-queue.ts';
import { readSeries } from '../store/actuals.ts';
import { lastCycle } from '../store/cycles.ts';
import type { Db } from '../store/db.ts';
import { isStorageFull } from '../store/full.ts';
import { applyRetention } from '../store/retention.ts';
import type { Settings } from './env.ts';
import { createWatch } from './watch.ts';

/** What an entry (Node or Worker) brings. */
export interface Platform
  extends Pick<
    CycleDeps,
    'source' | 'scorer' | 'fanOut' | 'oneProcess' | 'leaseOwner' | 'stopping' | 'outOfTime' | 'statesKept'
  > {
  readonly db: Db;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly log: Log;
  readonly rateLimit: RateLimit;
  /** Bytes of answers kept in memory. */
  readonly cacheBytes: number;
  /** How to reach other people's servers; unless given, the platform's own `fetch`. */
  readonly fetch?: typeof fetch | undefined;
  /** The address a request came from, for the throttling of wrong keys. */
  readonly addressOf?: AppDeps['addressOf'];
  /** Does work that nobody waits for; unless given, it is waited for after a cycle of the schedule. */
  readonly background?: (work: () => Promise<void>) => void;
  /** Sends webhook messages at a time to come; told after each round of sending, and when a read owes some. */
  readonly deliverAgainAt?: (epochMs: number) => Promise<void> | void;
  /** Room on the disk of the database; unless given, nobody knows. */
  readonly disk?: () => Promise<DiskSpace | null>;
  /** Throws where what is stored now will be lost, though the database gives no error. */
  readonly databaseIsThere?: (() => Promise<void>) | undefined;
}

export interface Service {
  readonly app: App;
  readonly cycle: Cycle;
  /** Whether the schedule has to run a cycle; asked once a minute. */
  cycleIsDue(): Promise<boolean>;
  /** Sends the webhook messages that are due. */
  deliver(): Promise<void>;
  /** Asks the source about incidents that nobody has asked about, or whose question a process left when it ended. */
  askColumns(): Promise<void>;
  /** Looks at the service itself and has told what is wrong with it; on Node once a minute. Never throws. */
  check(): Promise<void>;
  /** Resolves once nothing goes on in the background: checks, and requests to the heartbeat's address. */
  settled(): Promise<void>;
  /** Deletes what need not be kept any longer; once a day is enough. */
  runRetention(): Promise<void>;
}

/** On Workers a trigger of its own runs cycles; what it has not begun after this long is overdue. */
const OTHER_TRIGGER_MS = 2 * 60_000;

/** Has a question asked after a cycle: where something goes on in the background, by that; no read waits for it. */
async function askAfter(platform: Platform, ask: () => Promise<void>, trigger: Trigger): Promise<void> {
  if (platform.background) platform.background(ask);
  else if (trigger !== 'read') await ask();
}

/** Puts the service together: one for Node, one per isolate on Workers. */
export function createService(platform: Platform): Service {
  const { db, settings, clock, log } = platform;
  const { webhooks } = settings;
  const live = liveForecaster(db);
  const send = platform.fetch ?? fetch;
  const deliver = async () => {
    if (webhooks.length === 0) return;
    const next = await deliverDue({
      db,
      live,
      webhooks,
      clock,
      log,
      fetch: send,
      language: settings.cycle.language,
      publicUrl: settings.publicUrl,
      linkToken: pageAccess(settings.keys).linkToken,
    });
    if (next !== null) await platform.deliverAgainAt?.(next);
  };
  const watch = createWatch({
    db,
    live,
    clock,
    log,
    settings,
    send,
    hasSource: platform.source !== undefined,
    hasQueue: platform.fanOut !== undefined,
    oneProcess: platform.oneProcess,
    disk: platform.disk,
    databaseIsThere: platform.databaseIsThere,
    deliverNow: () => (platform.deliverAgainAt ? platform.deliverAgainAt(clock.wall()) : deliver()),
  });
  const { notes } = watch;
  const ask = async () => void (await askColumns({ ...platform, live }));
  const cycle = createCycle({
    db,
    live,
    clock,
    log,
    settings: settings.cycle,
    oneProcess: platform.oneProcess,
    leaseOwner: platform.leaseOwner,
    readWaitMs: platform.oneProcess ? settings.readWaitMs : undefined,
    source: platform.source,
    scorer: platform.scorer,
    fanOut: platform.fanOut,
    pendingDeliveries: pendingDeliveriesBy(webhooks),
    stopping: platform.stopping,
    outOfTime: platform.outOfTime,
    statesKept: platform.statesKept,
    // Neither a cycle nor who asked for it waits for other people's servers, where there is a process that goes on.
    async afterwards(trigger, error) {
      notes.cycleFull = error !== undefined && isStorageFull(error);
      await watch.afterCycle();
      await askAfter(platform, ask, trigger);
    },
  });
  const app = createApp({
    db,
    live,
    cycle,
    clock,
    log,
    state: watch.state,
    settings: settings.cycle,
    cache: answerCache(platform.cacheBytes, editionOf(settings.cycle)),
    keys: settings.keys,
    publicUrl: settings.publicUrl,
    building: platform.oneProcess ? createTurnQueue() : noTurns,
    addressOf: platform.addressOf,
    rateLimit: platform.rateLimit,
    compress: platform.oneProcess,
  });
  return {
    app,
    cycle,
    cycleIsDue: schedule(platform, live),
    deliver,
    askColumns: ask,
    check: watch.check,
    settled: watch.settled,
    async runRetention() {
      try {
        await removeOld(platform, live);
        notes.retentionFailed = false;
      } catch (error) {
        notes.retentionFailed = true;
        throw error;
      }
      log('info', 'retention', { days: settings.retentionDays, horizon_days: settings.horizonDays });
    },
  };
}

/** Says whether the schedule has to run a cycle, each time that it is asked. */
function schedule(platform: Platform, live: LiveForecaster): Service['cycleIsDue'] {
  const { db, settings, clock } = platform;
  const since = platform.oneProcess ? clock.wall() : 0;
  let hasBeenAsked = false;
  /** The last cycle that the schedule of this process took part in. */
  let joined: Parameters<typeof isCycleDue>[0] = null;
  return async () => {
    const { stepMs } = await storedGrid({ db, live: async () => (await liveIfReadable(live)).model });
    const { watermarkMs } = settings.cycle;
    // Where chunks are queued, a cycle goes on without the process that began it.
    const isFirst = !hasBeenAsked && platform.fanOut === undefined;
    hasBeenAsked = true;
    const now = clock.wall() - (platform.oneProcess ? 0 : OTHER_TRIGGER_MS);
    const terms = { now, stepMs, watermarkMs, since };
    const isDue =
      isCycleDue(await lastCycle(db), { ...terms, isFirst }) ||
      // That another has begun one is no matter where all take part.
      (sharesCycles(db) && isCycleDue(joined, { ...terms, isFirst: false }));
    if (isDue) joined = { startedAt: now, finishedAt: now };
    return isDue;
  };
}

/**
 * Removes what is older than it has to be kept. Time counts as far as data have come: where the clock is wrong by years,
 * nothing goes.
 */
async function removeOld({ db, settings, clock }: Platform, live: LiveForecaster): Promise<void> {
  const { stepMs, perDay } = await storedGrid({ db, live: async () => (await liveIfReadable(live)).model });
  const all = await readSeries(db);
  if (all.length === 0) return;
  const newest = Math.max(...all.map(({ newestBucket }) => newestBucket));
  const now = Math.min(bucketAt(nowOf(clock, stepMs, newest), stepMs), newest + 1);
  await applyRetention(db, {
    all: now - settings.retentionDays * perDay,
    laterHorizons: now - settings.horizonDays * perDay,
    logs: bucketStart(now, stepMs) - settings.retentionDays * DAY_MS,
  });
}
