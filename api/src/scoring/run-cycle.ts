import { explainChanged } from '../explanation/explain-changed.ts';
import { beginCycle, endCycle, lastCycle } from '../store/cycles.ts';
import { MANY_ROWS } from '../store/db.ts';
import { makeDeliveriesDue } from '../store/deliveries.ts';
import { readCalendarEdition, readMaintenance } from '../store/maintenance.ts';
import { claimedChunks } from './claimed-chunks.ts';
import { currentPlan } from './current-plan.ts';
import { type CycleDeps, type CycleReport, NOTHING_DONE, type SeriesReason, type Trigger } from './deps.ts';
import { endLeft } from './end-left.ts';
import type { LeaseOwner } from './lease.ts';
import type { LiveModel } from './live-forecaster.ts';
import { chunksOf, type PlannedSeries } from './plan.ts';
import { readSourceOnce, SOURCE_FAILED } from './read-source.ts';
import { type ChunkContext, scoreChunk } from './score-chunk.ts';
import type { StateMemory } from './scorer.ts';
import { sharesCycles } from './shares-cycles.ts';
import { type WatchMemory, watchCycle } from './watch/watch-cycle.ts';

/** Who runs a cycle, and what it remembers of earlier ones. */
export interface CycleScorer {
  readonly memory: StateMemory;
  readonly watches: WatchMemory;
  readonly owner: LeaseOwner;
  /** Runs a part of a cycle that nobody else may run at the same time. */
  alone(work: () => Promise<unknown>): Promise<unknown>;
}

/**
 * Runs one cycle: reads the source, scores what is complete, and records how it went. A source that fails is recorded,
 * and what is stored already is scored all the same.
 * @throws what scoring or the store throws, after it was recorded.
 */
export async function runCycle(deps: CycleDeps, scorer: CycleScorer, trigger: Trigger): Promise<CycleReport> {
  const { db, clock, log } = deps;
  const { memory, watches, alone } = scorer;
  await noticeClockSetBack(deps);
  const cycleId = await beginCycle(db, trigger, clock.wall());
  let failure: string | null = null;
  let report = NOTHING_DONE;
  try {
    try {
      if (deps.source) await alone(() => readSourceOnce(deps, trigger));
    } catch (error) {
      failure = `${SOURCE_FAILED}: ${messageOf(error)}`;
      log('error', 'source-failed', { error: failure });
    }
    const model = await deps.live();
    if (model && sharesCycles(db)) {
      report = await scoreChunks(deps, memory, { model, cycleId, chunks: claimedChunks(deps, { model, ...scorer }) });
    } else if (model) {
      report = await scorePlan(deps, memory, { model, planned: await currentPlan(deps, model), cycleId });
    }
    // Not ended: the next start completes it, as it does one that was killed.
    if (deps.outOfTime?.aborted) return report;
    if (model && report.queued === 0) {
      const watch = async () => {
        await endLeft(deps, model);
        await watchCycle(deps, watches, model);
        await explainChanged(deps, model);
      };
      await unlessOutOfTime(deps, () => alone(watch));
      if (deps.outOfTime?.aborted) return report;
    }
  } catch (error) {
    await endCycle(db, cycleId, clock.wall(), messageOf(error));
    throw error;
  }
  if (report.queued === 0) await endCycle(db, cycleId, clock.wall(), failure);
  const { degraded, unscored, ...figures } = report;
  log('info', 'cycle', { trigger, ...figures, degraded: degraded.length, unscored: unscored.length });
  for (const fault of [...degraded, ...unscored].slice(0, 10)) log('warn', 'series-fault', { ...fault });
  return report;
}

/** @returns what the work gives, or `null` where it was given up because the service has to end now. */
async function unlessOutOfTime<T>({ outOfTime }: CycleDeps, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (outOfTime?.aborted && error === outOfTime.reason) return null;
    throw error;
  }
}

/** Clocks of machines that share a database differ by less than this. */
const CLOCK_TOLERANCE_MS = 60_000;

/** A cycle of the future means that the clock was ahead then: what waits for its time would wait for all that long. */
async function noticeClockSetBack({ db, clock, log }: CycleDeps): Promise<void> {
  const last = await lastCycle(db);
  const now = clock.wall();
  if (!last || last.startedAt <= now + CLOCK_TOLERANCE_MS) return;
  log('warn', 'clock-set-back', { seconds: Math.round((last.startedAt - now) / 1_000) });
  await makeDeliveriesDue(db, now);
}

/** What one cycle scores, and by which model. */
interface PlannedCycle {
  readonly model: LiveModel;
  readonly planned: readonly PlannedSeries[];
  readonly cycleId: number | null;
}

type Chunks = Iterable<readonly PlannedSeries[]> | AsyncIterable<readonly PlannedSeries[]>;

/** Scores planned series chunk by chunk, or hands the chunks on where there are several and somebody takes them. */
export async function scorePlan(
  deps: CycleDeps,
  memory: StateMemory,
  { model, planned, cycleId }: PlannedCycle,
): Promise<CycleReport> {
  const started = performance.now();
  const chunks = chunksOf(planned, deps.settings.chunk);
  if (deps.fanOut && chunks.length > 1) {
    await deps.fanOut(chunks.map((chunk) => chunk.map(({ stored }) => stored.key)));
    return { ...NOTHING_DONE, queued: chunks.length, milliseconds: performance.now() - started };
  }
  return scoreChunks(deps, memory, { model, cycleId, chunks });
}

/** Scores chunks one after the other. */
async function scoreChunks(
  deps: CycleDeps,
  memory: StateMemory,
  { model, cycleId, chunks }: Omit<PlannedCycle, 'planned'> & { readonly chunks: Chunks },
): Promise<CycleReport> {
  const { db } = deps;
  const started = performance.now();
  const context = await chunkContext(deps, memory, { model, cycleId });
  const report = { series: 0, bands: 0, verdicts: 0, degraded: [] as SeriesReason[], unscored: [] as SeriesReason[] };
  for await (const chunk of chunks) {
    if (deps.outOfTime?.aborted) break;
    const did = await unlessOutOfTime(deps, () => scoreChunk(context, chunk));
    if (did === null) break;
    report.series += did.series;
    report.bands += did.bands;
    report.verdicts += did.verdicts;
    report.degraded.push(...did.degraded.map(({ id, reason }) => ({ id, reason })));
    report.unscored.push(...did.unscored.map(({ id, reason }) => ({ id, reason })));
    // Requests, and the end of the service, have their turn.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  if (report.bands >= MANY_ROWS) await db.analyze?.();
  return { ...report, queued: 0, milliseconds: performance.now() - started };
}

async function chunkContext(
  deps: CycleDeps,
  memory: StateMemory,
  { model, cycleId }: Pick<PlannedCycle, 'model' | 'cycleId'>,
): Promise<ChunkContext> {
  // The edition first: what changes in between is judged again.
  const calendarEdition = await readCalendarEdition(deps.db);
  return {
    db: deps.db,
    model,
    rules: deps.settings.rules,
    calendar: await readMaintenance(deps.db),
    calendarEdition,
    now: deps.clock.wall(),
    cycleId,
    memory,
    scorer: deps.scorer,
    outOfTime: deps.outOfTime,
    pendingDeliveries: deps.pendingDeliveries ?? (() => []),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
