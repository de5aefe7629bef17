import { encodeModel } from '@tidemark/shared/contract/model-file';
import { DEFAULT_RULES } from '@tidemark/shared/detection';
import type { Artifact, SeriesModel } from '@tidemark/shared/forecasting';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LiveModel, liveForecaster } from '../scoring/live-forecaster.ts';
import { planCycle } from '../scoring/plan.ts';
import { scoreChunk } from '../scoring/score-chunk.ts';
import { stateMemory } from '../scoring/scorer.ts';
import { readSeries } from '../store/actuals.ts';
import { readCalendarEdition } from '../store/maintenance.ts';
import { publishModel } from '../store/models.ts';
import {
  createService,
  FIRST,
  madeUpArtifact,
  madeUpSeries,
  publishedService,
  pushOf,
  type Service,
  stoppedClock,
  WEEK,
} from '../testing/service.ts';

const NOW = 5 * WEEK;
// More series than are replayed at length.
const series = Array.from({ length: 8 }, (_, index) => madeUpSeries(`shop-${index}`, 6));
const artifact = madeUpArtifact(series, 'other');

/** The artifact with another last series. */
function withLast(change: (last: SeriesModel) => object): Artifact {
  const { metadata } = artifact;
  const last = metadata.series.at(-1) as SeriesModel;
  return {
    ...artifact,
    metadata: { ...metadata, series: [...metadata.series.slice(0, -1), { ...last, ...change(last) }] },
  } as Artifact;
}

/** Coefficients of every horizon, all the same. */
const ridgeOf = (value: number) => ({ ridge: new Float32Array(12 * 18).fill(value) });

/** Widths whose exponentials overflow: every number is finite, no band is. */
const OVERFLOWING = {
  scores: Uint16Array.from({ length: 12 * 100 }, (_, index) => 1 + (index % 100)),
  logScaleBySlot: new Float32Array(12 * 12).fill(1_000),
};

const withMetadata = (change: object) => ({ ...artifact, metadata: { ...artifact.metadata, ...change } }) as Artifact;

/** A text whose JSON is changed and whose checksum is right again. */
async function rewritten(change: (text: string) => string): Promise<string> {
  const { checksum } = await import('@tidemark/shared/contract/model-file');
  const [, head = '', json = '', weights = ''] = encodeModel(artifact).split('\n');
  const rest = `${head}\n${change(json)}\n${weights}\n`;
  return `tidemark-model v2 ${checksum(rest)}\n${rest}`;
}

