import { Buffer } from 'node:buffer';
import { bucketsPerWeek, decodeState, type SeriesState } from '@tidemark/shared';
import { readActuals } from '../store/actuals.ts';
import type { Db } from '../store/db.ts';
import type { StoredSeries } from '../store/rows.ts';
import { readSnapshots } from '../store/scoring.ts';
import type { LiveModel } from './live-forecaster.ts';

/** Weeks of actuals that a state is rebuilt from when none is stored. */
export const WARM_WEEKS = 12;

/** The states of scored series at their origins, made from the newest stored ones and the actuals since. */
export async function currentStates(db: Db, model: LiveModel, all: readonly StoredSeries[]): Promise<SeriesState[]> {
  const { forecaster } = model;
  const scored = all.filter(({ id, origin }) => origin !== null && forecaster.serviceOf(id));
  const snapshots = await readSnapshots(
    db,
    model.key,
    scored.map(({ key }) => key),
  );
  const warm = WARM_WEEKS * bucketsPerWeek(forecaster.stepMs);
  const begun = scored.map((one) => {
    const stored = snapshots.get(one.key);
    const origin = one.origin ?? 0;
    const state = stored
      ? decodeState(Buffer.from(stored.state, 'base64'))
      : forecaster.start(one.id, Math.max(one.firstBucket, origin - warm + 1));
    return { series: one.key, origin, state };
  });
  const actuals = await readActuals(
    db,
    begun.map(({ series, origin, state }) => ({ series, from: state.origin + 1, to: origin })),
  );
  for (const { series, origin, state } of begun) {
    const known = new Map(actuals.get(series)?.map((actual) => [actual.bucket, actual.value]));
    for (let bucket = state.origin + 1; bucket <= origin; bucket++) {
      const value = known.get(bucket) ?? null;
      forecaster.observe(
        state,
        value === null
          ? { bucket, value: 0, state: 'missing' }
          : { bucket, value, state: value === 0 ? 'zero' : 'observed' },
      );
    }
  }
  return begun.map(({ state }) => state);
}
