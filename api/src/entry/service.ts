import { bucketAt, DAY_MS, type Grid } from '@tidemark/shared/forecasting';
import { type Clock, nowOf } from '../clock.ts';
import { answerCache } from '../http/answer-cache.ts';
import { createApp } from '../http/app.ts';
import type { AppDeps } from '../http/deps.ts';
import type { RateLimit } from '../http/rate-limit.ts';
import type { App } from '../http/route.ts';
import { pageAccess } from '../incident-page/access.ts';
import type { Log } from '../log.ts';
import { deliverDue } from '../notify/deliver.ts';
import { beat } from '../notify/heartbeat.ts';
import { pendingDeliveriesBy } from '../notify/webhooks.ts';
import { type Cycle, createCycle } from '../scoring/cycle.ts';
import type { CycleDeps } from '../scoring/deps.ts';
import { liveForecaster } from '../scoring/live-forecaster.ts';
import { storedGrid } from '../scoring/stored-grid.ts';
import { createTurnQueue, noTurns } from '../scoring/turn-queue.ts';
import { readSeries } from '../store/actuals.ts';
import { lastCycle } from '../store/cycles.ts';
import type { Db } from '../store/db.ts';
import { applyRetention } from '../store/retention.ts';
import type { Settings } from './env.ts';

/** What an entry (Node or Worker) brings. */
export interface Platform
  extends Pick<CycleDeps, 'source' | 'scorer' | 'fanOut' | 'oneProcess' | 'leaseOwner' | 'stopping' | 'statesKept'> {
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
  /** Sends webhook messages at a time to come; told after each round of sending, and when a read owes some. */
  readonly deliverAgainAt?: (epochMs: number) => Promise<void> | void;
}

export interface Service {
  readonly app: App;
  readonly cycle: Cycle;
  /** The time grid of what is stored. */
  grid(): Promise<Grid>;
  /** Sends the webhook messages that are due. */
  deliver(): Promise<void>;
  /** Deletes what need not be kept any longer; once a day is enough. */
  runRetention(): Promise<void>;
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
  /** Has messages sent, and the heartbeat's address asked if the cycle was a good one. */
  const announce = async () => {
    if (webhooks.length > 0) await platform.deliverAgainAt?.(clock.wall());
  };
  const heartbeat = async () => {
    if (settings.heartbeat === null) return;
    const last = await lastCycle(db);
    if (last && last.finishedAt !== null && last.error === null) await beat(settings.heartbeat, send, log);
  };
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
    statesKept: platform.statesKept,
    // Nobody waits for other people's servers where there is somebody to send later.
    async afterwards(trigger) {
      const sent = platform.deliverAgainAt ? announce() : deliver();
      const asked = heartbeat();
      if (trigger === 'schedule' || !platform.deliverAgainAt) await Promise.all([sent, asked]);
      else await sent;
    },
  });
  const app = createApp({
    db,
    live,
    cycle,
    clock,
    log,
    settings: settings.cycle,
    cache: answerCache(platform.cacheBytes),
    keys: settings.keys,
    building: platform.oneProcess ? createTurnQueue() : noTurns,
    addressOf: platform.addressOf,
    rateLimit: platform.rateLimit,
    compress: platform.oneProcess,
  });
  return {
    app,
    cycle,
    grid: () => storedGrid({ db, live }),
    deliver,
    async runRetention() {
      const { stepMs, perDay } = await storedGrid({ db, live });
      const all = await readSeries(db);
      if (all.length === 0) return;
      const newest = Math.max(...all.map(({ newestBucket }) => newestBucket));
      const now = bucketAt(nowOf(clock, stepMs, newest), stepMs);
      await applyRetention(db, {
        all: now - settings.retentionDays * perDay,
        laterHorizons: now - settings.horizonDays * perDay,
        logs: clock.wall() - settings.retentionDays * DAY_MS,
      });
      log('info', 'retention', { days: settings.retentionDays, horizon_days: settings.horizonDays });
    },
  };
}
