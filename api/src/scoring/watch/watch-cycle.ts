import { Buffer } from 'node:buffer';
import {
  advanceBook,
  type BucketObservation,
  decodeWatchState,
  defaultBudget,
  encodeWatchState,
  maintenanceEffect,
  QUIET_TO_CLOSE,
  raisedReport,
  type SeriesIncident,
  type SeriesReport,
  type Storm,
  startBook,
  type ThresholdFactor,
  type Watch,
  type WatchState,
} from '@tidemark/shared/detection';
import { UserError } from '@tidemark/shared/errors';
import { bucketStart, createGrid, type Grid } from '@tidemark/shared/forecasting';
import type { Direction } from '@tidemark/shared/vocabulary';
import { readSeries } from '../../store/actuals.ts';
import { readCounts, readSeriesParts } from '../../store/counts.ts';
import { groupsOf } from '../../store/db.ts';
import { readMaintenance, type StoredMaintenance } from '../../store/maintenance.ts';
import { readRecounts } from '../../store/recounts.ts';
import type { StoredSeries, StoredVerdict } from '../../store/rows.ts';
import { type NoticedAfter, readBook, readWatches, type StoredBook, writeWatchOutcome } from '../../store/watches.ts';
import { newestJudgeable } from '../current-plan.ts';
import type { CycleDeps } from '../deps.ts';
import type { LiveModel } from '../live-forecaster.ts';
import { pauses } from '../pauses.ts';
import { reconsider } from './reconsider.ts';
import { watchesOf } from './series-watch.ts';
import { factorOf } from './threshold-factor.ts';
import { incidentEvents, stormEvents } from './watch-events.ts';
import { incidentRow, isWanted, isWantedStorm, stormRow, verdictRows, weakEvidence } from './watch-rows.ts';

/** What the detectors remember of each series between cycles, by key. */
export type WatchMemory = Map<number, { readonly corrections: number; readonly state: WatchState }>;

/** Weeks before the first bucket that is asked for in which incidents are followed but not stored: severities settle. */
const RUN_IN_WEEKS = 8;
/** Longest history that detectors begin with. */
const HISTORY_WEEKS = 60;
/** After this long past its watermark a bucket is no longer waited for. */
const GRACE_MS = 15 * 60_000;
/** Buckets whose states of all series are written at most every so often. */
const STATE_EVERY = 12;
/** Buckets of series that a window takes in at most, a week at the longest: with their parts each is a kilobyte. */
const OBSERVATIONS_AT_ONCE = 40_000;
/** Series whose history is in memory at once. */
const SERIES_AT_ONCE = 4;
/** Series whose states are in memory as texts at once. */
const STATES_AT_ONCE = 50;
const NO_PARTS: readonly never[] = [];

interface Watched {
  readonly stored: StoredSeries;
  readonly watch: Watch;
  state: WatchState;
  /** Whether the state is new and has to be stored whatever the turn. */
  built: boolean;
}

/** What all steps of one run share. */
interface Run {
  readonly deps: CycleDeps;
  readonly memory: WatchMemory;
  readonly watchOf: ReturnType<typeof watchesOf>;
  readonly stepMs: number;
  readonly calendar: readonly StoredMaintenance[];
  readonly pause: () => Promise<void>;
  /** What people's answers raise thresholds by. */
  readonly factor: ThresholdFactor;
}

/**
 * Lets the detectors take in all buckets that are counted for every series that still is, and stores incidents and storms.
 * A bucket that is not there for all yet is waited for, until the next one is complete or its time is up.
 * @returns the number of buckets taken in.
 * @throws the reason of `deps.outOfTime` once it is aborted: what is not taken in whole is left to the next start.
 */
