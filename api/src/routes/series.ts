import { z } from '@hono/zod-openapi';
import { SERIES_COLUMNS, type SeriesRow, seriesRow, utcText } from '@tidemark/shared/contract';
import { promiseSentence } from '@tidemark/shared/detection';
import { bucketStart, DAY_MS } from '@tidemark/shared/forecasting';
import type { Language } from '@tidemark/shared/vocabulary';
import type { AppDeps } from '../http/deps.ts';
import { languageOf } from '../http/language.ts';
import { formatParameter, languageParameter } from '../http/parameters.ts';
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
      query: { language: languageParameter.optional(), format: formatParameter.optional() },
      gives: {
        'application/json': z.strictObject({ rows: z.array(named(seriesRow, 'SeriesRow')), next: z.null() }),
        'text/csv': null,
      },
    },
    async (c, { query }) => {
      const revision = await deps.cycle.ensure();
      const format = formatOf(c, query.format);
      const language = languageOf(c, query.language, deps.settings.language);
      const question = `series ${format} ${language}`;
      return respond(c, deps.cache, { state: String(revision), question }, async () => {
        const model = await deps.live();
        if (!model) return rowsAnswer(format, SERIES_COLUMNS, [], null);
        const { stepMs } = model.forecaster;
        const { timeZone } = model.artifact.metadata;
        const all = await readSeries(deps.db);
        const newest = Math.max(...all.map(({ newestBucket }) => newestBucket));
        const rows = all.map((one): SeriesRow => {
          const service = model.serviceOf(one);
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
            promise: promiseOf(one, newest, stepMs, language),
            alarm_rules: JSON.stringify(deps.settings.rules),
          };
        });
        return rowsAnswer(format, SERIES_COLUMNS, rows, null);
      });
    },
  );
}

/** What a series' detectors promise, in words for people. @param newest bucket of all series. */
function promiseOf(one: StoredSeries, newest: number, stepMs: number, language: Language): string {
  const { countedFrom, countedTo, newestBucket, outageNoticed, outageNoticedAtWorst } = one;
  const daysOf = (buckets: number) => (buckets * stepMs) / DAY_MS;
  const isCounted = countedFrom !== null && countedTo !== null;
  const facts = {
    countsOldDays: isCounted ? daysOf(newestBucket - countedTo) : null,
    countedDays: isCounted ? daysOf(countedTo + 1 - countedFrom) : 0,
    goneDays: daysOf(newest - newestBucket),
    now: outageNoticed,
    atWorst: outageNoticedAtWorst,
  };
  return promiseSentence(facts, language);
}
