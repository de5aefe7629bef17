import { z } from '@hono/zod-openapi';
import { ALARM_COLUMNS, type AlarmRow, alarmRow } from '@tidemark/shared/contract';
import { UserError } from '@tidemark/shared/errors';
import { elementAt } from '@tidemark/shared/forecasting';
import { INCIDENT_STATUSES, LABELS, type Language, SEVERITIES } from '@tidemark/shared/vocabulary';
import type { AppDeps } from '../http/deps.ts';
import { languageOf } from '../http/language.ts';
import { respondRows } from '../http/list.ts';
import {
  formatParameter,
  instant,
  languageParameter,
  limitParameter,
  oneOf,
  seriesParameter,
} from '../http/parameters.ts';
import { type Format, rowsAnswer } from '../http/reply.ts';
import { type App, addRoute, named } from '../http/route.ts';
import { readSeries } from '../store/actuals.ts';
import { acknowledgeIncident, findIncident, findIncidents, labelIncident } from '../store/incidents.ts';
import { alarmRows } from './alarm-rows.ts';
import { chosen } from './bands.ts';
import { cursorAfter, pageAsked } from './newest-first.ts';

const MAX_ROWS = 10_000;
const note = z.string().max(2_000).optional();
const alarmId = z.string().max(100).openapi({ description: 'Id of an alarm', example: '3-247101-low' });

/** What a reader of alarms may ask for. */
const alarmQuery = {
  series: seriesParameter.optional(),
  from: instant('Incidents that end after this instant').optional(),
  to: instant('Incidents that begin before this instant').optional(),
  severity: oneOf(SEVERITIES).optional().openapi({ description: 'This and worse' }),
  status: oneOf(INCIDENT_STATUSES)
    .optional()
    .openapi({ description: 'Without it, all but withdrawn ones of no label' }),
  storm: z.string().min(1).max(100).optional().openapi({ description: 'Id of a storm: the incidents in it' }),
  language: languageParameter.optional(),
  cursor: z.string().max(400).optional().openapi({ description: '`<start>|<id>` of the last row before' }),
  limit: limitParameter(MAX_ROWS).optional(),
  format: formatParameter.optional(),
};

type AlarmQuery = z.infer<z.ZodObject<typeof alarmQuery>>;

/** Adds the list of alarms, their acknowledgement and their label. */
export function addAlarms(app: App, deps: AppDeps): void {
  addList(app, deps);
  addAcknowledgement(app, deps);
  addLabel(app, deps);
}

function addList(app: App, deps: AppDeps): void {
  addRoute(
    app,
    {
      method: 'get',
      path: '/v1/alarms',
      scope: 'read',
      summary: 'Incidents, newest first: neighbouring alarming buckets with what was lost or came in excess',
      query: alarmQuery,
      gives: {
        'application/json': z.strictObject({
          rows: z.array(named(alarmRow, 'AlarmRow')),
          next: z.string().nullable(),
        }),
        'text/csv': null,
      },
    },
    (c, { query }) =>
      respondRows(c, deps, { name: 'alarms', query }, (format, language) => alarmPage(deps, query, format, language)),
  );
}

function addAcknowledgement(app: App, deps: AppDeps): void {
  addRoute(
    app,
    {
      method: 'post',
      path: '/v1/alarms/{id}/ack',
      scope: 'admin',
      summary: 'Says that somebody has seen an alarm',
      params: { id: alarmId },
      body: {
        type: 'application/json',
        schema: z.strictObject({ by: z.string().min(1).max(200).optional(), note }),
      },
      gives: { 'application/json': alarmRow },
    },
    async (c, { params, body }) => {
      const language = languageOf(c, undefined, deps.settings.language);
      await readAlarm(deps, params.id, language);
      const by = body.by ?? c.get('caller');
      await acknowledgeIncident(deps.db, params.id, { by, note: body.note ?? null, now: deps.clock.wall() });
      return c.json(await readAlarm(deps, params.id, language));
    },
  );
}

function addLabel(app: App, deps: AppDeps): void {
  addRoute(
    app,
    {
      method: 'post',
      path: '/v1/alarms/{id}/label',
      scope: 'admin',
      summary: 'Says whether an alarm was normal after all or an incident; kept for retraining',
      params: { id: alarmId },
      body: {
        type: 'application/json',
        schema: z.strictObject({
          label: oneOf(LABELS).nullable(),
          by: z.string().min(1).max(200).optional(),
          note,
        }),
      },
      gives: { 'application/json': alarmRow },
    },
    async (c, { params, body }) => {
      const language = languageOf(c, undefined, deps.settings.language);
      await readAlarm(deps, params.id, language);
      const by = body.by ?? c.get('caller');
      await labelIncident(deps.db, params.id, body.label, { by, note: body.note ?? null, now: deps.clock.wall() });
      return c.json(await readAlarm(deps, params.id, language));
    },
  );
}

/** One page of alarms, newest first, as JSON or CSV. */
async function alarmPage(deps: AppDeps, query: AlarmQuery, format: Format, language: Language) {
  const model = await deps.live();
  if (!model) return rowsAnswer(format, ALARM_COLUMNS, [], null);
  const { stepMs } = model.forecaster;
  const all = await readSeries(deps.db);
  const page = pageAsked(query, stepMs, MAX_ROWS);
  const incidents = await findIncidents(deps.db, {
    ...page,
    series: query.series ? chosen(all, query.series).map(({ key }) => key) : null,
    status: query.status ?? 'standing',
    storm: query.storm ?? null,
  });
  const { timeZone } = model.artifact.metadata;
  const rows = await alarmRows(deps.db, incidents, { stepMs, timeZone, language });
  return rowsAnswer(format, ALARM_COLUMNS, rows, cursorAfter(rows, page.limit));
}

/**
 * An alarm as it is now.
 * @throws UserError `unknown-alarm` for an id that no alarm has.
 */
async function readAlarm(deps: AppDeps, id: string, language: Language): Promise<AlarmRow> {
  const model = await deps.live();
  const incident = await findIncident(deps.db, id);
  if (!incident || !model) throw new UserError('unknown-alarm', `unknown alarm: "${id}"; GET /v1/alarms lists them`);
  const { timeZone } = model.artifact.metadata;
  const { stepMs } = model.forecaster;
  return elementAt(await alarmRows(deps.db, [incident], { stepMs, timeZone, language }), 0);
}
