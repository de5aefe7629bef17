import { Buffer } from 'node:buffer';
import type { AlarmRules } from '@tidemark/shared/detection';
import { UserError } from '@tidemark/shared/errors';
import { createGrid, type SeriesState } from '@tidemark/shared/forecasting';
import { readActuals } from '../store/actuals.ts';
import type { Db } from '../store/db.ts';
import type { StoredMaintenance } from '../store/maintenance.ts';
import type { Outcome } from '../store/outcome/outcome.ts';
import { writeOutcome } from '../store/outcome/write.ts';
import type { BucketRange, StoredIncident, StoredSeries } from '../store/rows.ts';
import { readIncidents, readIssuesAt, readPending, readSnapshots, readVerdicts } from '../store/scoring-reads.ts';
import { FALLBACK } from './fallback.ts';
import type { LiveModel } from './live-forecaster.ts';
import { WARM_WEEKS } from './past-states.ts';
import type { PlannedSeries } from './plan.ts';
import { type Announcement, planIncidents } from './plan-incidents.ts';
import type { CycleTerms, ScoredSeries, SeriesWork } from './score-series.ts';
import { type StateMemory, scoreAll, stateMemory, type Unscored } from './scorer.ts';

/** Buckets from which a chunk is worth handing to other threads; a plain cycle keeps its states here instead. */
const LONG_CHUNK = 500;

/** Does the arithmetic of a chunk, here or in another thread; throws the reason of `outOfTime` once it is aborted. */
export type Scorer = (
  model: LiveModel,
  terms: CycleTerms,
  works: readonly SeriesWork[],
  outOfTime?: AbortSignal,
) => Promise<{ scored: ScoredSeries[]; unscored: Unscored[] }>;

export interface ChunkContext {
  readonly db: Db;
  readonly model: LiveModel;
  readonly rules: AlarmRules;
  readonly calendar: readonly StoredMaintenance[];
  readonly calendarEdition: number;
  readonly now: number;
  /** The cycle that the chunk is counted with; `null` where there is none. */
  readonly cycleId: number | null;
  readonly memory: StateMemory;
  /** For long catch-ups; unless given, everything is scored here. */
  readonly scorer?: Scorer | undefined;
  /** Once aborted, what is not scored yet is given up, and with it the whole chunk: nothing of it is written. */
  readonly outOfTime?: AbortSignal | undefined;
  /** Which webhooks are owed a message for an event. */
  readonly pendingDeliveries: (event: Announcement, target: number, perDay: number) => Outcome['deliveries'];
}

export interface ChunkReport {
  readonly series: number;
  readonly bands: number;
  readonly verdicts: number;
  /** Scored by the fallback, and why. */
  readonly degraded: readonly Unscored[];
  readonly unscored: readonly Unscored[];
}

/**
 * Reads what a chunk of series needs, scores it, and writes the outcome in one transaction.
 * @throws the reason of `outOfTime` where it is aborted before all is scored.
 */
export async function scoreChunk(context: ChunkContext, chunk: readonly PlannedSeries[]): Promise<ChunkReport> {
  const { db, model, rules, calendar, now, memory, outOfTime } = context;
  const { works, states } = await readWorks(context, chunk);
  const terms: CycleTerms = { model: model.key, issuedAt: now, rules, calendar };
  const correctionsOf = new Map(chunk.map(({ stored }) => [stored.key, stored.corrections]));
  const steps = chunk.reduce((sum, planned) => sum + planned.steps, 0);
  const own =
    context.scorer && states.size === 0 && steps >= LONG_CHUNK
      ? await context.scorer(model, terms, works, outOfTime)
      : await scoreAll(model.forecaster, terms, works, {
          stateOf: (work) => states.get(work.series) ?? null,
          keep: (work, state) => memory.keep(work.series, correctionsOf.get(work.series) ?? 0, model.key, state),
          outOfTime,
        });
  const { scored, unscored: failed } = await scoreByFallback(context, terms, chunk, own.unscored);
  const { outcome: found, overflown } = await outcomeOf(context, chunk, [...own.scored, ...scored]);
  const unscored = [...failed, ...overflown];
  const missed = new Set(unscored.map(({ series }) => series));
  const degraded = own.unscored.filter(({ series }) => !missed.has(series));
  const series = own.scored.length + scored.length - overflown.length;
  const did = { series, bands: found.issues.length, verdicts: found.verdicts.length };
  const outcome = {
    ...found,
    counted: context.cycleId === null ? null : { cycle: context.cycleId, ...did },
    faults: [
      ...degraded.map(({ series, reason }) => ({ series, reason, servedBy: FALLBACK })),
      ...unscored.map(({ series, reason }) => ({ series, reason, servedBy: null })),
    ],
  };
  await writeOutcome(db, outcome, now);
  return { ...did, degraded, unscored };
}

