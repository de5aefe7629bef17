import { nameInText } from '@tidemark/shared/contract/name-in-text';
import type { AlarmRules } from '@tidemark/shared/detection';
import { UserError } from '@tidemark/shared/errors';
import {
  DAY_MS,
  decodeState,
  encodeState,
  type Fan,
  type Forecaster,
  HOUR_MS,
  type SeriesState,
  type SpecialDays,
  WEEK_MS,
  type ZoneClock,
} from '@tidemark/shared/forecasting';
import type { Clock } from './options.ts';
import type { Row, RowSeries } from './rows.ts';
import type { Phrase } from './words.ts';

/** Weeks of bound rows that give the full forecast. */
const FULL_WEEKS = 6;
/** Rows before a remembered state get limits of their own only where they are enough to learn a week from. */
const LEAST_WEEKS_BEFORE_STATE = 3;
/** A state older than this says less than the rows themselves. */
const LONGEST_GAP_WEEKS = 12;

/** A model ready to run on rows. */
export interface RowModel {
  readonly forecaster: Forecaster;
  /** What the service that lent the model judges by; `null`: nobody said. */
  readonly rules: AlarmRules | null;
  /** What came with the model's text: series as they stood some weeks ago. */
  readonly states: ReadonlyMap<string, SeriesState>;
  /** Clock of the merchants. */
  readonly zone: ZoneClock;
  /** The special days it was trained with. */
  readonly specialDays?: SpecialDays | undefined;
}

/** A series with the rows of coming buckets added, and a fan per row where there is one. */
export interface Computed {
  readonly series: RowSeries;
  readonly fans: readonly (Fan | null)[];
  /** Time of the first row whose fan rests on enough memory to judge by; Infinity where none does. */
  readonly judgedFrom: number;
  /** Why the newest rows are not judged; `null` where they are. */
  readonly reason: Phrase | null;
  readonly notices: readonly Phrase[];
}

/**
 * One step ahead for every row, as the bands were issued at the time, and all horizons beyond the last. Where the
 * model remembers the series, it goes on from there: the rows need not reach back to when the service began.
 * @param saysUtc whether the time column says that it is in UTC
 * @throws UserError when the model cannot take a row in
 */