describe('a model that cannot serve', () => {
  let service: Service;
  beforeAll(async () => {
    const clock = stoppedClock();
    clock.endOf(NOW - 1);
    service = await publishedService({ clock, series, until: NOW, environment: { TIDEMARK_BACKFILL_DAYS: '1' } });
  });
  afterAll(() => service.close());

  const refused: [string, () => string | Promise<string>, number, RegExp][] = [
    ['a parameter that is null', () => encodeModel(withLast(() => ({ smoothing: null }))), 400, /smoothing/],
    ['a parameter that is no number', () => encodeModel(withLast(() => ({ scale: Number.NaN }))), 400, /scale is null/],
    ['a scale beyond money', () => encodeModel(withLast(() => ({ scale: 1e300 }))), 400, /scale is 1e\+300/],
    [
      'coefficients that are not finite',
      () => encodeModel(withLast(() => ridgeOf(Number.NaN))),
      400,
      /ridge of series "shop-7"/,
    ],
    ['coefficients beyond money', () => encodeModel(withLast(() => ridgeOf(3e38))), 400, /ridge of series "shop-7"/],
    [
      'widths that overflow in a series that is not replayed at length',
      () => encodeModel(withLast(() => OVERFLOWING)),
      422,
      /a band of "shop-7" is not finite or does not nest/,
    ],
    ['too few coefficients', () => encodeModel(withLast(() => ({ ridge: new Float32Array(7) }))), 400, /7 numbers/],
    ['a kernel the other way round', () => encodeModel(reversedKernel()), 400, /weight memory.*kernel has shape/],
    ['a weight that is not finite', () => encodeModel(brokenWeight()), 400, /weight .+ is .*finite/],
    ['a measure that is none', () => encodeModel(withMetadata({ measure: 'money' })), 400, /measure is money/],
    ['a series twice', () => encodeModel(withLast(() => ({ id: 'shop-0' }))), 400, /"shop-0"/],
    ['a series twice but for case', () => encodeModel(withLast(() => ({ id: 'SHOP-0' }))), 400, /"shop-0"/],
    ['a series without a name', () => encodeModel(withLast(() => ({ id: '' }))), 400, /id is /],
    ['half a character in a name', () => encodeModel(withLast(() => ({ id: 'x\ud800' }))), 400, /surrogate/],
    ['the stored name in capitals', () => encodeModel(withMetadata({ series: named('SHOP-0') })), 409, /"shop-0" here/],
    [
      'half a character in a reason',
      () => encodeModel(withLast(() => ({ reason: 'x\ud800' }))),
      400,
      /reason is x.*whole/,
    ],
    ['a control character in a reason', () => encodeModel(withLast(() => ({ reason: 'a\u0000b' }))), 400, /no control/],
    ['an unknown server', () => encodeModel(withLast(() => ({ servedBy: 'oracle' }))), 400, /servedBy is oracle/],
    ['a zone that is none', () => encodeModel(withMetadata({ timeZone: 'Mars/Olympus' })), 400, /timeZone is Mars/],
    ['no series', () => encodeModel(withMetadata({ series: [] })), 400, /series is \[\]/],
    ['another measure than is stored', () => encodeModel(withMetadata({ measure: 'net' })), 409, /holds gross/],
    ['an empty body', () => '', 400, /does not begin with/],
    ['a text cut in the middle', () => encodeModel(artifact).slice(0, 900), 400, /damaged/],
    ['only its first line', () => 'tidemark-model v2 00000000\n', 400, /damaged|not JSON/],
    ['JSON that is null', () => rewritten(() => 'null'), 400, /model/],
    ['JSON that is a list', () => rewritten(() => '[]'), 400, /model/],
    [
      'a layer of a class that all objects have',
      () => rewritten((json) => json.replace('"class_name":"LSTM"', '"class_name":"__proto__"')),
      400,
      /__proto__/,
    ],
    [
      'an activation that all objects have',
      () => rewritten((json) => json.replace('"activation":"tanh"', '"activation":"constructor"')),
      400,
      /activation .*constructor/,
    ],
    ['no topology', () => rewritten((json) => json.replace('"modelTopology"', '"other"')), 400, /modelTopology/],
    [
      'layers that are null',
      () => rewritten((json) => json.replace(/"layers":\[\{/, '"layers":[null,{')),
      400,
      /layers/,
    ],
    [
      'an input without a shape',
      () => rewritten((json) => json.replaceAll('batch_input_shape', 'shape')),
      400,
      /batch_input_shape is absent/,
    ],
    [
      'layers that nothing feeds',
      () => rewritten((json) => json.replaceAll(/"inbound_nodes":\[\[\[.*?\]\]\]/g, '"inbound_nodes":[]')),
      400,
      /inbound_nodes is \[\]/,
    ],
    ['layers without a size', () => rewritten((json) => json.replaceAll('"units"', '"width"')), 400, /units is absent/],
    [
      'weights that are null',
      () => rewritten((json) => json.replace(/"weights":\[\{/, '"weights":[null,{')),
      400,
      /weights/,
    ],
    [
      'series that are null',
      () => rewritten((json) => json.replace(/"series":\[\{/, '"series":[null,{')),
      400,
      /series\.0/,
    ],
    [
      'days that are null',
      () =>
        rewritten((json) =>
          json.replace('"provenance"', '"specialDays":{"through":"2030-01-01","days":[null]},"provenance"'),
        ),
      400,
      /specialDays/,
    ],
  ];

  function named(id: string): readonly SeriesModel[] {
    return [{ ...(artifact.metadata.series[0] as SeriesModel), id }];
  }

  function reversedKernel(): Artifact {
    const weightEntries = artifact.weightEntries.map((entry) =>
      entry.name.endsWith('/kernel') ? { ...entry, shape: [...entry.shape].reverse() } : entry,
    );
    return { ...artifact, weightEntries };
  }

  function brokenWeight(): Artifact {
    const [first, ...rest] = artifact.weights;
    return { ...artifact, weights: [(first as Float32Array).map(() => Number.POSITIVE_INFINITY), ...rest] };
  }

  test.each(refused)(
    '%s: it is refused with a sentence, and what was live stays live',
    async (_, text, status, words) => {
      const answer = await service.send('PUT', '/v1/model', await text());
      const problem = (await answer.json()) as { detail: string };
      expect([answer.status, problem.detail]).toEqual([status, expect.stringMatching(words)]);
      expect(await (await service.get('/v1/health')).json()).toMatchObject({ model_version: 'first' });
      expect((await service.get('/v1/ready')).status).toBe(200);
    },
  );

  test('another model of a version that is published is refused, the very same one is not', async () => {
    const again = madeUpArtifact(series);
    expect((await service.send('PUT', '/v1/model', encodeModel(again))).status).toBe(200);
    const weights = again.weights.map((values) => values.map((value) => value * 2));
    const answer = await service.send('PUT', '/v1/model', encodeModel({ ...again, weights }));
    expect([answer.status, await answer.json()]).toMatchObject([409, { type: '/problems/version-conflict' }]);
  });
});

/** The live model as it is, but that bands of one series come out infinite. */
function overflowing(live: LiveModel, id: string): LiveModel {
  const { forecaster } = live;
  const forecast: typeof forecaster.forecast = (state) => {
    const found = forecaster.forecast(state);
    if (state.seriesId !== id) return found;
    return { ...found, fans: found.fans.map((fan) => ({ ...fan, median: Number.POSITIVE_INFINITY })) };
  };
  return { ...live, forecaster: { ...forecaster, forecast } };
}

test('a series whose model overflows is served by what it did a week before, named in health, and holds up no other', async () => {
  const clock = stoppedClock();
  clock.endOf(NOW - 1);
  const service = await publishedService({ clock, series, until: NOW, environment: { TIDEMARK_BACKFILL_DAYS: '1' } });
  const { db } = service;
  const live = await liveForecaster(db)();
  if (!live) throw new Error('no model');
  const context = {
    db,
    model: overflowing(live, 'shop-7'),
    rules: DEFAULT_RULES,
    calendar: [],
    calendarEdition: await readCalendarEdition(db),
    now: clock.wall(),
    cycleId: null,
    memory: stateMemory(9),
    pendingDeliveries: () => [],
  };
  const plan = planCycle(await readSeries(db), new Set(), FIRST + NOW - 1, 12);
  expect(await scoreChunk(context, plan)).toMatchObject({ series: 8, degraded: [{ id: 'shop-7' }], unscored: [] });
  expect((await service.get('/v1/bands')).status).toBe(200);
  const issued = sql`SELECT DISTINCT s.id, i.served_by FROM issue i JOIN series s ON s.key = i.series
    WHERE s.id IN ('shop-0', 'shop-7') ORDER BY 1`;
  const served = await db.all<{ id: string; served_by: string }>(issued);
  expect(served.filter(({ id }) => id === 'shop-7')).toEqual([{ id: 'shop-7', served_by: 'seasonal-naive' }]);
  expect(served.filter(({ id }) => id === 'shop-0').map(({ served_by }) => served_by)).not.toContain('seasonal-naive');
  const health = async () => (await (await service.get('/v1/health')).json()) as { series_faults: object[] };
  expect((await health()).series_faults).toMatchObject([{ series: 'shop-7', served_by: 'seasonal-naive' }]);

  clock.endOf(NOW);
  await service.send('PUT', '/v1/actuals', pushOf(series, NOW, NOW + 1));
  await service.send('POST', '/v1/refresh', '');
  expect((await health()).series_faults).toEqual([]);
  service.close();
});

test('a few amounts that are beyond belief cost a series neither its model nor its bands', async () => {
  const clock = stoppedClock();
  clock.endOf(NOW - 1);
  const service = await publishedService({ clock, series, until: NOW, environment: { TIDEMARK_BACKFILL_DAYS: '1' } });
  const [first] = pushOf(series, NOW - 3, NOW).series;
  await service.send('PUT', '/v1/actuals', { series: [{ ...first, values: [1e300, 1e300, 1e300] }] });
  expect(await (await service.send('POST', '/v1/refresh', '')).json()).toMatchObject({
    series: 8,
    degraded: [],
    unscored: [],
  });
  service.close();
});

test('amounts that add up to more than any number hold up no other series, and are judged once they are corrected', async () => {
  const clock = stoppedClock();
  clock.endOf(NOW - 1);
  const service = await publishedService({ clock, series, until: NOW, environment: { TIDEMARK_BACKFILL_DAYS: '1' } });
  await service.send('POST', '/v1/refresh', '');
  const [first] = pushOf(series, NOW - 5, NOW).series;
  clock.endOf(NOW);
  await service.send('PUT', '/v1/actuals', pushOf(series, NOW, NOW + 1));
  await service.send('PUT', '/v1/actuals', { series: [{ ...first, values: Array.from({ length: 5 }, () => 1e308) }] });
  expect(await (await service.send('POST', '/v1/refresh', '')).json()).toMatchObject({
    series: 7,
    unscored: [{ id: 'shop-0', reason: expect.stringContaining('too large to add up') }],
  });
  await service.send('PUT', '/v1/actuals', pushOf(series, NOW - 5, NOW));
  expect(await (await service.send('POST', '/v1/refresh', '')).json()).toMatchObject({ series: 1, unscored: [] });
  service.close();
});

test('a live model that cannot be read is told by health and readiness, and can be replaced', async () => {
  const clock = stoppedClock();
  const service = await createService({ clock });
  await publishModel(
    service.db,
    'broken',
    await rewritten((json) => json.replace(/"series":\[\{/, '"series":[null,{')),
    0,
  );
  expect(await (await service.get('/v1/health')).json()).toMatchObject({
    status: 'failing',
    warnings: [expect.stringMatching(/the live model "broken" cannot be served: .+PUT \/v1\/model another/)],
  });
  expect((await service.get('/v1/ready')).status).toBe(503);
  expect((await service.get('/v1/bands')).status).toBe(503);
  expect((await service.send('PUT', '/v1/model', encodeModel(madeUpArtifact(series)))).status).toBe(200);
  expect((await service.get('/v1/ready')).status).toBe(200);
  service.close();
});