/** Scores series that their model failed on without their learned parameters, from their actuals on. */
async function scoreByFallback(
  context: ChunkContext,
  terms: CycleTerms,
  chunk: readonly PlannedSeries[],
  failed: readonly Unscored[],
): Promise<{ scored: ScoredSeries[]; unscored: Unscored[] }> {
  if (failed.length === 0) return { scored: [], unscored: [] };
  const series = new Set(failed.map((one) => one.series));
  const planned = chunk.filter(({ stored }) => series.has(stored.key));
  const { works } = await readWorks({ ...context, memory: stateMemory(1) }, planned, false);
  const { scored, unscored } = await scoreAll(context.model.fallback(), terms, works);
  // Its states are not those of the model, which may do better again once its parameters are replaced.
  return { scored: scored.map((one) => ({ ...one, snapshots: [] })), unscored };
}

/** @param stored whether to go on from stored states; otherwise everything is rebuilt from actuals. */
async function readWorks(
  { db, model, memory }: ChunkContext,
  chunk: readonly PlannedSeries[],
  stored = true,
): Promise<{ works: SeriesWork[]; states: Map<number, SeriesState> }> {
  const week = createGrid(model.forecaster.stepMs).perWeek;
  const states = new Map<number, SeriesState>();
  for (const { stored } of chunk) {
    const { key, origin, corrections } = stored;
    const state = origin === null ? null : memory.take({ series: key, origin, corrections }, model.key);
    if (state) states.set(key, state);
  }
  const growing = chunk.filter(({ steps }) => steps > 0);
  const unknown = growing.filter(({ stored }) => stored.origin !== null && !states.has(stored.key));
  const snapshots = await readSnapshots(
    db,
    model.key,
    (stored ? unknown : []).map((one) => one.stored.key),
  );
  const pending = await readPending(
    db,
    chunk.map(({ stored }) => stored.key),
  );
  const issued = await readIssuesAt(db, [
    ...growing.flatMap(({ stored: { key, origin } }) => (origin === null ? [] : [{ series: key, origin }])),
    ...[...pending].flatMap(([series, buckets]) => buckets.map(({ bucket }) => ({ series, origin: bucket - 1 }))),
  ]);
  const firstHorizonAt = new Map(
    issued.map(({ series, origin, firstHorizon }) => [`${series} ${origin}`, firstHorizon]),
  );

  const ranges: BucketRange[] = [];
  const warmFrom = ({ stored, firstOrigin }: PlannedSeries) =>
    Math.max(stored.firstBucket, (stored.origin ?? firstOrigin) - WARM_WEEKS * week + 1);
  for (const planned of growing) {
    const { key } = planned.stored;
    const stateOrigin = states.get(key)?.origin ?? snapshots.get(key)?.origin;
    ranges.push({
      series: key,
      from: stateOrigin === undefined ? warmFrom(planned) : stateOrigin + 1,
      to: planned.target,
    });
  }
  const actuals = await readActuals(db, ranges);

  const works = chunk.map((planned): SeriesWork => {
    const { stored, firstOrigin, target } = planned;
    const snapshot = snapshots.get(stored.key);
    return {
      series: stored.key,
      id: stored.id,
      origin: stored.origin,
      firstOrigin,
      target,
      warmFrom: warmFrom(planned),
      state: snapshot ? Buffer.from(snapshot.state, 'base64') : null,
      actuals: actuals.get(stored.key) ?? [],
      issuedAtOrigin: firstHorizonAt.get(`${stored.key} ${stored.origin}`) ?? null,
      pending: (pending.get(stored.key) ?? []).map((one) => ({
        ...one,
        issued: firstHorizonAt.get(`${stored.key} ${one.bucket - 1}`) ?? null,
      })),
    };
  });
  return { works, states };
}

/** What scoring a series has brought, with the incidents that follow. */
interface SeriesOutcome {
  readonly one: ScoredSeries;
  readonly planned: PlannedSeries;
  readonly plan: ReturnType<typeof planIncidents> | null;
  /** Ids of the band's incidents that are stored already. */
  readonly raised: ReadonlySet<string>;
}

