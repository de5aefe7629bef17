import { z } from '@hono/zod-openapi';
import { BAND_COLUMNS, bandRow, formatCursor, parseCursor } from '@tidemark/shared/contract';
import { UserError } from '@tidemark/shared/errors';
import { bucketAt, createGrid } from '@tidemark/shared/forecasting';
import { nowOf } from '../clock.ts';
import type { AppDeps } from '../http/deps.ts';
import { respondRows } from '../http/list.ts';
import {
  coverageParameter,
  cursorParameter,
  formatParameter,
  horizonParameter,
  instant,
  languageParameter,
  limitParameter,
  seriesParameter,
} from '../http/parameters.ts';
import { inTurn, rowsAnswer } from '../http/reply.ts';
import { type App, addRoute, named } from '../http/route.ts';
import { readSeries } from '../store/actuals.ts';
import type { StoredSeries } from '../store/rows.ts';
import { readBands } from './read-bands.ts';

const MAX_ROWS = 50_000;
/** Rows of a page unless asked otherwise, about 5 MB; `next` leads on. */
const DEFAULT_ROWS = 10_000;
const DEFAULT_DAYS = 28;
const QUARTER_MS = 900_000;

export function addBands(app: App, deps: AppDeps): void {
  addRoute(
    app,
    {
      method: 'get',
      path: '/v1/bands',
      scope: 'read',
      summary: 'Actuals against the bands that were issued before them, and the bands of the next 24 hours',
      query: {
        series: seriesParameter.optional(),
        from: instant('Buckets that begin at this instant or later (without it, those of four weeks)').optional(),
        to: instant('Buckets that begin before this instant').optional(),
        coverage: coverageParameter.optional(),
        horizon: horizonParameter.optional(),
        language: languageParameter.optional(),
        cursor: cursorParameter.optional(),
        limit: limitParameter(MAX_ROWS, DEFAULT_ROWS).optional(),
        format: formatParameter.optional(),
      },
      gives: {
        'application/json': z.strictObject({ rows: z.array(named(bandRow, 'BandRow')), next: z.string().nullable() }),
        'text/csv': null,
      },
    },
    (c, { query }) => {
      // Apart from what is stored, an answer depends on which bucket is open, which changes on quarter hours at most.
      const moment = () => (deps.clock.kind === 'wall' ? Math.floor(deps.clock.wall() / QUARTER_MS) : 0);
      return respondRows(c, deps, { name: 'bands', query, moment }, (format, language) =>
        inTurn(deps.building, async () => {
          const model = await deps.live();
          if (!model) return rowsAnswer(format, BAND_COLUMNS, [], null);
          const { stepMs, horizons } = model.forecaster;
          const all = await readSeries(deps.db);
          const newest = all.reduce((latest, one) => Math.max(latest, one.newestBucket), 0);
          const now = nowOf(deps.clock, stepMs, newest);
          const nowBucket = bucketAt(now, stepMs);
          if (query.horizon !== undefined && query.horizon > horizons) {
            throw new UserError(
              'invalid-horizon',
              `invalid horizon: ${query.horizon}; the model reaches 1 to ${horizons}`,
            );
          }
          const limit = query.limit ?? DEFAULT_ROWS;
          const rows = await readBands(
            deps.db,
            {
              stepMs,
              horizons,
              timeZone: model.artifact.metadata.timeZone,
              language,
              rules: deps.settings.rules,
              now,
            },
            {
              series: chosen(all, query.series),
              from:
                query.from === undefined
                  ? nowBucket - DEFAULT_DAYS * createGrid(stepMs).perDay
                  : Math.ceil(query.from / stepMs),
              to: query.to === undefined ? Number.MAX_SAFE_INTEGER : Math.ceil(query.to / stepMs) - 1,
              coverage: query.coverage ?? null,
              horizon: query.horizon ?? null,
              after: afterOf(query.cursor, stepMs),
              limit,
            },
          );
          const last = rows[rows.length - 1];
          return rowsAnswer(format, BAND_COLUMNS, rows, last && rows.length === limit ? formatCursor(last) : null);
        })(),
      );
    },
  );
}

/** @throws UserError `unknown-series` naming the first that is not there. */
export function chosen(all: readonly StoredSeries[], ids: readonly string[] | undefined): StoredSeries[] {
  if (!ids) return [...all];
  const byId = new Map(all.map((one) => [one.id, one]));
  for (const id of ids) {
    if (byId.has(id)) continue;
    const some = all.slice(0, 5).map((one) => `"${one.id}"`);
    throw new UserError(
      'unknown-series',
      `unknown series: "${id}"; known are ${some.join(', ') || 'none yet'}${all.length > 5 ? ', …' : ''}`,
    );
  }
  const wanted = new Set(ids);
  return all.filter((one) => wanted.has(one.id));
}

function afterOf(cursor: string | undefined, stepMs: number): { series: string; bucket: number } | null {
  if (cursor === undefined) return null;
  const { series, bucket_start } = parseCursor(cursor);
  return { series, bucket: bucketAt(Date.parse(bucket_start), stepMs) };
}
