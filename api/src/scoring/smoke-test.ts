import { UserError } from '@tidemark/shared/errors';
import { bandAt, createGrid, type Fan, type Forecaster } from '@tidemark/shared/forecasting';
import { readActuals, readSeries } from '../store/actuals.ts';
import type { Db } from '../store/db.ts';

/** Series tried, and the weeks of actuals each is given. */
const SERIES = 5;
const WEEKS = 4;
/** A 99 % band that holds less than this of the last week is no band. */
const LEAST_COVERAGE = 0.5;

/**
 * Tries a model before it goes live: on the last weeks of a few stored series (or on zeros, when none is stored yet) it
 * must forecast finite, nested fans for every horizon, and its 99 % band must hold most of the last week.
 * @throws UserError `failed-smoke-test` saying what was wrong.
 */
export async function smokeTest(db: Db, forecaster: Forecaster, live: Forecaster | null): Promise<void> {
  if (live && live.stepMs !== forecaster.stepMs) {
    throw failed(`its buckets are ${forecaster.stepMs / 60_000} minutes long; those stored ${live.stepMs / 60_000}`);
  }
  const week = createGrid(forecaster.stepMs).perWeek;
  const known = (await readSeries(db)).filter(
    ({ id, firstBucket, newestBucket }) => forecaster.serviceOf(id) && newestBucket - firstBucket > WEEKS * week,
  );
  const ranges = known
    .slice(0, SERIES)
    .map(({ key, newestBucket }) => ({ series: key, from: newestBucket - WEEKS * week + 1, to: newestBucket }));
  const actuals = await readActuals(db, ranges);
  for (const { key, id, newestBucket } of known.slice(0, SERIES)) {
    const values = new Map(actuals.get(key)?.map(({ bucket, value }) => [bucket, value]));
    const coverage = replay(
      forecaster,
      id,
      newestBucket - WEEKS * week + 1,
      WEEKS * week,
      (bucket) => values.get(bucket) ?? null,
      week,
    );
    if (coverage < LEAST_COVERAGE) {
      throw failed(`its 99 % band held ${Math.round(100 * coverage)} % of the last week of "${id}"`);
    }
  }
  const first = forecaster.seriesIds[0];
  if (first === undefined) throw failed('it serves no series');
  if (known.length === 0) replay(forecaster, first, 0, week, () => 0, 0);
}

/** @returns the share of the last `judged` buckets inside the 99 % band of horizon 1. */
function replay(
  forecaster: Forecaster,
  id: string,
  from: number,
  buckets: number,
  valueAt: (bucket: number) => number | null,
  judged: number,
): number {
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
    forecaster.observe(
      state,
      value === null
        ? { bucket, value: 0, state: 'missing' }
        : { bucket, value, state: value === 0 ? 'zero' : 'observed' },
    );
    const { fans, servedBy } = forecaster.forecast(state);
    const complete = fans.length === forecaster.horizons || (servedBy === 'cold-start' && fans.length === 0);
    if (!complete || !fans.every(isSound)) {
      throw failed(`a band of "${id}" is not finite or does not nest`);
    }
    next = fans[0];
  }
  return seen === 0 ? 1 : inside / seen;
}

function isSound({ median, lower, upper }: Fan): boolean {
  const rising = [...[...lower].reverse(), median, ...upper];
  return rising.every(
    (limit, index) => Number.isFinite(limit) && limit >= (rising[index - 1] ?? Number.NEGATIVE_INFINITY),
  );
}

function failed(why: string): UserError {
  return new UserError('failed-smoke-test', `the model was not published: ${why}`);
}
