import { UserError } from '@tidemark/shared/errors';
import { bandAt, createGrid, type Fan, type Forecaster } from '@tidemark/shared/forecasting';
import { readActuals, readSeries } from '../store/actuals.ts';
import type { Db } from '../store/db.ts';
import { isSound } from './sound.ts';

/** Series replayed at length, and the weeks of actuals each is given. */
const SERIES = 5;
const WEEKS = 4;
/** Buckets that every other series is tried on. */
const FEW = 3;
/** A 99 % band that holds less than this of the last week is no band. */
const LEAST_COVERAGE = 0.5;

/**
 * Tries a model before it goes live. Every series must forecast finite, nested fans for every horizon on a few buckets; on
 * the last weeks of a few stored series (or of made-up ones, until some are stored) the 99 % band must also hold most of
 * the last week.
 * @throws UserError `failed-smoke-test` saying what was wrong.
 */
export async function smokeTest(db: Db, forecaster: Forecaster): Promise<void> {
  const week = createGrid(forecaster.stepMs).perWeek;
  const known = (await readSeries(db)).filter(
    ({ id, firstBucket, newestBucket }) => forecaster.serviceOf(id) && newestBucket - firstBucket > WEEKS * week,
  );
  const replayed = known.slice(0, SERIES);
  const ranges = replayed.map(({ key, newestBucket }) => ({
    series: key,
    from: newestBucket - WEEKS * week + 1,
    to: newestBucket,
  }));
  const actuals = await readActuals(db, ranges);
  for (const { key, id, newestBucket } of replayed) {
    const values = new Map(actuals.get(key)?.map(({ bucket, value }) => [bucket, value]));
    const valueAt = (bucket: number) => values.get(bucket) ?? null;
    const trial = { from: newestBucket - WEEKS * week + 1, buckets: WEEKS * week, judged: week };
    const coverage = replay(forecaster, id, trial, valueAt);
    if (coverage < LEAST_COVERAGE) {
      throw failed(`its 99 % band held ${Math.round(100 * coverage)} % of the last week of "${id}"`);
    }
  }
  await tryEverySeries(forecaster, new Set(replayed.map(({ id }) => id)));
}

/** Tries what was not replayed: one series of each kind of service for weeks, so that the network runs, the others shortly. */
async function tryEverySeries(forecaster: Forecaster, replayed: ReadonlySet<string>): Promise<void> {
  if (forecaster.seriesIds.length === 0) throw failed('it serves no series');
  const week = createGrid(forecaster.stepMs).perWeek;
  const services = new Set([...replayed].map((id) => forecaster.serviceOf(id)?.servedBy));
  let since = performance.now();
  for (const id of forecaster.seriesIds) {
    if (replayed.has(id)) continue;
    const servedBy = forecaster.serviceOf(id)?.servedBy;
    const long = !services.has(servedBy);
    services.add(servedBy);
    // A silent bucket, one with trade, one that is missing.
    const trial = { from: 0, buckets: long ? WEEKS * week : FEW, judged: 0 };
    replay(forecaster, id, trial, (bucket) => [0, 1_000, null][bucket % 3] ?? null);
    if (performance.now() - since < YIELD_AFTER_MS) continue;
    await new Promise((resolve) => setTimeout(resolve, 0));
    since = performance.now();
  }
}

/** Longest that the trial of a large model keeps requests waiting. */
const YIELD_AFTER_MS = 40;

/** Buckets that a model is tried on. */
interface Trial {
  readonly from: number;
  readonly buckets: number;
  /** How many of the last are judged. */
  readonly judged: number;
}

/** @returns the share of the last `judged` buckets inside the 99 % band of horizon 1. */
function replay(
  forecaster: Forecaster,
  id: string,
  { from, buckets, judged }: Trial,
  valueAt: (bucket: number) => number | null,
): number {
  const { perDay } = createGrid(forecaster.stepMs);
  const state = forecaster.start(id, from);
  let inside = 0;
  let seen = 0;
  let next: Fan | undefined;
  for (let bucket = from; bucket < from + buckets; bucket++) {
    const value = valueAt(bucket);
    if (next && value !== null && bucket >= from + buckets - judged) {
      const band = bandAt(next, 0.99);
      seen++;
      if (value >= band.lower && value <= band.upper) inside++;
    }
    forecaster.observe(state, bucket, value);
    const { fans } = forecaster.forecast(state);
    const isFirstDay = bucket - from + 1 < perDay;
    // Of a series that the model knows nothing of, nothing is forecast on its first day.
    if (fans.length !== forecaster.horizons && !(isFirstDay && fans.length === 0)) {
      throw failed(`it forecasts ${fans.length} buckets of "${id}", not ${forecaster.horizons}`);
    }
    if (!fans.every(isSound)) throw failed(`a band of "${id}" is not finite or does not nest`);
    next = fans[0];
  }
  return seen === 0 ? 1 : inside / seen;
}

function failed(why: string): UserError {
  return new UserError('failed-smoke-test', `the model was not published: ${why}`);
}
