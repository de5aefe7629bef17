import { z } from '@hono/zod-openapi';
import { type Health, health, utcText } from '@tidemark/shared/contract';
import { UserError } from '@tidemark/shared/errors';
import { bucketStart } from '@tidemark/shared/forecasting';
import type { Language } from '@tidemark/shared/vocabulary';
import pTimeout from 'p-timeout';
import { nowOf } from '../clock.ts';
import type { AppDeps } from '../http/deps.ts';
import { languageOf } from '../http/language.ts';
import { type App, addRoute, named } from '../http/route.ts';
import { type Finding, findServiceIncidents } from '../monitor/findings.ts';
import { serviceRow } from '../monitor/service-rows.ts';
import type { ServiceState } from '../monitor/state.ts';
import { SOURCE_FAILED } from '../scoring/read-source.ts';
import type { StoredCycle } from '../store/cycles.ts';
import { readRevision } from '../store/cycles.ts';
import { openServiceIncidents, type ServiceIncident } from '../store/service-incidents.ts';

export function addHealth(app: App, deps: AppDeps): void {
  addRoute(
    app,
    {
      method: 'get',
      path: '/v1/health',
      scope: null,
      summary: 'How the service is: what is wrong and what to do, which model, how far it has scored, the last cycle',
      gives: { 'application/json': named(health, 'Health') },
    },
    async (c) => c.json(await healthOf(deps, languageOf(c, undefined, deps.settings.language))),
  );
  addRoute(
    app,
    {
      method: 'get',
      path: '/v1/ready',
      scope: null,
      summary:
        'Whether reads can be answered: the database can be read and a model is live; whether it takes writes, health says',
      gives: { 'application/json': z.strictObject({ ready: z.literal(true) }) },
    },
    async (c) => {
      await soon(readRevision(deps.db));
      if (!(await deps.live())) throw new UserError('not-ready', 'not ready; no model is published yet: PUT /v1/model');
      return c.json({ ready: true });
    },
  );
}

async function healthOf(deps: AppDeps, language: Language): Promise<Health> {
  let state: ServiceState;
  let stored: ServiceIncident[];
  try {
    // The smallest question shows whether it answers at all; those that follow may take longer where there are many series.
    await soon(readRevision(deps.db));
    state = await deps.state();
    stored = await openServiceIncidents(deps.db);
  } catch (error) {
    deps.log('error', 'database-failing', { error: String(error).slice(0, 500) });
    return withoutDatabase(deps, language);
  }
  return { ...healthFrom(state, stored, language), engine: deps.db.engine };
}

function healthFrom(
  state: ServiceState,
  stored: readonly ServiceIncident[],
  language: Language,
): Omit<Health, 'engine'> {
  const { model, modelFault, grid, series: known } = state;
  const { stepMs } = grid;
  const findings = findServiceIncidents(state);
  const all = known.filter((one) => model?.serviceOf(one));
  const newest = all.reduce((latest, one) => Math.max(latest, one.newestBucket), Number.NEGATIVE_INFINITY);
  const now = all.length === 0 ? state.now : nowOf({ kind: state.clock, wall: () => state.now }, stepMs, newest);
  const scored = all.map(({ origin }) => origin).filter((origin) => origin !== null);
  const oldest = scored.length > 0 ? Math.min(...scored) : null;
  const lagMs = oldest === null ? null : now - bucketStart(oldest + 1, stepMs);
  const timeZone = model?.artifact.metadata.timeZone ?? 'UTC';
  const isBehind = lagMs === null || lagMs > 2 * stepMs || scored.length < all.length;
  return {
    status: isFailing(findings) ? 'failing' : all.length === 0 ? 'empty' : isBehind ? 'behind' : 'ok',
    now: utcText(now),
    model_version: model?.version ?? null,
    series: all.length,
    newest_scored: oldest === null ? null : utcText(bucketStart(oldest, stepMs)),
    incidents: rowsOf(findings, stored, { timeZone, language }),
    warnings: [
      ...(modelFault === null ? [] : [modelFault]),
      ...(state.calendarWarning === null ? [] : [state.calendarWarning]),
      ...state.nameFaults,
    ],
    series_faults: state.seriesFaults
      .slice(0, 100)
      .map(({ series, servedBy, reason }) => ({ series, served_by: servedBy, reason })),
    lag_minutes: lagMs === null ? null : Math.round(lagMs / 60_000),
    last_cycle: state.lastCycle && cycleRow(state.lastCycle),
  };
}

/** Findings of this moment, with the ids and times of the incidents that the last check stored. */
function rowsOf(
  findings: readonly Finding[],
  stored: readonly ServiceIncident[],
  style: Parameters<typeof serviceRow>[1],
): Health['incidents'] {
  return findings.map((finding) => {
    const known = stored.find(({ kind, subject }) => kind === finding.kind && subject === finding.subject);
    return serviceRow({ ...finding, id: known?.id ?? null, openedAt: known?.openedAt ?? null, closedAt: null }, style);
  });
}

function isFailing(findings: readonly Finding[]): boolean {
  return findings.some(
    ({ kind }) => kind === 'model-unreadable' || kind === 'database-failing' || kind === 'database-full',
  );
}

function cycleRow({ trigger, startedAt, finishedAt, error }: StoredCycle): Health['last_cycle'] {
  return {
    trigger,
    started_at: utcText(startedAt),
    finished_at: finishedAt === null ? null : utcText(finishedAt),
    error: error?.startsWith(SOURCE_FAILED) ? 'the history source failed' : error && 'the cycle failed',
  };
}

/** Load balancers and container engines take a process that says nothing for five seconds for dead. */
const PATIENCE_MS = 3_000;
const SLICE_MS = 250;

/**
 * What the database answers, if it does so soon. It is waited for in slices: after one in which this process was busy
 * itself, what has come meanwhile counts.
 * @throws UserError `database-unreachable`.
 */
async function soon<T>(answer: Promise<T>): Promise<T> {
  const late = Symbol();
  for (let waited = 0; waited < PATIENCE_MS; waited += SLICE_MS) {
    const first = await pTimeout<T, symbol>(answer, { milliseconds: SLICE_MS, fallback: () => late });
    if (first !== late) return first as T;
  }
  throw new UserError(
    'database-unreachable',
    'the database has not answered within three seconds; try again in a minute',
  );
}

/** What can be said where the database does not answer. */
function withoutDatabase({ clock, db }: AppDeps, language: Language): Health {
  const finding = {
    kind: 'database-failing',
    subject: '',
    severity: 'critical',
    facts: {},
    id: null,
    openedAt: null,
    closedAt: null,
  } as const;
  return {
    status: 'failing',
    now: utcText(clock.wall()),
    model_version: null,
    series: 0,
    newest_scored: null,
    engine: db.engine,
    incidents: [serviceRow(finding, { timeZone: 'UTC', language })],
    warnings: [],
    series_faults: [],
    lag_minutes: null,
    last_cycle: null,
  };
}