export async function watchCycle(deps: CycleDeps, memory: WatchMemory, model: LiveModel): Promise<number> {
  const { db } = deps;
  const { stepMs } = model.forecaster;
  const grid = createGrid(stepMs);
  const { perDay, perWeek } = grid;
  const all = await readSeries(db);
  const counted = all.filter(({ countedFrom }) => countedFrom !== null);
  if (counted.length === 0) return 0;
  const complete = newestJudgeable(deps, all, stepMs);
  const stored = await readBook(db);
  const until = Math.max(
    watchedUntil(deps, counted, complete, grid),
    stored?.book.open.length ? endedUntil(counted, complete, perDay) : 0,
  );
  const recordFrom = stored?.recordFrom ?? firstAsked(deps, counted, complete, perDay);
  const from = stored ? stored.book.last + 1 : recordFrom - RUN_IN_WEEKS * perWeek;
  const recounts = stored ? await readRecounts(db) : new Map<number, number>();
  if (until < from && recounts.size === 0) return 0;
  const book = stored?.book ?? startBook();
  const budget = deps.settings.alarmBudget ?? defaultBudget(counted.length);
  const run: Run = {
    deps,
    memory,
    watchOf: watchesOf(model, budget / counted.length),
    stepMs,
    calendar: await readMaintenance(db),
    pause: pauses(deps.outOfTime),
    factor: await factorOf(db, model),
  };
  const recounted = counted.flatMap((one) => {
    const first = recounts.get(one.key);
    return first === undefined ? [] : [{ stored: one, from: first, reports: new Map<number, SeriesReport>() }];
  });
  const reportsOf = new Map(recounted.map((one) => [one.stored.key, one]));
  const opened = until < from ? recounted.map((one) => one.stored) : counted;
  const watched = await openWatched(run, opened, from, (one) => {
    const again = reportsOf.get(one.stored.key);
    const { last } = one.state;
    if (again === undefined || last < again.from) return;
    again.reports.set(last, one.watch.report(one.state, one.stored.id, last, one.stored.members !== null));
  });
  try {
    if (stored && recounted.length > 0) await reconsider(deps, { ...run, all }, stored, recounted);
    const length = Math.max(1, Math.min(perWeek, Math.floor(OBSERVATIONS_AT_ONCE / watched.length)));
    for (let first = from; first <= until; first += length) {
      const last = Math.min(until, first + length - 1);
      await takeWindow(run, watched, { book, recordFrom }, { first, last, until, perDay });
    }
  } catch (error) {
    memory.clear();
    throw error;
  }
  for (const { stored, state } of watched) memory.set(stored.key, { corrections: stored.corrections, state });
  return until - from + 1;
}

/** How far all series are known, or need not be waited for. */
function watchedUntil(
  { clock, settings }: CycleDeps,
  counted: readonly StoredSeries[],
  complete: number,
  { stepMs, perDay }: Grid,
): number {
  const ends = counted.map(({ countedTo }) => Math.min(countedTo ?? 0, complete));
  const newest = Math.max(...ends);
  const waitedFor = ends.filter((end) => end >= newest - perDay);
  const overdue =
    clock.kind === 'wall' && clock.wall() >= bucketStart(newest + 1, stepMs) + settings.watermarkMs + GRACE_MS;
  return overdue ? newest : Math.max(Math.min(...waitedFor), newest - 1);
}

/** Where counts of all series have ended and the money goes on: how far they need not be waited for, so that what is open ends. */
function endedUntil(counted: readonly StoredSeries[], complete: number, perDay: number): number {
  const ends = Math.max(...counted.map(({ countedTo }) => countedTo ?? 0)) + perDay + QUIET_TO_CLOSE;
  const money = Math.min(complete, Math.max(...counted.map(({ newestBucket }) => newestBucket)));
  return money >= ends ? ends : 0;
}

/** The first bucket that anybody asked to be scored. */
function firstAsked(
  { settings }: CycleDeps,
  counted: readonly StoredSeries[],
  complete: number,
  perDay: number,
): number {
  return Math.min(...counted.map(({ scoreFrom }) => scoreFrom ?? complete - settings.backfillDays * perDay));
}

/**
 * Series with their states just before `from`.
 * @param seen is told of each bucket that a state which is built anew has taken in.
 */
async function openWatched(
  run: Run,
  counted: readonly StoredSeries[],
  from: number,
  seen: (one: Watched) => void,
): Promise<Watched[]> {
  const { memory, watchOf } = run;
  const { db } = run.deps;
  const parts = await readSeriesParts(db);
  const unknown: number[] = [];
  for (const { key, corrections } of counted) {
    const kept = memory.get(key);
    if (kept?.corrections === corrections) continue;
    memory.delete(key);
    unknown.push(key);
  }
  const states = await readStates(run, unknown);
  const { perWeek } = createGrid(run.stepMs);
  const watched = counted.map((stored): Watched => {
    const watch = watchOf(parts.get(stored.key) ?? NO_PARTS);
    const known = memory.get(stored.key)?.state ?? states.get(stored.key);
    const fits = known !== undefined && watch.fits(known) && known.last < from;
    return { stored, watch, state: fits ? known : watch.start(), built: !fits };
  });
  const behind = watched.filter(({ state }) => state.last < from - 1);
  for (let at = 0; at < behind.length; at += SERIES_AT_ONCE) {
    const some = behind.slice(at, at + SERIES_AT_ONCE);
    const counts = await readCounts(
      db,
      some.map(({ stored, state }) => ({
        series: stored.key,
        measure: stored.measure,
        from: Math.max(state.last + 1, from - HISTORY_WEEKS * perWeek),
        to: from - 1,
      })),
    );
    for (const one of some) {
      for (const observation of counts.get(one.stored.key) ?? []) {
        observe(run, one, observation);
        if (one.state.last === observation.bucket) seen(one);
      }
      await run.pause();
    }
  }
  return watched;
}

