import { z } from '@hono/zod-openapi';
import { type PushedActuals, type PushedSeries, pushedActuals, utcText } from '@tidemark/shared/contract';
import { UserError } from '@tidemark/shared/errors';
import { bucketStart, DAY_MS } from '@tidemark/shared/forecasting';
import type { Measure } from '@tidemark/shared/vocabulary';
import type { AppDeps } from '../http/deps.ts';
import { type App, addRoute, named } from '../http/route.ts';
import { liveIfReadable } from '../scoring/live-forecaster.ts';
import { findConflicts } from '../scoring/names.ts';
import { pushedCountsOf } from '../scoring/pushed-counts.ts';
import { claimGrid, storedGrid } from '../scoring/stored-grid.ts';
import { type IncomingSeries, readSeries, upsertActuals } from '../store/actuals.ts';
import { readSeriesParts } from '../store/counts.ts';
import { bucketOf } from './bucket-of.ts';

/** How far the clock of who pushes may be ahead. */
const MOST_AHEAD_MS = 60_000;
/** Sentences in an answer. */
const MOST_REMARKS = 50;
/** Two years of a hundred series. */
const MAX_BODY = 32 * 1024 * 1024;

const actualsTaken = z.strictObject({
  series: z.int(),
  buckets: z.int(),
  /** What was left out, and why, in words for people. */
  remarks: z.array(z.string()),
});

export function addActuals(app: App, deps: AppDeps): void {
  addRoute(
    app,
    {
      method: 'put',
      path: '/v1/actuals',
      scope: 'ingest',
      summary: 'Brings actuals in, new, late or corrected; they are scored by the next cycle or read',
      body: { type: 'application/json', schema: named(pushedActuals, 'Actuals'), maxBytes: MAX_BODY },
      gives: { 'application/json': actualsTaken },
    },
    async (c, { body }) => {
      const measureOf = await checkedMeasures(deps, body.series);
      const { stepMs } = await claimGrid(deps, await stepOf(body, deps), 'the push');
      const remarks: string[] = [];
      const incoming = body.series.map((one) => readPushed(one, measureOf(one), stepMs, remarks));
      remarks.push(...(await vanished(deps, body.series)));
      // Clocks differ; nothing is judged before the watermark has passed by ours.
      const ahead = Math.max(MOST_AHEAD_MS, deps.settings.watermarkMs);
      const latest =
        deps.clock.kind === 'wall' ? deps.clock.wall() + ahead : (await newestEnd(deps, stepMs)) + MOST_BEYOND_MS;
      for (const { id, lastComplete } of incoming) {
        const end = bucketStart(lastComplete + 1, stepMs);
        if (end > latest) {
          throw new UserError(
            'bucket-in-future',
            deps.clock.kind === 'wall'
              ? `invalid actuals of "${id}": the bucket at ${utcText(end - stepMs)} is not over; the last one may be open ("open": true)`
              : `invalid actuals of "${id}": the bucket at ${utcText(end - stepMs)} is decades after the newest that is stored; expected at most ${utcText(latest)}`,
          );
        }
      }
      await upsertActuals(deps.db, whole(incoming), deps.clock.wall());
      return c.json({
        series: incoming.length,
        buckets: body.series.reduce((sum, { values }) => sum + values.length, 0),
        remarks: remarks.slice(0, MOST_REMARKS),
      });
    },
  );
}

/** A log that ended may be followed by what came later, but not by what would be scored for centuries. */
const MOST_BEYOND_MS = 20 * 365 * DAY_MS;

/** End of the newest bucket of all that is stored; without any, no end. */
async function newestEnd({ db }: AppDeps, stepMs: number): Promise<number> {
  const all = await readSeries(db);
  if (all.length === 0) return Number.POSITIVE_INFINITY;
  return bucketStart(Math.max(...all.map(({ newestBucket }) => newestBucket)) + 1, stepMs);
}

/** Length of the pushed buckets: as the body says, else that of what is stored. */
async function stepOf({ step_minutes }: PushedActuals, deps: AppDeps): Promise<number> {
  return step_minutes === undefined ? (await storedGrid(deps)).stepMs : step_minutes * 60_000;
}