/** @returns what is to be written, and the series whose sums are beyond any number: nothing of them can be stored. */
async function outcomeOf(
  context: ChunkContext,
  chunk: readonly PlannedSeries[],
  scored: readonly ScoredSeries[],
): Promise<{ outcome: Outcome; overflown: Unscored[] }> {
  const { model } = context;
  const all = await planAll(context, chunk, scored);
  const overflown = all.filter(({ plan }) => !isFinitePlan(plan));
  const outcomes = all.filter(({ plan }) => isFinitePlan(plan));
  const { perDay, perWeek } = createGrid(model.forecaster.stepMs);
  // What the band has raised it ends, too, though the detectors judge the series meanwhile.
  const isOwn = ({ planned, raised }: SeriesOutcome, incident: StoredIncident) =>
    raised.has(incident.id) || !isWatched(planned.stored, incident, perWeek);
  const outcome: Outcome = {
    origins: outcomes.map(({ one: { series, origin }, planned: { stored, firstOrigin } }) => ({
      series,
      from: stored.origin ?? firstOrigin,
      origin,
      corrections: stored.corrections,
    })),
    issues: outcomes.flatMap(({ one: { issues } }) => issues),
    verdicts: outcomes.flatMap(({ plan }) => plan?.verdicts ?? []),
    settled: outcomes.flatMap(({ one: { series, settled } }) => settled.map((bucket) => ({ series, ...bucket }))),
    snapshots: outcomes.flatMap(({ one: { series, snapshots } }) =>
      snapshots.map(({ origin, state }) => ({
        series,
        origin,
        model: model.key,
        state: Buffer.from(state.buffer, state.byteOffset, state.byteLength).toString('base64'),
      })),
    ),
    incidents: outcomes.flatMap((one) => (one.plan?.incidents ?? []).filter((incident) => isOwn(one, incident))),
    deliveries: outcomes.flatMap((one) =>
      (one.plan?.events ?? [])
        .filter(({ incident }) => isOwn(one, incident))
        .flatMap((event) => context.pendingDeliveries(event, one.planned.target, perDay)),
    ),
    calendarEdition: context.calendarEdition,
    counted: null,
    faults: [],
  };
  return {
    outcome,
    overflown: overflown.map(({ one: { series }, planned: { stored } }) => ({
      series,
      id: stored.id,
      reason: `amounts of "${stored.id}" are too large to add up; push the right ones again`,
    })),
  };
}

async function planAll(
  { db, rules }: ChunkContext,
  chunk: readonly PlannedSeries[],
  scored: readonly ScoredSeries[],
): Promise<SeriesOutcome[]> {
  const planOf = new Map(chunk.map((planned) => [planned.stored.key, planned]));
  const touched = scored.flatMap(({ series, judged, settled }) => {
    const buckets = [...judged.map(({ verdict }) => verdict.bucket), ...settled.map(({ bucket }) => bucket)];
    return buckets.length === 0 ? [] : [{ series, from: Math.min(...buckets), to: Number.MAX_SAFE_INTEGER }];
  });
  const margin = rules.among + rules.quietToClose + 1;
  const around = touched.map((range) => ({ ...range, from: range.from - margin }));
  const known = await readIncidents(db, around);
  const stored = await readVerdicts(
    db,
    around.map((range) => ({ ...range, from: reachOf(range.from, known.get(range.series), rules.among) })),
  );
  return scored.map((one) => {
    const { series, judged, settled } = one;
    const planned = planOf.get(series);
    if (!planned) throw new UserError('unknown-series', `a series was scored that was not planned: ${series}`);
    const raised = new Set((known.get(series) ?? []).map(({ id }) => id));
    if (judged.length === 0 && settled.length === 0) return { one, planned, plan: null, raised };
    const removed = new Set(settled.filter(({ value }) => value === null).map(({ bucket }) => bucket));
    const plan = planIncidents(
      {
        series,
        stored: stored.get(series) ?? [],
        judged,
        known: known.get(series) ?? [],
        removed,
        newest: planned.target,
      },
      rules,
    );
    return { one, planned, plan, raised };
  });
}

/** Whether every number can be stored: sums of amounts near the largest number are infinite. */
function isFinitePlan(plan: SeriesOutcome['plan']): boolean {
  const isStorable = (row: object) =>
    Object.values(row).every((value) => typeof value !== 'number' || Number.isFinite(value));
  return plan === null || [...plan.verdicts, ...plan.incidents].every(isStorable);
}

/** Weeks of counts before detectors say anything. */
const SILENT_WEEKS = 4;

/** Whether the detectors judge a series at an incident's time, so that the band only draws what it sees. */
function isWatched(
  { countedFrom, countedTo }: StoredSeries,
  { start, end }: Pick<StoredIncident, 'start' | 'end'>,
  perWeek: number,
): boolean {
  if (countedFrom === null || countedTo === null) return false;
  return start >= countedFrom + SILENT_WEEKS * perWeek && end <= countedTo + perWeek / 7;
}

/** Where the verdicts have to begin so that every known incident lies in them whole. */
function reachOf(from: number, known: readonly StoredIncident[] | undefined, among: number): number {
  return Math.min(from, ...(known ?? []).map(({ start }) => start - among));
}