/** The stored states of some series, by key; those of a few at once, so that never all lie in memory as texts. */
async function readStates(run: Run, keys: readonly number[]): Promise<Map<number, WatchState>> {
  const states = new Map<number, WatchState>();
  for (const some of groupsOf(keys, STATES_AT_ONCE)) {
    for (const { series, state } of (await readWatches(run.deps.db, some)).values()) {
      const known = decoded(state);
      if (known) states.set(series, known);
    }
    await run.pause();
  }
  return states;
}

/** A stored state, or nothing where it is of another version: it is then built from the stored counts. */
function decoded(text: string): WatchState | undefined {
  try {
    return decodeWatchState(Buffer.from(text, 'base64'));
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

function observe(run: Run, { stored, watch, state }: Watched, observation: BucketObservation): void {
  // A series that has not opened yet is not silent: its usual begins with its first attempt.
  if (state.seen === 0 && observation.counts?.attempts === 0) return;
  const start = bucketStart(observation.bucket, run.stepMs);
  if (!maintenanceEffect(run.calendar, stored.id, start, run.stepMs).muted) watch.observe(state, observation);
}

/**
 * Takes some buckets of all series in, one after the other, and stores what they brought.
 * @param window its first and last bucket, and the last of all windows: what is long over by that is no news.
 */
async function takeWindow(
  run: Run,
  watched: readonly Watched[],
  stored: StoredBook,
  window: { first: number; last: number; until: number; perDay: number },
): Promise<void> {
  const { first, last, until, perDay } = window;
  const isLast = last === until;
  const { book, recordFrom } = stored;
  const { db, clock } = run.deps;
  const counts = await readCounts(
    db,
    watched.map(({ stored: { key, measure }, state }) => ({
      series: key,
      measure,
      from: Math.max(first, state.last + 1),
      to: last,
    })),
  );
  const before = new Map(book.open.map((incident) => [incident.id, incident]));
  const stormBefore = book.storms.open?.storm;
  const changed = new Map<string, SeriesIncident>();
  const verdicts: StoredVerdict[] = [];
  const keyOf = new Map(watched.map((one) => [one.stored.id, one.stored.key]));
  const { settings, pendingDeliveries = () => [] } = run.deps;
  const isWantedNow = (one: SeriesIncident) => isWanted(one, settings.rules);
  const isStored = (one: SeriesIncident) => one.raised >= recordFrom && isWantedNow(one);
  const changedStorms = new Map<string, Storm>();
  const next = new Map<number, number>();
  const isOpen = (series: string, side: Direction) =>
    book.open.some((incident) => incident.series === series && incident.side === side);
  for (let bucket = first; bucket <= last; bucket++) {
    const reports: SeriesReport[] = [];
    for (const one of watched) {
      const { key, id, members } = one.stored;
      const list = counts.get(key) ?? [];
      let at = next.get(key) ?? 0;
      for (let due = list[at]; due !== undefined && due.bucket <= bucket; due = list[++at]) observe(run, one, due);
      next.set(key, at);
      const report = one.watch.report(one.state, id, bucket, members !== null);
      const known = hasOnlyMoney(one.stored, bucket, perDay) ? { ...report, left: true } : report;
      reports.push(raisedReport(known, bucket, run.factor, isOpen));
      await run.pause();
    }
    const changes = advanceBook(book, bucket, reports);
    verdicts.push(...verdictsOf(bucket, changes.incidents.filter(isStored), reports, keyOf));
    for (const incident of changes.incidents) changed.set(incident.id, incident);
    for (const storm of changes.storms) changedStorms.set(storm.id, storm);
  }
  const ongoing = book.storms.open?.storm.id ?? null;
  const incidents = [...changed.values()].filter(isStored).map((incident) => {
    const known = before.get(incident.id);
    const kinds = incidentEvents(known && isWantedNow(known) ? known : undefined, incident, ongoing);
    const isAgain = known !== undefined && outlastsMute(run, incident, window);
    const again = isAgain && !kinds.includes('open') ? [{ kind: 'open' as const, again: last }] : [];
    const announced = [...again, ...kinds.map((kind) => ({ kind }))];
    return { announced, row: incidentRow(keyOf.get(incident.series) ?? 0, incident) };
  });
  const storms = [...changedStorms.values()]
    .filter((storm) => storm.start >= recordFrom && isWantedStorm(storm, settings.rules))
    .map((storm) => {
      const isKnown = stormBefore?.id === storm.id && isWantedStorm(stormBefore, settings.rules);
      const kinds = stormEvents(isKnown ? stormBefore : undefined, storm);
      return { announced: kinds.map((kind) => ({ kind })), row: stormRow(storm) };
    });
  const noticed: NoticedAfter[] = [];
  for (const one of isLast ? watched : []) {
    noticed.push(...newlyNoticed(one, last, perDay));
    await run.pause();
  }
  await writeWatchOutcome(
    db,
    {
      book: stored,
      states: watched.flatMap((one) => statesOf(one, last, isLast)),
      incidents: incidents.map(({ row }) => row),
      verdicts,
      storms: storms.map(({ row }) => row),
      noticed,
      deliveries: [...storms, ...incidents].flatMap(({ announced, row }) =>
        announced.flatMap((one) => pendingDeliveries({ ...one, incident: row }, until, perDay)),
      ),
    },
    clock.wall(),
  );
  for (const one of watched) if (isLast) one.built = false;
}

/** Whether an open incident goes on after a mute of its client that ended within a window. */
function outlastsMute(
  { calendar, stepMs }: Run,
  { series, open, told, quiet }: SeriesIncident,
  { first, last }: { readonly first: number; readonly last: number },
): boolean {
  if (!open || !told || quiet > 0) return false;
  const isMuted = (bucket: number) => maintenanceEffect(calendar, series, bucketStart(bucket, stepMs), stepMs).muted;
  if (isMuted(last)) return false;
  for (let bucket = first - 1; bucket < last; bucket++) if (isMuted(bucket)) return true;
  return false;
}

/** Whether a bucket lies more than a day after a series' last counts, and its money goes on: then the band judges it alone. */
function hasOnlyMoney({ countedTo, newestBucket }: StoredSeries, bucket: number, perDay: number): boolean {
  return countedTo !== null && bucket > countedTo + perDay && newestBucket >= bucket;
}

/** What stands against each series at one bucket, where an incident holds it. */
function verdictsOf(
  bucket: number,
  incidents: readonly SeriesIncident[],
  reports: readonly SeriesReport[],
  keyOf: ReadonlyMap<string, number>,
): StoredVerdict[] {
  const standing = incidents.filter((incident) => incident.end === bucket && incident.quiet === 0);
  if (standing.length === 0) return [];
  const evidenceOf = new Map(reports.map(({ series, evidence }) => [series, evidence]));
  return standing.flatMap((incident) => {
    const own = (evidenceOf.get(incident.series) ?? []).filter(({ side }) => side === incident.side);
    return verdictRows(
      keyOf.get(incident.series) ?? 0,
      bucket,
      incident,
      own.length > 0 ? own : [weakEvidence(incident)],
    );
  });
}

/** The state of a series where it is its turn to be stored, spread over the buckets so that no cycle writes all. */
function statesOf({ stored, state, built }: Watched, last: number, isLast: boolean) {
  const due = isLast && (built || (last + stored.key) % STATE_EVERY === 0);
  if (!due) return [];
  const bytes = encodeWatchState(state);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  return [{ series: stored.key, origin: state.last, state: text, corrections: stored.corrections }];
}

/** After how long an outage of a series would be noticed, where that is not what is stored. */
function newlyNoticed({ stored, watch, state }: Watched, last: number, perDay: number): NoticedAfter[] {
  const now = watch.outageNoticedAfter(state, last + 1);
  const before = stored.outageNoticedAtWorst;
  const isDue = before === null || (last + stored.key) % perDay === 0;
  const atWorst = isDue ? worstNoticed(watch, state, last, perDay) : before;
  return now === stored.outageNoticed && atWorst === before ? [] : [{ series: stored.key, now, atWorst }];
}

/** The longest of a day's buckets; `null` where one of them would never be noticed. */
function worstNoticed(watch: Watch, state: WatchState, last: number, perDay: number): number | null {
  let worst = 0;
  for (let bucket = last + 1; bucket <= last + perDay; bucket++) {
    const noticed = watch.outageNoticedAfter(state, bucket);
    if (noticed === null) return null;
    worst = Math.max(worst, noticed);
  }
  return worst;
}
