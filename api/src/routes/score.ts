import { z } from '@hono/zod-openapi';
import { BAND_COLUMNS, type BandRow, bandRow, localClock, nameSchema, utcText } from '@tidemark/shared/contract';
import { decodeFan, encodeFan, wireNumber } from '@tidemark/shared/contract/fan-text';
import { judge } from '@tidemark/shared/detection';
import { UserError } from '@tidemark/shared/errors';
import { bandAt, bucketAt, bucketStart, type Fan, type SeriesState } from '@tidemark/shared/forecasting';
import type { AppDeps } from '../http/deps.ts';
import { rowsAnswer } from '../http/reply.ts';
import { type App, addRoute, named } from '../http/route.ts';
import type { LiveModel } from '../scoring/live-forecaster.ts';
import { required } from './model.ts';

const question = z.strictObject({
  /** Its parameters are used, where the model has some, and nothing of what is stored. */
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
      const rows = scoreGiven(model, rules, body);
      return c.body(rowsAnswer('json', BAND_COLUMNS, rows, null).body, 200, { 'content-type': 'application/json' });
    },
  );
}

function scoreGiven(
  { forecaster, artifact, version }: LiveModel,
  rules: AppDeps['settings']['rules'],
  { series, start, values }: z.output<typeof question>,
): BandRow[] {
  const { stepMs } = forecaster;
  if (Date.parse(start) % stepMs !== 0) {
    throw new UserError(
      'off-boundary',
      `invalid start: ${start}; not the start of a bucket of ${stepMs / 60_000} minutes`,
    );
  }
  const first = bucketAt(Date.parse(start), stepMs);
  const local = localClock(artifact.metadata.timeZone);
  const state: SeriesState = forecaster.start(series, first);
  const row = (bucket: number, actual: number | null, fan: Fan | null, past: boolean): BandRow => {
    const at = bucketStart(bucket, stepMs);
    const band = fan && bandAt(fan, rules.coverage);
    const verdict = fan && actual !== null ? judge(fan, bucket, actual, rules) : null;
    return {
      series,
      bucket_start: utcText(at),
      bucket_start_local: local(at),
      state: past ? (actual === null ? 'missing' : actual === 0 ? 'zero' : 'observed') : 'future',
      actual,
      forecast: fan ? fan.median : null,
      lower: band && wireNumber(band.lower),
      upper: band && wireNumber(band.upper),
      coverage: band ? band.coverage : null,
      horizon: fan ? bucket - Math.min(state.origin, bucket - 1) : null,
      origin: fan ? utcText(bucketStart(Math.min(state.origin, bucket - 1), stepMs)) : null,
      model_version: fan && version,
      direction: verdict?.direction ?? null,
      score: verdict && wireNumber(verdict.score),
      severity: verdict?.severity ?? null,
      fan: fan && encodeFan(fan),
    };
  };
  let issued: Fan | null = null;
  const rows = values.map((value, index) => {
    const bucket = first + index;
    const scored = row(bucket, value, issued, true);
    forecaster.observe(state, bucket, value);
    const fan = forecaster.forecast(state).fans[0];
    issued = fan ? decodeFan(encodeFan(fan)) : null;
    return scored;
  });
  const coming = forecaster.forecast(state).fans.map((fan) => decodeFan(encodeFan(fan)));
  return [...rows, ...coming.map((fan, index) => row(state.origin + 1 + index, null, fan, false))];
}
