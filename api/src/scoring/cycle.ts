import type { AlarmRules } from '@tidemark/shared/detection';
import { bucketsPerDay, DEFAULT_STEP_MS } from '@tidemark/shared/forecasting';
import { type Clock, newestComplete } from '../clock.ts';
import type { Log } from '../log.ts';
import { readSeries, upsertActuals } from '../store/actuals.ts';
import {
  beginCycle,
  countCycle,
  dropLease,
  endCycle,
  lastCycle,
  leaseOwner,
  queuedCycle,
  readRevision,
  takeLease,
} from '../store/cycles.ts';
import type { Db } from '../store/db.ts';
import { readCalendarEdition, readMaintenance } from '../store/maintenance.ts';
import type { StoredSeries } from '../store/rows.ts';
import { readPendingKeys } from '../store/scoring.ts';
import type { LiveForecaster, LiveModel } from './live-forecaster.ts';
import type { ChunkLimits, PlannedSeries } from './plan.ts';
import { chunksOf, planCycle } from './plan.ts';
import { type ChunkContext, type Scorer, scoreChunk } from './score-chunk.ts';
import { type StateMemory, stateMemory } from './scorer.ts';
import type { ActualsSource } from './source.ts';

export type Trigger = 'schedule' | 'refresh' | 'read' | 'queue';

export interface CycleReport {
  readonly series: number;
  readonly bands: number;
  readonly verdicts: number;
  readonly milliseconds: number;
  /** Chunks handed to a queue instead of being scored here. */
  readonly queued: number;
  /** Series that the model cannot serve. */
  readonly unscored: readonly { readonly id: string; readonly reason: string }[];
}

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
}

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
  /** Who holds the lease, and who among holders is known to be gone (a killed process of this machine). */
  readonly leaseOwner?: { readonly name: string; isGone(name: string): boolean } | undefined;
  /** After a cycle. */
  readonly afterwards?: ((trigger: Trigger) => Promise<void> | void) | undefined;
  /** States of series kept in memory between cycles, about 60 KB each. */
  readonly statesKept?: number | undefined;
  /** Aborted when the service is about to end: a source that is slow is not waited for. */
  readonly stopping?: AbortSignal | undefined;
}

export interface Cycle {
  /** Reads the source, if there is one, and scores all that is complete; one at a time. */
  run(trigger: Trigger): Promise<CycleReport>;
  /**
   * Scores only if something complete waits for it; one small query when nothing does. A source or another's cycle that
   * takes long is waited for some seconds only: then what is stored has to do.
   * @returns the revision of the store, which changes with everything a read could see.
   */
  ensure(): Promise<number>;
  /** Resolves once no cycle is under way. */
  settled(): Promise<void>;
  /** Scores one chunk that was handed on. */
  chunk(keys: readonly number[]): Promise<CycleReport>;
  /** Newest bucket that may be judged, by the clock and what is stored. */
  complete(all: readonly StoredSeries[], stepMs: number): number;
}

const LEASE_MS = 15_000;
/** Longest pause between two looks at a lease that another holds: a Worker may ask its database a thousand times only. */
const LEASE_LOOK_MS = 2_000;
/** A queued cycle that is not done after this long is taken for lost, and reads may start another. */
const QUEUE_PATIENCE_MS = 10 * 60_000;
const NOTHING = { series: 0, bands: 0, verdicts: 0, milliseconds: 0, queued: 0, unscored: [] } satisfies CycleReport;
/** After a failed read of the source, reads answer from what is stored for this long before asking it again. */
const SOURCE_PAUSE_MS = 60_000;
/** How long a read of the API waits: for another's cycle, and for the source. Power Query gives up after 100 s. */
const READ_PATIENCE_MS = 10_000;
const READ_SOURCE_MS = 20_000;
const OUT_OF_PATIENCE = new Error(`a read waits ${READ_SOURCE_MS / 1_000} s for the source, not longer`);
/** How the error of a cycle begins whose source failed; what was stored was scored all the same. */
export const SOURCE_FAILED = 'source';
/** After a read has waited in vain, others do not wait for this long. */
const READ_PAUSE_MS = 30_000;

