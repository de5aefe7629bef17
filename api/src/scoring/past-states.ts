import { Buffer } from 'node:buffer';
import { createGrid, decodeState, type SeriesState } from '@tidemark/shared/forecasting';
import { readActuals } from '../store/actuals.ts';
import type { Db } from '../store/db.ts';
import type { StoredSeries } from '../store/rows.ts';
import { readFirstOrigins, readSnapshots } from '../store/scoring-reads.ts';
import type { LiveModel } from './live-forecaster.ts';

/** Weeks of actuals that a state is rebuilt from when none is stored. */
export const WARM_WEEKS = 12;

/**
 * The states of scored series as they stood `back` buckets before their origins. Whoever observes the actuals since
 * comes to the very fans the service issued: what is older than those actuals is all in the state.
 */
export async function pastStates(
  db: Db,
  model: LiveModel,
  all: readonly StoredSeries[],
  back: number,
): Promise<SeriesState[]> {
  const { forecaster } = model;
  const scored = all.filter((one) => one.origin !== null && model.serviceOf(one));
  const snapshots = await readSnapshots(
    db,
    model.key,
    scored.map(({ key }) => key),
    back,
  );
  const unknown = scored.filter(({ key }) => !snapshots.has(key)).map(({ key }) => key);
  const firstOrigins = await readFirstOrigins(db, model.key, unknown);
  const warm = WARM_WEEKS * createGrid(forecaster.stepMs).perWeek;
  const begun = scored.map((one) => {
    const stored = snapshots.get(one.key);
    const origin = Math.max((one.origin ?? 0) - back, one.firstBucket - 1);
    // As the cycle began it when the model was new to the series.
    const begin = (firstOrigins.get(one.key) ?? one.origin ?? 0) - warm + 1;
    const state = stored
      ? decodeState(Buffer.from(stored.state, 'base64'))
      : forecaster.start(one.id, Math.max(one.firstBucket, begin));
    return { series: one.key, origin, state };
  });
  const actuals = await readActuals(
    db,
    begun.map(({ series, origin, state }) => ({ series, from: state.origin + 1, to: origin })),
  );
  for (const { series, origin, state } of begun) {
    const known = new Map(actuals.get(series)?.map((actual) => [actual.bucket, actual]));
    for (let bucket = state.origin + 1; bucket <= origin; bucket++) {
      forecaster.observe(state, bucket, known.get(bucket)?.value ?? null);
    }
  }
  return begun.map(({ state }) => state);
}
