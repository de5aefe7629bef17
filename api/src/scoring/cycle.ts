import pTimeout from 'p-timeout';
import { explainChanged } from '../explanation/explain-changed.ts';
import { dropLease, endCycle, leaseOwner, queuedCycle, readRevision, takeLease } from '../store/cycles.ts';
import { currentPlan } from './current-plan.ts';
import { type CycleDeps, type CycleReport, NOTHING_DONE, type Trigger } from './deps.ts';
import { endLeft } from './end-left.ts';
import { type LeaseStore, withLease } from './lease.ts';
import { sourceIsDue } from './read-source.ts';
import { type CycleScorer, runCycle, scorePlan } from './run-cycle.ts';
import { stateMemory } from './scorer.ts';
import { sharesCycles } from './shares-cycles.ts';
import { createTurnQueue, noTurns, type TurnQueue } from './turn-queue.ts';
import { watchCycle } from './watch/watch-cycle.ts';

export interface Cycle {
  /**
   * Reads the source, if there is one, and scores all that is complete; one at a time. A refresh that is asked for while
   * one waits for its turn is that one.
   */
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
}

/** A queued cycle that is not done after this long is taken for lost, and reads may start another. */
const QUEUE_TIMEOUT_MS = 10 * 60_000;
/** How long a read of the API waits for another's cycle. Power Query gives up after 100 s. */
const READ_TIMEOUT_MS = 10_000;
/** After a read has waited in vain, others do not wait for this long. */
const READ_PAUSE_MS = 30_000;

/** What the cycle remembers between its runs. */
interface CycleState extends CycleScorer {
  readonly turns: TurnQueue;
  /** Runs a whole cycle: alone where processes do not share one. */
  wholly<T>(work: () => Promise<T>, timeoutMs?: number): Promise<T | null>;
  /** Revision and minute at which nothing was left to score. */
  upToDate: string;
  /** Until then reads do not wait for a cycle, in milliseconds of `performance.now()`. */
  impatientUntil: number;
  /** The cycle that reads have begun, while it runs. */
  reading: Promise<boolean> | null;
  /** The refresh that was asked for and has not begun. */
  refreshing: Promise<CycleReport> | null;
}

/** The scoring cycle over a store; see `docs/deploy.md` for how it is triggered. */
export function createCycle(deps: CycleDeps): Cycle {
  const { db } = deps;
  const owner = deps.leaseOwner ?? { name: 'isolate', isGone: () => false };
  const lease: LeaseStore = {
    take: (name, now, lengthMs) => takeLease(db, name, now, lengthMs),
    drop: (name) => dropLease(db, name),
    owner: () => leaseOwner(db),
  };
  const leased = <T>(work: () => Promise<T>, timeoutMs?: number) =>
    withLease(lease, owner, work, { timeoutMs, signal: deps.outOfTime });
  const state: CycleState = {
    memory: stateMemory(deps.statesKept ?? 1_000),
    watches: new Map(),
    turns: deps.oneProcess ? createTurnQueue() : noTurns,
    owner,
    wholly: sharesCycles(db) ? (work) => work() : (work, timeoutMs) => leased(work, timeoutMs),
    alone: sharesCycles(db) ? (work) => leased(work) : (work) => work(),
    upToDate: '',
    impatientUntil: Number.NEGATIVE_INFINITY,
    reading: null,
    refreshing: null,
  };
  return {
    run: (trigger) => (trigger === 'refresh' && deps.oneProcess ? refresh(deps, state) : run(deps, state, trigger)),
    ensure: () => ensureScored(deps, state),
    settled: () => state.turns.idle(),
    chunk: (keys) => scoreHandedOn(deps, state, keys),
  };
}

async function run(deps: CycleDeps, state: CycleState, trigger: Trigger, begun = () => {}): Promise<CycleReport> {
  const work = () => {
    begun();
    return runCycle(deps, state, trigger);
  };
  try {
    const report = await exclusively(state, work);
    await deps.afterwards?.(trigger);
    return report ?? NOTHING_DONE;
  } catch (error) {
    await deps.afterwards?.(trigger, error);
    throw error;
  }
}

/** However often it is asked for while another cycle runs, one follows: each would read the source, before the schedule's turn. */
function refresh(deps: CycleDeps, state: CycleState): Promise<CycleReport> {
  if (state.refreshing) return state.refreshing;
  const leave = () => {
    if (state.refreshing === asked) state.refreshing = null;
  };
  const asked = run(deps, state, 'refresh', leave);
  state.refreshing = asked;
  void asked.catch(() => undefined).finally(leave);
  return asked;
}