/** The scoring cycle over a store; see `docs/deploy.md` for how it is triggered. */
export function createCycle(deps: CycleDeps): Cycle {
  const { db, live, clock, log, settings } = deps;
  const memory: StateMemory = stateMemory(deps.statesKept ?? 2_000);
  let last: Promise<void> = Promise.resolve();
  let upToDate = '';
  let impatientUntil = Number.NEGATIVE_INFINITY;

  const complete = (all: readonly StoredSeries[], stepMs: number) => {
    const newest = all.reduce((latest, one) => Math.max(latest, one.newestBucket), Number.NEGATIVE_INFINITY);
    return newestComplete(clock, stepMs, settings.watermarkMs, newest);
  };

  /**
   * One after the other within this process, and by a lease among all that share the database.
   * @returns `null` when its turn had not come after `patienceMs`.
   */
  async function alone<T>(work: () => Promise<T>, patienceMs = Number.POSITIVE_INFINITY): Promise<T | null> {
    const until = performance.now() + patienceMs;
    let release: () => void = () => undefined;
    const mine = new Promise<void>((resolve) => {
      release = resolve;
    });
    const before = last;
    // Whoever gives up waiting still lets those behind it wait for those before it.
    if (deps.oneProcess) last = Promise.all([before, mine]).then(() => undefined);
    const holder = `${deps.leaseOwner?.name ?? 'isolate'} ${crypto.randomUUID()}`;
    try {
      if (!(await inTime(before, patienceMs))) return null;
      for (let waitMs = 100; !(await takeLease(db, holder, Date.now(), LEASE_MS)); ) {
        const other = await leaseOwner(db);
        if (other !== null && deps.leaseOwner?.isGone(other)) await dropLease(db, other);
        else if (performance.now() > until) return null;
        else await pause(waitMs);
        waitMs = Math.min(1.5 * waitMs, LEASE_LOOK_MS);
      }
      const renewal = setInterval(
        () => void takeLease(db, holder, Date.now(), LEASE_MS).catch(() => undefined),
        LEASE_MS / 4,
      );
      try {
        return await work();
      } finally {
        clearInterval(renewal);
        await dropLease(db, holder);
      }
    } finally {
      release();
    }
  }

  async function plan(model: LiveModel): Promise<PlannedSeries[]> {
    const all = await readSeries(db);
    const perDay = bucketsPerDay(model.forecaster.stepMs);
    const corrected = await readPendingKeys(db);
    const backfill = settings.backfillDays * perDay;
    return planCycle(
      all.filter(({ id }) => model.forecaster.serviceOf(id)),
      corrected,
      complete(all, model.forecaster.stepMs),
      backfill,
    );
  }

  async function score(model: LiveModel, planned: readonly PlannedSeries[], cycleId: number): Promise<CycleReport> {
    const started = performance.now();
    const chunks = chunksOf(planned, settings.chunk);
    if (deps.fanOut && chunks.length > 1) {
      await deps.fanOut(chunks.map((chunk) => chunk.map(({ stored }) => stored.key)));
      return { ...NOTHING, queued: chunks.length, milliseconds: performance.now() - started };
    }
    // The edition first: what changes in between is judged again.
    const calendarEdition = await readCalendarEdition(db);
    const calendar = await readMaintenance(db);
    const now = clock.wall();
    const report = { series: 0, bands: 0, verdicts: 0, unscored: [] as { id: string; reason: string }[] };
    for (const chunk of chunks) {
      const context: ChunkContext = {
        db,
        model,
        rules: settings.rules,
        calendar,
        calendarEdition,
        now,
        memory,
        scorer: deps.scorer,
        pendingDeliveries: deps.pendingDeliveries ?? (() => []),
      };
      const did = await scoreChunk(context, chunk);
      report.series += did.series;
      report.bands += did.bands;
      report.verdicts += did.verdicts;
      report.unscored.push(...did.unscored.map(({ id, reason }) => ({ id, reason })));
      if (cycleId > 0) await countCycle(db, cycleId, did);
    }
    return { ...report, queued: 0, milliseconds: performance.now() - started };
  }

  async function readSource(trigger: Trigger): Promise<void> {
    if (!deps.source) return;
    const model = await live();
    const stepMs = model?.forecaster.stepMs ?? DEFAULT_STEP_MS;
    const all = await readSeries(db);
    const to = newestComplete(clock, stepMs, settings.watermarkMs, Number.NEGATIVE_INFINITY);
    const perDay = bucketsPerDay(stepMs);
    const newest = all.reduce((oldest, one) => Math.min(oldest, one.newestBucket), to);
    const window = all.length === 0 ? settings.backfillDays + 7 * 12 : settings.rereadDays;
    const patience = new AbortController();
    const timer = trigger === 'read' ? setTimeout(() => patience.abort(OUT_OF_PATIENCE), READ_SOURCE_MS) : undefined;
    const signal = AbortSignal.any([patience.signal, ...(deps.stopping ? [deps.stopping] : [])]);
    try {
      const from = newest - window * perDay + 1;
      const measure = model?.artifact.metadata.measure ?? 'net';
      const read = await deps.source.read({ from, to, measure, known: all, signal });
      await upsertActuals(db, read, clock.wall());
    } finally {
      clearTimeout(timer);
    }
  }

  async function runAlone(trigger: Trigger): Promise<CycleReport> {
    const cycleId = await beginCycle(db, trigger, clock.wall());
    let failure: string | null = null;
    let report: CycleReport = NOTHING;
    try {
      try {
        await readSource(trigger);
      } catch (error) {
        // What is stored already is scored all the same; the next cycle asks the source again.
        failure = `${SOURCE_FAILED}: ${error instanceof Error ? error.message : String(error)}`;
        log('error', 'source-failed', { error: failure });
      }
      const model = await live();
      if (model) report = await score(model, await plan(model), cycleId);
    } catch (error) {
      await endCycle(db, cycleId, clock.wall(), error instanceof Error ? error.message : String(error));
      throw error;
    }
    if (report.queued === 0) await endCycle(db, cycleId, clock.wall(), failure);
    const { unscored, ...figures } = report;
    log('info', 'cycle', { trigger, ...figures, unscored: unscored.length });
    return report;
  }

  return {
    complete,

    async run(trigger) {
      const report = (await alone(() => runAlone(trigger))) ?? NOTHING;
      await deps.afterwards?.(trigger);
      return report;
    },

    async ensure() {
      const state = async () => {
        const revision = await readRevision(db);
        return {
          revision,
          key: `${revision} ${clock.kind === 'wall' ? Math.floor((clock.wall() - settings.watermarkMs) / 60_000) : 0}`,
        };
      };
      const before = await state();
      if (before.key === upToDate) return before.revision;
      const model = await live();
      if (!model || (deps.fanOut && (await queuedCycle(db, clock.wall() - QUEUE_PATIENCE_MS)))) return before.revision;
      const { stepMs } = model.forecaster;
      const waits = async () => {
        if ((await plan(model)).length > 0) return true;
        if (!deps.source) return false;
        const before = await lastCycle(db);
        if (before?.error?.startsWith(SOURCE_FAILED) && clock.wall() < (before.finishedAt ?? 0) + SOURCE_PAUSE_MS) {
          return false;
        }
        const all = await readSeries(db);
        return all.every((one) => one.newestBucket < complete(all, stepMs));
      };
      if (performance.now() < impatientUntil) return before.revision;
      if (await waits()) {
        // Whoever waited for another's cycle finds the work done.
        const turn = await alone(async () => ({ ran: (await waits()) && (await runAlone('read')) }), READ_PATIENCE_MS);
        if (turn?.ran) await deps.afterwards?.('read');
        if (!turn) {
          impatientUntil = performance.now() + READ_PAUSE_MS;
          return readRevision(db);
        }
      }
      const after = await state();
      upToDate = after.key;
      return after.revision;
    },

    async settled() {
      await last;
    },

    async chunk(keys) {
      const model = await live();
      if (!model) return NOTHING;
      const wanted = new Set(keys);
      const planned = (await plan(model)).filter(({ stored }) => wanted.has(stored.key));
      const queued = await queuedCycle(db, clock.wall() - QUEUE_PATIENCE_MS);
      const report = await score(model, planned, queued ?? 0);
      if (queued && (await plan(model)).length === 0) await endCycle(db, queued, clock.wall(), null);
      log('info', 'chunk', { series: report.series, bands: report.bands, milliseconds: report.milliseconds });
      await deps.afterwards?.('queue');
      return report;
    },
  };
}

/** Waits for work no longer than `patienceMs`. @returns whether it ended. */
async function inTime(work: Promise<void>, patienceMs: number): Promise<boolean> {
  if (patienceMs === Number.POSITIVE_INFINITY) return work.then(() => true);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), patienceMs);
  });
  return Promise.race([work.then(() => true), late]).finally(() => clearTimeout(timer));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
