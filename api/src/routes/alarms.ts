import { z } from '@hono/zod-openapi';
import { ALARM_COLUMNS, type AlarmRow, alarmRow } from '@tidemark/shared/contract';
import { UserError } from '@tidemark/shared/errors';
import { INCIDENT_STATUSES, LABELS, type Language, SEVERITIES } from '@tidemark/shared/vocabulary';
import type { AppDeps } from '../http/deps.ts';
import { languageOf } from '../http/language.ts';
import {
  formatParameter,
  instant,
  languageParameter,
  limitParameter,
  oneOf,
  seriesParameter,
} from '../http/parameters.ts';
import { type Format, formatOf, respond, rowsAnswer } from '../http/reply.ts';
import { type App, addRoute, named } from '../http/route.ts';
import { readSeries } from '../store/actuals.ts';
import { acknowledgeIncident, findIncident, findIncidents, labelIncident } from '../store/incidents.ts';
import { alarmRows } from './alarm-rows.ts';
import { chosen } from './bands.ts';

const MAX_ROWS = 10_000;
const note = z.string().max(2_000).optional();
const alarmId = z.string().max(100).openapi({ description: 'Id of an alarm', example: '3-247101-low' });

/** What a reader of alarms may ask for. */
const alarmQuery = {
  series: seriesParameter.optional(),
  from: instant.optional(),
  to: instant.optional(),
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
    async (c, { query }) => {
      const revision = await deps.cycle.ensure();
      const format = formatOf(c, query.format);
      const language = languageOf(c, query.language, deps.settings.language);
      const { key: _key, ...asked } = query as typeof query & { key?: string };
      const question = JSON.stringify(['alarms', format, { ...asked, language }]);
      return respond(c, deps.cache, String(revision), question, () => alarmPage(deps, query, format, language));
    },
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
  const limit = query.limit ?? MAX_ROWS;
  const incidents = await findIncidents(deps.db, {
    series: query.series ? chosen(all, query.series).map(({ key }) => key) : null,
    from: query.from === undefined ? Number.MIN_SAFE_INTEGER : Math.floor(query.from / stepMs),
    to: query.to === undefined ? Number.MAX_SAFE_INTEGER : Math.ceil(query.to / stepMs) - 1,
    status: query.status ?? null,
    storm: query.storm ?? null,
    severities: SEVERITIES.slice(query.severity ? SEVERITIES.indexOf(query.severity) : 0),
    after: afterOf(query.cursor, stepMs),
    limit,
  });
  const shown = query.status ? incidents : incidents.filter((one) => one.status !== 'withdrawn' || one.label);
  const { timeZone } = model.artifact.metadata;
  const rows = await alarmRows(deps.db, shown, { stepMs, timeZone, language });
  const last = rows[rows.length - 1];
  const next = last && incidents.length === limit ? `${last.start}|${last.id}` : null;
  return rowsAnswer(format, ALARM_COLUMNS, rows, next);
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
  return (await alarmRows(deps.db, [incident], { stepMs, timeZone, language }))[0] as AlarmRow;
}

/** Where a page begins, from the cursor of the one before. */
export function afterOf(cursor: string | undefined, stepMs: number): { start: number; id: string } | null {
  if (cursor === undefined) return null;
  const [, start = '', id = ''] = /^([^|]+)\|(.+)$/.exec(cursor) ?? [];
  if (Number.isNaN(Date.parse(start))) {
    throw new UserError('invalid-cursor', `invalid cursor; not <start>|<id> of a row: ${cursor}`);
  }
  return { start: Math.floor(Date.parse(start) / stepMs), id };
}
