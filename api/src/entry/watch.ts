import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { type CheckReport, createMonitor } from '../monitor/monitor.ts';
import { serviceRow } from '../monitor/service-rows.ts';
import { type DiskSpace, noNotes, type ProcessNotes, type StateReader, stateReader } from '../monitor/state.ts';
import { healthLink, post } from '../notify/deliver.ts';
import { ping } from '../notify/heartbeat.ts';
import { payloadOf } from '../notify/messages.ts';
import type { LiveForecaster } from '../scoring/live-forecaster.ts';
import type { Db } from '../store/db.ts';
import type { Settings } from './env.ts';

export interface WatchDeps {
  readonly db: Db;
  readonly live: LiveForecaster;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: Settings;
  readonly send: typeof fetch;
  readonly hasSource: boolean;
  readonly hasQueue: boolean;
  /** Whether there is one process that goes on: it checks every minute, and nobody waits for what it does after a cycle. */
  readonly oneProcess: boolean;
  readonly disk?: (() => Promise<DiskSpace | null>) | undefined;
  readonly databaseIsThere?: (() => Promise<void>) | undefined;
  /** Has the messages sent that are due. */
  readonly deliverNow: () => Promise<void> | void;
}

/** Watches the service: what is wrong is told by webhooks, and by the heartbeat. */
export interface Watch {
  readonly state: StateReader;
  readonly notes: ProcessNotes;
  /** Looks at the service after a cycle; where there is one process, in the background. */
  afterCycle(): Promise<void>;
  /** Looks at the service; once a minute on Node. Never throws. */
  check(): Promise<void>;
  /** Resolves once nothing goes on in the background. */
  settled(): Promise<void>;
}

export function createWatch(deps: WatchDeps): Watch {
  const { db, live, clock, log, settings, send } = deps;
  const { webhooks } = settings;
  const notes = noNotes();
  const state = stateReader({
    db,
    live,
    clock,
    notes,
    settings: settings.cycle,
    hasSource: deps.hasSource,
    hasQueue: deps.hasQueue,
    webhooks: webhooks.map(({ name }) => name),
  });
  const monitor = createMonitor({
    db,
    clock,
    log,
    webhooks,
    notes,
    read: state,
    isPeriodic: deps.oneProcess,
    disk: deps.disk,
    databaseIsThere: deps.databaseIsThere,
    async tell(hook, event, incident) {
      const language = hook.language ?? settings.cycle.language;
      const style = { timeZone: 'UTC', language };
      const row = serviceRow(incident, style);
      const payload = payloadOf(hook.format, { event, link: healthLink(settings.publicUrl), service: row }, style);
      const id = `${incident.id}-${event}-${hook.name}`;
      return (await post(send, hook, { id, payload, now: clock.wall() })) === null;
    },
  });
  const heartbeat = async (address: 'success' | 'failure' | null) => {
    const url = address && settings.heartbeat?.[address];
    if (!url) return;
    notes.failedHeartbeats = (await ping(url, send, log)) ? 0 : notes.failedHeartbeats + 1;
  };
  const look = async (after: 'cycle' | 'minute') => {
    const report = await monitor.check();
    const owes = webhooks.length > 0 && (after === 'cycle' || report.owes);
    await Promise.all([heartbeat(beatOf(report, after)), owes ? deps.deliverNow() : null]);
  };
  const background = new Set<Promise<void>>();
  return {
    state,
    notes,
    async afterCycle() {
      if (!deps.oneProcess) return look('cycle');
      const done = look('cycle')
        .catch((error: unknown) => log('error', 'check-failed', { error: String(error) }))
        .finally(() => background.delete(done));
      background.add(done);
    },
    check: () => look('minute').catch((error: unknown) => log('error', 'check-failed', { error: String(error) })),
    async settled() {
      while (background.size > 0) await Promise.all(background);
    },
  };
}

/** Which address of the heartbeat is asked: after a cycle as it went, and at once where something critical begins. */
function beatOf(
  { findings, lastCycle, isWorse }: CheckReport,
  after: 'cycle' | 'minute',
): 'success' | 'failure' | null {
  if (isWorse) return 'failure';
  if (after === 'minute') return null;
  if (findings.some(({ severity }) => severity === 'critical')) return 'failure';
  // Chunks that are queued have not ended yet.
  return lastCycle === null || lastCycle.finishedAt === null ? null : 'success';
}
