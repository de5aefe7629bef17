import { z } from '@hono/zod-openapi';
import { STORM_COLUMNS, stormRow } from '@tidemark/shared/contract';
import { INCIDENT_STATUSES, SEVERITIES } from '@tidemark/shared/vocabulary';
import type { AppDeps } from '../http/deps.ts';
import { respondRows } from '../http/list.ts';
import { formatParameter, instant, languageParameter, limitParameter, oneOf } from '../http/parameters.ts';
import { rowsAnswer } from '../http/reply.ts';
import { type App, addRoute, named } from '../http/route.ts';
import { findStorms, stormMembers } from '../store/storms.ts';
import { cursorAfter, pageAsked } from './newest-first.ts';
import { stormRows } from './storm-rows.ts';

const MAX_ROWS = 1_000;

export function addStorms(app: App, deps: AppDeps): void {
  addRoute(
    app,
    {
      method: 'get',
      path: '/v1/storms',
      scope: 'read',
      summary: 'Troubles of many clients at once, newest first; `GET /v1/alarms?storm=<id>` lists the incidents of one',
      query: {
        from: instant('Storms that end after this instant').optional(),
        to: instant('Storms that begin before this instant').optional(),
        severity: oneOf(SEVERITIES).optional().openapi({ description: 'This and worse' }),
        status: oneOf(INCIDENT_STATUSES).optional().openapi({ description: 'Without it, all but withdrawn ones' }),
        language: languageParameter.optional(),
        cursor: z.string().max(400).optional().openapi({ description: '`<start>|<id>` of the last row before' }),
        limit: limitParameter(MAX_ROWS).optional(),
        format: formatParameter.optional(),
      },
      gives: {
        'application/json': z.strictObject({
          rows: z.array(named(stormRow, 'StormRow')),
          next: z.string().nullable(),
        }),
        'text/csv': null,
      },
    },
    (c, { query }) =>
      respondRows(c, deps, { name: 'storms', query }, async (format, language) => {
        const model = await deps.live();
        if (!model) return rowsAnswer(format, STORM_COLUMNS, [], null);
        const { stepMs } = model.forecaster;
        const page = pageAsked(query, stepMs, MAX_ROWS);
        const storms = await findStorms(deps.db, {
          ...page,
          statuses: query.status ? [query.status] : INCIDENT_STATUSES.filter((status) => status !== 'withdrawn'),
        });
        const members = await stormMembers(
          deps.db,
          storms.map(({ id }) => id),
        );
        const rows = stormRows(storms, members, { stepMs, timeZone: model.artifact.metadata.timeZone, language });
        return rowsAnswer(format, STORM_COLUMNS, rows, cursorAfter(rows, page.limit));
      }),
  );
}
