import { type AlarmRules, bucketsPerDay, DEFAULT_STEP_MS } from '@tidemark/shared';
import { type Clock, newestComplete } from '../clock.ts';
import type { Log } from '../log.ts';
import type { LiveForecaster, LiveModel } from '../model/live-forecaster.ts';
import { readSeries, upsertActuals } from '../store/actuals.ts';
import {
  beginCycle,
  countCycle,
  dropLease,
  endCycle,
  leaseHolder,
  queuedCycle,
  readRevision,
  takeLease,
} from '../store/cycles.ts';
import type { Db } from '../store/db.ts';
import { readMaintenance } from '../store/maintenance.ts';
import type { StoredSeries } from '../store/rows.ts';
import { readPendingKeys } from '../store/scoring.ts';
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
  readonly owed?: ChunkContext['owed'] | undefined;
  /** Takes chunks (keys of series) to score elsewhere; unless given, or for a single chunk, they are scored here. */
  readonly fanOut?: ((chunks: readonly (readonly number[])[]) => Promise<void>) | undefined;
  /** Whether cycles of one process wait for each other here; elsewhere (Workers) only the lease keeps them apart. */
  readonly oneProcess: boolean;
  /** Who holds the lease, and who among holders is known to be gone (a killed process of this machine). */
  readonly holder?: { readonly name: string; isGone(name: string): boolean } | undefined;
  /** After a cycle. */
  readonly afterwards?: (() => Promise<void>) | undefined;
}

export interface Cycle {
  /** Reads the source, if there is one, and scores all that is complete; one at a time. */
  run(trigger: Trigger): Promise<CycleReport>;
  /**
   * Scores only if something complete waits for it; one small query when nothing does.
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
/** A queued cycle that is not done after this long is taken for lost, and reads may start another. */
const QUEUE_PATIENCE_MS = 10 * 60_000;
const NOTHING = { series: 0, bands: 0, verdicts: 0, milliseconds: 0, queued: 0, unscored: [] } satisfies CycleReport;
/** After a failed read of the source, reads answer from what is stored for this long before asking it again. */
const SOURCE_PAUSE_MS = 60_000;

/** The scoring cycle over a store; see `docs/deploy.md` for how it is triggered. */
export function createCycle(deps: CycleDeps): Cycle {
  const { db, live, clock, log, settings } = deps;
  const memory: StateMemory = stateMemory(2_000);
  let last: Promise<void> = Promise.resolve();
  let upToDate = '';
  let sourceFailedAt = Number.NEGATIVE_INFINITY;

  const complete = (all: readonly StoredSeries[], stepMs: number) => {
    const newest = all.reduce((latest, one) => Math.max(latest, one.newestBucket), Number.NEGATIVE_INFINITY);
    return newestComplete(clock, stepMs, settings.watermarkMs, newest);
  };

  /** One after the other within this process, and by a lease among all that share the database. */
  async function alone<T>(work: () => Promise<T>): Promise<T> {
    let release: () => void = () => undefined;
    if (deps.oneProcess) {
      const before = last;
      last = new Promise<void>((resolve) => {
        release = resolve;
      });
      await before;
    }
    const holder = `${deps.holder?.name ?? 'isolate'} ${crypto.randomUUID()}`;
    try {
      while (!(await takeLease(db, holder, Date.now(), LEASE_MS))) {
        const other = await leaseHolder(db);
        if (other !== null && deps.holder?.isGone(other)) await dropLease(db, other);
        else await pause(200);
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
    const served = new Set(model.forecaster.seriesIds);
    const backfill = settings.backfillDays * perDay;
    return planCycle(
      all.filter(({ id }) => served.has(id)),
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
    const calendar = await readMaintenance(db);
    const now = clock.wall();
    const report = { series: 0, bands: 0, verdicts: 0, unscored: [] as { id: string; reason: string }[] };
    for (const chunk of chunks) {
      const context: ChunkContext = {
        db,
        model,
        rules: settings.rules,
        calendar,
        now,
        memory,
        scorer: deps.scorer,
        owed: deps.owed ?? (() => []),
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

  async function readSource(): Promise<void> {
    if (!deps.source) return;
    const model = await live();
    const stepMs = model?.forecaster.stepMs ?? DEFAULT_STEP_MS;
    const all = await readSeries(db);
    const to = newestComplete(clock, stepMs, settings.watermarkMs, Number.NEGATIVE_INFINITY);
    const perDay = bucketsPerDay(stepMs);
    const newest = all.reduce((oldest, one) => Math.min(oldest, one.newestBucket), to);
    const window = all.length === 0 ? settings.backfillDays + 7 * 12 : settings.rereadDays;
    const measure = model?.artifact.metadata.measure ?? 'net';
    const known = all.map(({ id }) => id);
    const read = await deps.source.read(newest - window * perDay + 1, to, measure, known);
    await upsertActuals(db, read, clock.wall());
  }

  async function runAlone(trigger: Trigger): Promise<CycleReport> {
    const cycleId = await beginCycle(db, trigger, clock.wall());
    let failure: string | null = null;
    let report: CycleReport = NOTHING;
    try {
      try {
        await readSource();
      } catch (error) {
        // What is stored already is scored all the same; the next cycle asks the source again.
        sourceFailedAt = clock.wall();
        failure = `source: ${error instanceof Error ? error.message : String(error)}`;
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
      const report = await alone(() => runAlone(trigger));
      await deps.afterwards?.();
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
        if (!deps.source || clock.wall() < sourceFailedAt + SOURCE_PAUSE_MS) return false;
        const all = await readSeries(db);
        return all.every((one) => one.newestBucket < complete(all, stepMs));
      };
      if (await waits()) {
        // Whoever waited for another's cycle finds the work done.
        const ran = await alone(async () => ((await waits()) ? runAlone('read') : null));
        if (ran) await deps.afterwards?.();
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
      await deps.afterwards?.();
      return report;
    },
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
