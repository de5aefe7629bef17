import { z } from '@hono/zod-openapi';
import { type AlarmColumns, alarmColumns, alarmExplanation, alarmRow } from '@tidemark/shared/contract';
import { UserError } from '@tidemark/shared/errors';
import { bucketStart } from '@tidemark/shared/forecasting';
import { UNEXPLAINED_WORDS, whyUnexplained } from '../explanation/why-unexplained.ts';
import type { AppDeps } from '../http/deps.ts';
import { languageOf } from '../http/language.ts';
import { languageParameter } from '../http/parameters.ts';
import { respond } from '../http/reply.ts';
import { type App, addRoute, named } from '../http/route.ts';
import { readSeries } from '../store/actuals.ts';
import { type ColumnAnswer, readColumnAnswers } from '../store/column-answers.ts';
import { readExplanations } from '../store/explanations.ts';
import { findIncident } from '../store/incidents.ts';
import { alarmRows } from './alarm-rows.ts';

/** `GET /v1/alarms/{id}`: one incident, and why it is one. */
export function addAlarmDetail(app: App, deps: AppDeps): void {
  addRoute(
    app,
    {
      method: 'get',
      path: '/v1/alarms/{id}',
      scope: 'read',
      summary: 'One incident and why it is one: its money by cause, to the cent, and the parts that carry it',
      params: { id: z.string().max(100).openapi({ description: 'Id of an alarm', example: '3-247101-low' }) },
      query: { language: languageParameter.optional() },
      gives: {
        'application/json': z.strictObject({
          alarm: named(alarmRow, 'AlarmRow'),
          explanation: named(alarmExplanation, 'Explanation').nullable(),
          /** Why there is no explanation, in words for people. */
          unexplained: z.string().nullable(),
          /** What the source was asked about it (`explain.columns`); null where it was not. */
          asked: named(alarmColumns, 'AlarmColumns').nullable(),
        }),
      },
    },
    async (c, { params: { id }, query }) => {
      const revision = await deps.cycle.ensure();
      const language = languageOf(c, query.language, deps.settings.language);
      const question = JSON.stringify(['alarm', id, language]);
      return respond(c, deps.cache, { state: String(revision), question }, async () => {
        const model = await deps.live();
        const incident = await findIncident(deps.db, id);
        if (!incident || !model) {
          throw new UserError('unknown-alarm', `unknown alarm: "${id}"; GET /v1/alarms lists them`);
        }
        const { timeZone } = model.artifact.metadata;
        const [alarm] = await alarmRows(deps.db, [incident], { stepMs: model.forecaster.stepMs, timeZone, language });
        const stored = (await readExplanations(deps.db, [id])).get(id);
        const explanation = stored?.explanation ?? null;
        const [own] = await readSeries(deps.db, [incident.series]);
        const why = UNEXPLAINED_WORDS[language][whyUnexplained(stored, incident, own)];
        const answer = (await readColumnAnswers(deps.db, [id])).get(id);
        const asked = answer === undefined ? null : columnsBody(answer, model.forecaster.stepMs);
        const body = { alarm, explanation, unexplained: explanation === null ? why : null, asked };
        return { body: JSON.stringify(body), contentType: 'application/json', headers: {} };
      });
    },
  );
}

function columnsBody({ until, findings, failure }: ColumnAnswer, stepMs: number): AlarmColumns {
  return {
    until: new Date(bucketStart(until + 1, stepMs)).toISOString(),
    columns: [...(findings ?? [])] as AlarmColumns['columns'],
    failure,
  };
}
