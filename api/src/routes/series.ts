import { z } from '@hono/zod-openapi';
import { SERIES_COLUMNS, type SeriesRow, seriesRow, utcText } from '@tidemark/shared/contract';
import { bucketStart, DAY_MS } from '@tidemark/shared/forecasting';
import type { AppDeps } from '../http/deps.ts';
import { formatParameter } from '../http/parameters.ts';
import { formatOf, respond, rowsAnswer } from '../http/reply.ts';
import { type App, addRoute, named } from '../http/route.ts';
import { readSeries } from '../store/actuals.ts';
import type { StoredSeries } from '../store/rows.ts';

export function addSeries(app: App, deps: AppDeps): void {
  addRoute(
    app,
    {
      method: 'get',
      path: '/v1/series',
      scope: 'read',
      summary: 'All series, how far each is known, and how far it is scored',
      query: { format: formatParameter.optional() },
      gives: {
        'application/json': z.strictObject({ rows: z.array(named(seriesRow, 'SeriesRow')), next: z.null() }),
        'text/csv': null,
      },
    },
    async (c, { query }) => {
      const revision = await deps.cycle.ensure();
      const format = formatOf(c, query.format);
      return respond(c, deps.cache, String(revision), `series ${format}`, async () => {
        const model = await deps.live();
        if (!model) return rowsAnswer(format, SERIES_COLUMNS, [], null);
        const { stepMs } = model.forecaster;
        const { timeZone } = model.artifact.metadata;
        const rows = (await readSeries(deps.db)).map((one): SeriesRow => {
          const service = model.forecaster.serviceOf(one.id);
          return {
            series: one.id,
            measure: one.measure,
            step_minutes: stepMs / 60_000,
            time_zone: timeZone,
            first_bucket: utcText(bucketStart(one.firstBucket, stepMs)),
            newest_bucket: utcText(bucketStart(one.newestBucket, stepMs)),
            newest_scored: one.origin === null ? null : utcText(bucketStart(one.origin, stepMs)),
            served_by: service?.servedBy ?? null,
            members: one.members?.join('; ') ?? null,
            served_because: service?.reason ?? null,
            outage_noticed_hours: one.outageNoticed,
            outage_noticed_hours_at_worst: one.outageNoticedAtWorst,
            promise: promiseOf(one, stepMs),
          };
        });
        return rowsAnswer(format, SERIES_COLUMNS, rows, null);
      });
    },
  );
}

/** What a series' detectors promise, in words for people; `null` before they have seen anything. */
function promiseOf(one: StoredSeries, stepMs: number): string | null {
  const { countedTo, newestBucket, outageNoticed: now, outageNoticedAtWorst: atWorst } = one;
  if (countedTo === null) return 'only money is known: judged by its band alone';
  const days = ((newestBucket - countedTo) * stepMs) / DAY_MS;
  if (days >= 1) return `counts ended ${Math.floor(days)} days before money: judged by its band alone`;
  if (now === null) return 'too few sales: a week of silence would prove nothing';
  if (atWorst === null) return `an outage would be noticed after ${now} h now; at other times it may never be`;
  if (atWorst <= now) return `an outage would be noticed after ${now} h`;
  return `an outage would be noticed after ${now} h now, ${atWorst} h at the quietest time`;
}
