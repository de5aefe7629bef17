import { z } from '@hono/zod-openapi';
import { type Health, health, nameFault, utcText } from '@tidemark/shared/contract';
import { UserError } from '@tidemark/shared/errors';
import { bucketStart, endedWarning, zoneClock } from '@tidemark/shared/forecasting';
import { nowOf } from '../clock.ts';
import type { AppDeps } from '../http/deps.ts';
import { type App, addRoute, named } from '../http/route.ts';
import { type LiveModel, liveIfReadable } from '../scoring/live-forecaster.ts';
import { findConflicts } from '../scoring/names.ts';
import { SOURCE_FAILED } from '../scoring/read-source.ts';
import { storedGrid } from '../scoring/stored-grid.ts';
import { readSeries } from '../store/actuals.ts';
import { lastCycle, readRevision } from '../store/cycles.ts';
import { readFaults } from '../store/faults.ts';
import type { StoredSeries } from '../store/rows.ts';

export function addHealth(app: App, deps: AppDeps): void {
  addRoute(
    app,
    {
      method: 'get',
      path: '/v1/health',
      scope: null,
      summary: 'How the service is: which model, how far it has scored, how the last cycle went',
      gives: { 'application/json': named(health, 'Health') },
    },
    async (c) => c.json(await healthOf(deps)),
  );
  addRoute(
    app,
    {
      method: 'get',
      path: '/v1/ready',
      scope: null,
      summary: 'Whether requests can be answered: the database answers and a model is live',
      gives: { 'application/json': z.strictObject({ ready: z.literal(true) }) },
    },
    async (c) => {
      await readRevision(deps.db);
      if (!(await deps.live())) throw new UserError('not-ready', 'not ready; no model is published yet: PUT /v1/model');
      return c.json({ ready: true });
    },
  );
}

async function healthOf(deps: AppDeps): Promise<Health> {
  const { model, fault } = await liveIfReadable(deps.live);
  const { stepMs } = await storedGrid({ db: deps.db, live: async () => model });
  const known = await readSeries(deps.db);
  const all = known.filter(({ id }) => model?.forecaster.serviceOf(id));
  const newest = all.reduce((latest, one) => Math.max(latest, one.newestBucket), Number.NEGATIVE_INFINITY);
  const now = all.length === 0 ? deps.clock.wall() : nowOf(deps.clock, stepMs, newest);
  const scored = all.map(({ origin }) => origin).filter((origin) => origin !== null);
  const oldest = scored.length > 0 ? Math.min(...scored) : null;
  const lagMs = oldest === null ? null : now - bucketStart(oldest + 1, stepMs);
  const last = await lastCycle(deps.db);
  return {
    status:
      fault !== null
        ? 'failing'
        : all.length === 0
          ? 'empty'
          : lagMs === null || lagMs > 2 * stepMs || scored.length < all.length
            ? 'behind'
            : 'ok',
    now: utcText(now),
    model_version: model?.version ?? null,
    series: all.length,
    newest_scored: oldest === null ? null : utcText(bucketStart(oldest, stepMs)),
    warnings: [
      ...(fault === null ? [] : [fault]),
      ...(model === null ? [] : warningsOf(model, now)),
      ...nameWarnings(known),
    ],
    series_faults: (await readFaults(deps.db))
      .slice(0, 100)
      .map(({ series, servedBy, reason }) => ({ series, served_by: servedBy, reason })),
    lag_minutes: lagMs === null ? null : Math.round(lagMs / 60_000),
    last_cycle: last && {
      trigger: last.trigger,
      started_at: utcText(last.startedAt),
      finished_at: last.finishedAt === null ? null : utcText(last.finishedAt),
      error: last.error?.startsWith(SOURCE_FAILED) ? 'the history source failed' : last.error && 'the cycle failed',
    },
  };
}

function warningsOf({ artifact }: LiveModel, now: number): string[] {
  const { specialDays, timeZone } = artifact.metadata;
  const ended = endedWarning(specialDays, zoneClock(timeZone).localText(now).slice(0, 10));
  return ended === null ? [] : [ended];
}

/** Of databases of earlier versions, which took such names in. */
function nameWarnings(known: readonly StoredSeries[]): string[] {
  const conflicts = findConflicts(known.map(({ id }) => id));
  const faults = known.flatMap(({ id, key }) => {
    const fault = nameFault(id);
    return fault === null ? [] : [`series ${JSON.stringify(id)} (row ${key}): ${fault}`];
  });
  return [
    ...conflicts.map(
      ({ given, other }) => `series "${given}" and "${other}" differ by case, blanks or Unicode form only`,
    ),
    ...faults,
  ].slice(0, 10);
}