/**
 * The measure of each pushed series: what is stored, else what the push says, else a default.
 * @throws UserError `name-conflict` for a name that equals another but for case, blanks or Unicode form;
 * `measure-conflict` for a measure other than the one that is stored.
 */
async function checkedMeasures(
  deps: AppDeps,
  pushed: readonly PushedSeries[],
): Promise<(one: PushedSeries) => Measure> {
  const all = await readSeries(deps.db);
  const measures = new Map(all.map(({ id, measure }) => [id, measure]));
  // A model that cannot be read is no matter to a push that says all itself.
  const isOpen = pushed.some(({ series, measure }) => measure === undefined && !measures.has(series));
  const model = isOpen ? await deps.live() : (await liveIfReadable(deps.live)).model;
  const fallback = model?.artifact.metadata.measure ?? 'net';
  const served = new Set(model?.artifact.metadata.series.map(({ id }) => id));
  const [conflict] = findConflicts(
    pushed.map(({ series }) => series),
    all.map(({ id }) => id),
  );
  if (conflict) {
    throw new UserError(
      'name-conflict',
      `the series "${conflict.given}" has the name of "${conflict.other}" but for case, blanks or Unicode form; use that name, or one that differs in its letters`,
    );
  }
  for (const { series, measure } of pushed) {
    const stored = measures.get(series);
    if (stored !== undefined && measure !== undefined && measure !== stored) {
      throw new UserError(
        'measure-conflict',
        `the series "${series}" holds ${stored}, not ${measure}; leave measure out, or push ${measure} under another name`,
      );
    }
    if (stored === undefined && measure !== undefined && measure !== fallback && served.has(series)) {
      throw new UserError(
        'measure-conflict',
        `the live model forecasts ${fallback} of "${series}", not ${measure}; leave measure out, or push ${measure} under another name`,
      );
    }
    measures.set(series, stored ?? measure ?? fallback);
  }
  return ({ series }) => measures.get(series) ?? fallback;
}

/** A sentence for each dimension that a series was told apart by and that its push, which has counts, no longer names. */
async function vanished(deps: AppDeps, pushed: readonly PushedSeries[]): Promise<string[]> {
  const counted = pushed.filter(({ counts }) => counts !== undefined);
  if (counted.length === 0) return [];
  const keys = new Map((await readSeries(deps.db)).map(({ id, key }) => [id, key]));
  const known = await readSeriesParts(deps.db);
  return counted.flatMap(({ series, parts = [] }) => {
    const given = new Set(parts.map(({ dimension }) => dimension));
    const before = new Set((known.get(keys.get(series) ?? -1) ?? []).map(({ dimension }) => dimension));
    return [...before]
      .filter((dimension) => !given.has(dimension))
      .map(
        (dimension) =>
          `"${series}": ${dimension} is not given any more; its values are not told apart, the rest goes on`,
      );
  });
}

/** A pushed series, checked; its buckets are made when they are asked for. */
interface ReadSeries extends Omit<IncomingSeries, 'buckets'> {
  /** Its newest bucket that is over. */
  readonly lastComplete: number;
  buckets(): IncomingSeries['buckets'];
}

function readPushed(pushed: PushedSeries, measure: Measure, stepMs: number, remarks: string[]): ReadSeries {
  const { series, start, values, open = false, score_from, members } = pushed;
  const counted = pushedCountsOf(pushed, stepMs, remarks);
  const first = bucketOf(start, `start of "${series}"`, stepMs);
  return {
    id: series,
    measure,
    members: members ?? null,
    scoreFrom: score_from === undefined ? null : bucketOf(score_from, `score_from of "${series}"`, stepMs),
    lastComplete: first + values.length - (open ? 2 : 1),
    buckets: () =>
      values.map((value, index) => {
        const last = open && index === values.length - 1;
        const state = last ? 'open' : value === null ? 'missing' : value === 0 ? 'zero' : 'observed';
        return { bucket: first + index, value, state, counts: counted(index) } as const;
      }),
  };
}

/** Series with their buckets, one after the other: all of a large push at once would be ten times its text. */
function* whole(read: readonly ReadSeries[]): Generator<IncomingSeries> {
  for (const { lastComplete: _, buckets, ...one } of read) yield { ...one, buckets: buckets() };
}