/**
 * Runs work alone: one after the other within this process, and by a lease among all that share the database, unless they
 * share the cycle, too.
 * @returns `null` when its turn had not come after `timeoutMs`.
 */
async function exclusively<T>(state: CycleState, work: () => Promise<T>, timeoutMs?: number): Promise<T | null> {
  const started = performance.now();
  const end = await state.turns.take(timeoutMs);
  if (!end) return null;
  try {
    const left = timeoutMs === undefined ? undefined : Math.max(0, timeoutMs - (performance.now() - started));
    return await state.wholly(work, left);
  } finally {
    end();
  }
}

async function ensureScored(deps: CycleDeps, state: CycleState): Promise<number> {
  const { db, clock, settings } = deps;
  // A bucket completes on a minute; a clock that stands where the log ended completes nothing by itself.
  const minute = () => (clock.kind === 'wall' ? Math.floor((clock.wall() - settings.watermarkMs) / 60_000) : 0);
  const before = await readRevision(db);
  if (`${before} ${minute()}` === state.upToDate) return before;
  const model = await deps.live();
  if (!model || (deps.fanOut && (await queuedCycle(db, clock.wall() - QUEUE_TIMEOUT_MS)))) return before;
  if (performance.now() < state.impatientUntil) return before;
  const isDue = async () =>
    (await currentPlan(deps, model)).length > 0 || (await sourceIsDue(deps, model.forecaster.stepMs));
  if (await isDue()) {
    // On Workers one request must not wait for what another began.
    const reading = (deps.oneProcess && state.reading) || readCycle(deps, state, isDue);
    state.reading = reading;
    const done = await pTimeout(reading, {
      milliseconds: deps.readWaitMs ?? Number.POSITIVE_INFINITY,
      fallback: () => false,
    });
    if (!done) {
      // Its cycle goes on; until it has ended, what is stored has to do.
      state.impatientUntil = performance.now() + READ_PAUSE_MS;
      return readRevision(db);
    }
  }
  const after = await readRevision(db);
  state.upToDate = `${after} ${minute()}`;
  return after;
}

/**
 * The cycle that reads wait for, one at a time for all of them.
 * @returns whether it ran, or another had done the work; not when its turn did not come, or it failed.
 */
async function readCycle(deps: CycleDeps, state: CycleState, isDue: () => Promise<boolean>): Promise<boolean> {
  try {
    // Whoever waited for another's cycle finds the work done.
    const work = async () => ({ ran: (await isDue()) && (await runCycle(deps, state, 'read')) });
    const turn = await exclusively(state, work, READ_TIMEOUT_MS);
    if (turn?.ran) await deps.afterwards?.('read');
    if (turn) state.impatientUntil = Number.NEGATIVE_INFINITY;
    return turn !== null;
  } catch (error) {
    // What is stored can be read, also when nothing can be written: the disk may be full.
    deps.log('error', 'cycle-failed', { trigger: 'read', error: String(error) });
    await deps.afterwards?.('read', error);
    return false;
  } finally {
    state.reading = null;
  }
}

async function scoreHandedOn(deps: CycleDeps, state: CycleState, keys: readonly number[]): Promise<CycleReport> {
  const { db, clock } = deps;
  const model = await deps.live();
  if (!model) return NOTHING_DONE;
  const wanted = new Set(keys);
  const planned = (await currentPlan(deps, model)).filter(({ stored }) => wanted.has(stored.key));
  const queued = await queuedCycle(db, clock.wall() - QUEUE_TIMEOUT_MS);
  const report = await scorePlan(deps, state.memory, { model, planned, cycleId: queued });
  if (queued !== null && (await currentPlan(deps, model)).length === 0) {
    const watch = async () => {
      await endLeft(deps, model);
      await watchCycle(deps, state.watches, model);
    };
    await exclusively(state, watch, READ_TIMEOUT_MS);
    await explainChanged(deps, model);
    await endCycle(db, queued, clock.wall(), null);
  }
  deps.log('info', 'chunk', { series: report.series, bands: report.bands, milliseconds: report.milliseconds });
  await deps.afterwards?.('queue');
  return report;
}