export function computeSeries(series: RowSeries, model: RowModel, clock: Clock, saysUtc: boolean): Computed {
  const steps = computeSteps(series, model, clock, saysUtc);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** The same as `computeSeries`, a row at a time: whoever runs it may rest between two rows. */
export function* computeSteps(
  series: RowSeries,
  model: RowModel,
  clock: Clock,
  saysUtc: boolean,
): Generator<void, Computed> {
  const { forecaster, zone } = model;
  const { stepMs } = forecaster;
  const times = timesOf(series, model, clock, saysUtc);
  const unfit = misfit(series, times.utc, forecaster);
  if (unfit !== null) return unjudged(series, unfit);
  const seriesId = idOf(series, forecaster);
  const past = series.rows.filter((row) => row.state !== 'future');
  const known = past.slice(afterLongGap(past));
  if (known.length === 0) return unjudged(series, tooLittle(0));
  const bucketOf = (row: Row) => Math.round(times.utc(row.time) / stepMs);
  const first = bucketOf(known[0] as Row);
  const last = bucketOf(known.at(-1) as Row);
  const remembered = usable(model.states.get(seriesId), first, last, stepMs);

  const fans: (Fan | null)[] = [];
  let state = forecaster.start(seriesId, first);
  let waiting = remembered;
  let before = 0;
  for (const row of known) {
    const bucket = bucketOf(row);
    if (waiting !== null && waiting.origin < bucket) {
      // A copy: the next update starts from the same state again.
      state = decodeState(encodeState(waiting));
      waiting = null;
      before = fans.length;
    }
    while (state.origin + 1 < bucket) forecaster.observe(state, state.origin + 1, null);
    fans.push(forecaster.forecast(state).fans[0] ?? null);
    if (row.state === 'open') continue;
    const known = row.state !== 'missing' && row.state !== 'maintenance';
    forecaster.observe(state, bucket, known ? row.actual : null);
    yield;
  }
  if (fans.every((fan) => fan === null)) return unjudged(series, tooLittle(known.length));
  if (before * stepMs < LEAST_WEEKS_BEFORE_STATE * WEEK_MS) fans.fill(null, 0, before);

  const skip = known.at(-1)?.state === 'open' ? 1 : 0;
  const ahead = forecaster.forecast(state).fans.slice(skip);
  const future = ahead.map((_, k) => {
    const start = (state.origin + 1 + skip + k) * stepMs;
    return futureRow(times.local ? start + zone.offsetMs(start) : start);
  });
  return {
    series: { ...series, rows: [...past, ...future] },
    fans: [...Array<null>(past.length - known.length).fill(null), ...fans, ...ahead],
    ...memoryOf(known, remembered, first, stepMs),
    notices: [
      ...times.notices,
      ...(forecaster.serviceOf(seriesId)?.servedBy === 'cold-start' ? [{ key: 'Notice_ColdStart' }] : []),
    ],
  };
}

/**
 * Index of the first row after the last gap that is too long to remember anything across. What lies before, such as a
 * stray row of 1900, says nothing of what lies after, and walking there bucket by bucket takes minutes.
 */
function afterLongGap(rows: readonly Row[]): number {
  const longest = LONGEST_GAP_WEEKS * WEEK_MS;
  return Math.max(
    0,
    rows.findLastIndex((row, k) => k > 0 && row.time - (rows[k - 1] as Row).time > longest),
  );
}

/** A remembered state the rows can go on from: not beyond their end, and not so far back that it says nothing. */
function usable(state: SeriesState | undefined, first: number, last: number, stepMs: number): SeriesState | null {
  if (state === undefined || state.origin >= last) return null;
  return (first - 1 - state.origin) * stepMs > LONGEST_GAP_WEEKS * WEEK_MS ? null : state;
}

/** A series whose rows the model cannot judge. */
export function unjudged(series: RowSeries, reason: Phrase): Computed {
  return { series, fans: [], judgedFrom: Number.POSITIVE_INFINITY, reason, notices: [] };
}

/**
 * From which row on there is memory enough: from the remembered state where the rows go on from it without a gap,
 * else after six weeks of rows.
 */
function memoryOf(known: readonly Row[], state: SeriesState | null, first: number, stepMs: number) {
  const days = (ms: number) => String(Math.floor(ms / DAY_MS));
  const begins = (known[0] as Row).time;
  // The bucket that completes the six weeks is the first to be judged.
  const learnt = begins + FULL_WEEKS * WEEK_MS - stepMs;
  const gap = state === null ? null : Math.max(0, (first - 1 - state.origin) * stepMs);
  const goesOn = state !== null && gap !== null && gap < DAY_MS;
  const resumed = goesOn ? begins + (state.origin + 1 - first) * stepMs : Number.POSITIVE_INFINITY;
  const judgedFrom = Math.min(learnt, resumed);
  const newest = known.findLast((row) => row.actual !== null && row.state !== 'open')?.time ?? begins;
  if (newest >= judgedFrom) return { judgedFrom, reason: null };
  const bound = days(newest + stepMs - begins);
  const needed = String(FULL_WEEKS * 7);
  const reason: Phrase =
    gap === null
      ? { key: 'Unjudged_History', values: [bound, needed] }
      : { key: 'Unjudged_Gap', values: [days(gap), bound, needed] };
  return { judgedFrom, reason };
}

interface Times {
  /** UTC instant of a row's time. */
  readonly utc: (time: number) => number;
  /** Are the rows on the merchants' clock? */
  readonly local: boolean;
  readonly notices: readonly Phrase[];
}

/**
 * The model counts buckets in UTC, a report may show the merchants' clock. A column that says UTC is taken at its
 * word; else the reading is chosen that meets the model's grid, and where both do, the merchants' clock, aloud.
 */
function timesOf(series: RowSeries, { forecaster, zone }: RowModel, clock: Clock, saysUtc: boolean): Times {
  const same = { utc: (time: number) => time, local: false, notices: [] };
  const toUtc = (time: number) => utcOf(time, zone, forecaster.stepMs);
  const local = { utc: toUtc, local: true, notices: [] };
  if (clock === 'utc' || (clock === 'auto' && saysUtc)) return same;
  if (clock === 'local') return local;
  const meets = (utc: (time: number) => number) => series.rows.every((row) => utc(row.time) % forecaster.stepMs === 0);
  if (!meets(toUtc)) return same;
  const differ = series.rows.some((row) => toUtc(row.time) !== row.time);
  if (!differ) return same;
  return meets(same.utc) ? { ...local, notices: [{ key: 'Notice_LocalTimes', values: [zone.timeZone] }] } : local;
}

/** IANA zone of the clock on which a model reads the rows' times. */
export function zoneOfRows(series: RowSeries, model: RowModel, clock: Clock, saysUtc: boolean): string {
  return timesOf(series, model, clock, saysUtc).local ? model.zone.timeZone : 'UTC';
}

/** The instant of a wall-clock time; of two, when the clocks were put back, the one at which a bucket starts. */
function utcOf(time: number, zone: ZoneClock, stepMs: number): number {
  const instants = [time - DAY_MS, time + DAY_MS].map((near) => time - zone.offsetMs(near));
  const real = instants.filter((utc) => utc + zone.offsetMs(utc) === time);
  return real.find((utc) => utc % stepMs === 0) ?? real[0] ?? (instants[0] as number);
}

function misfit(series: RowSeries, utc: (time: number) => number, forecaster: Forecaster): Phrase | null {
  const hours = (ms: number) => String(Math.round((ms / HOUR_MS) * 100) / 100);
  if (series.stepMs === null) return tooLittle(series.rows.length);
  const offGrid = series.rows.some((row) => utc(row.time) % forecaster.stepMs !== 0);
  if (series.stepMs !== forecaster.stepMs || offGrid) {
    return { key: 'Problem_WrongStep', values: [hours(series.stepMs), hours(forecaster.stepMs)] };
  }
  if (forecaster.serviceOf(idOf(series, forecaster)) === null) {
    const some = forecaster.seriesIds.slice(0, 3).map(nameInText).join(', ');
    const more = forecaster.seriesIds.length > 3 ? ' …' : '';
    return { key: 'Problem_UnknownSeries', values: [nameInText(series.name), some + more] };
  }
  return null;
}

function tooLittle(rows: number): Phrase {
  return { key: 'Problem_TooLittleHistory', values: [String(rows)] };
}

/** Without a bound series, a model of one series can only mean that one. */
function idOf(series: RowSeries, forecaster: Forecaster): string {
  return series.name === '' && forecaster.seriesIds.length === 1 ? (forecaster.seriesIds[0] as string) : series.name;
}

function futureRow(time: number): Row {
  return {
    time,
    actual: null,
    forecast: null,
    lower: null,
    upper: null,
    severity: null,
    direction: null,
    state: 'future',
    fan: null,
    highlighted: true,
    index: -1,
  };
}

/** What the reader is told of a model that cannot be used. @throws what is no one's to mend. */
export function problem(error: unknown): Phrase {
  if (!(error instanceof UserError)) throw error;
  return { key: 'Problem_Model', values: [error.message] };
}
