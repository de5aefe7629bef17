import { z } from '@hono/zod-openapi';
import {
  BAND_COLUMNS,
  type BandRow,
  bandRow,
  type IssuedFan,
  localClock,
  nameSchema,
  toBandRow,
} from '@tidemark/shared/contract';
import { decodeFan, encodeFan } from '@tidemark/shared/contract/fan-text';
import {
  type AlarmRules,
  type CalendarEntry,
  judgeBucket,
  shownVerdicts,
  type Verdict,
} from '@tidemark/shared/detection';
import type { Fan, SeriesState } from '@tidemark/shared/forecasting';
import type { AppDeps } from '../http/deps.ts';
import { rowsAnswer } from '../http/reply.ts';
import { type App, addRoute, named } from '../http/route.ts';
import type { LiveModel } from '../scoring/live-forecaster.ts';
import { readMaintenance } from '../store/maintenance.ts';
import { bucketOf } from './bucket-of.ts';
import { required } from './model.ts';

const question = z.strictObject({
  /** Its parameters are used, where the model has some, and its maintenance; nothing else of what is stored. */
  series: nameSchema,
  start: z.iso.datetime({ offset: true }),
  /** Consecutive buckets; `null` where nothing is known. */
  values: z.array(z.number().nullable()).min(1).max(20_000),
  coverage: z.number().min(0.8).max(0.999).optional(),
});

/** Twenty thousand values. */
const MAX_BODY = 1024 * 1024;

/** Stateless scoring: a series comes in, its bands and verdicts go out, nothing is kept. */
export function addScore(app: App, deps: AppDeps): void {
  addRoute(
    app,
    {
      method: 'post',
      path: '/v1/score',
      scope: 'read',
      summary: 'Scores a series that is given, and forecasts what follows it; nothing is stored',
      body: { type: 'application/json', schema: named(question, 'ScoreRequest'), maxBytes: MAX_BODY },
      gives: { 'application/json': z.strictObject({ rows: z.array(named(bandRow, 'BandRow')), next: z.null() }) },
    },
    async (c, { body }) => {
      const model = await required(deps);
      const rules = { ...deps.settings.rules, coverage: body.coverage ?? deps.settings.rules.coverage };
      const rows = scoreGiven(model, rules, await readMaintenance(deps.db), body);
      return c.body(rowsAnswer('json', BAND_COLUMNS, rows, null).body, 200, { 'content-type': 'application/json' });
    },
  );
}

function scoreGiven(
  { forecaster, artifact, version }: LiveModel,
  rules: AlarmRules,
  maintenance: readonly CalendarEntry[],
  { series, start, values }: z.output<typeof question>,
): BandRow[] {
  const { stepMs } = forecaster;
  const first = bucketOf(start, 'start', stepMs);
  const state: SeriesState = forecaster.start(series, first);
  // What is shown and judged is what is written, digit for digit, as for a series that is stored.
  const issue = (origin: number, fan: Fan): IssuedFan => {
    const text = encodeFan(fan);
    return { fan: decodeFan(text), text, origin, modelVersion: version };
  };
  const issuedFor = new Map<number, IssuedFan>();
  const verdicts: Verdict[] = [];
  values.forEach((value, index) => {
    const bucket = first + index;
    const issued = issuedFor.get(bucket);
    if (issued && value !== null) {
      verdicts.push(judgeBucket({ rules, maintenance, series, stepMs }, issued.fan, bucket, value));
    }
    forecaster.observe(state, bucket, value);
    const [next] = forecaster.forecast(state).fans;
    if (next) issuedFor.set(bucket + 1, issue(bucket, next));
  });
  const ahead = forecaster.forecast(state).fans;
  ahead.forEach((fan, index) => {
    issuedFor.set(state.origin + 1 + index, issue(state.origin, fan));
  });
  const shown = shownVerdicts(verdicts, rules);
  const terms = { series, stepMs, local: localClock(artifact.metadata.timeZone), coverage: rules.coverage };
  return Array.from({ length: values.length + ahead.length }, (_, index) => {
    const bucket = first + index;
    const actual = values[index] ?? null;
    return toBandRow(terms, {
      bucket,
      state: index >= values.length ? 'future' : actual === null ? 'missing' : actual === 0 ? 'zero' : 'observed',
      actual,
      issued: issuedFor.get(bucket) ?? null,
      judgement: shown.get(bucket) ?? null,
    });
  });
}
