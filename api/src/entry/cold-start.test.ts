import type { BandRow, SeriesRow } from '@tidemark/shared/contract';
import { encodeModel } from '@tidemark/shared/contract/model-file';
import { type Artifact, type ColdStart, commonParameters } from '@tidemark/shared/forecasting';
import { afterEach, describe, expect, test } from 'vitest';
import {
  createService,
  madeUpArtifact,
  madeUpSeries,
  pushOf,
  type Service,
  stoppedClock,
  WEEK,
} from '../testing/service.ts';

const shop = madeUpSeries('shop', 16);
const stranger = madeUpSeries('stranger', 16);
const NOW = 15 * WEEK;
let service: Service;
afterEach(() => service.close());

function withColdStart(artifact: Artifact): Artifact {
  const common = commonParameters(artifact.metadata.series) as Pick<ColdStart, 'smoothing' | 'ridge' | 'effects'>;
  const coldStart = { ...common, scores: new Uint16Array(0), tradeSizes: { mean: 6, deviation: 1 } };
  return { ...artifact, metadata: { ...artifact.metadata, coldStart } };
}

/** A service whose model was trained on the shop alone, and is told of a stranger that opened some weeks ago. */
async function serve(artifact: Artifact, weeks: number): Promise<string> {
  const clock = stoppedClock();
  clock.endOf(NOW - 1);
  service = await createService({ clock });
  expect((await service.send('PUT', '/v1/model', encodeModel(artifact))).status).toBe(200);
  const opened = pushOf([stranger], NOW - weeks * WEEK, NOW).series;
  const pushed = {
    series: [...pushOf([shop], 0, NOW).series, ...opened.map((one) => ({ ...one, score_from: one.start }))],
  };
  expect((await service.send('PUT', '/v1/actuals', pushed)).status).toBe(200);
  return `/v1/bands?series=stranger&limit=5000&from=${opened[0]?.start}`;
}

test('a model that serves a merchant of rare sales goes live, and gives it bands', async () => {
  const daily = madeUpSeries('kiosk', 16);
  const kiosk = { ...daily, values: daily.values.map((value, index) => (index % 61 === 0 ? value : 0)) };
  const artifact = madeUpArtifact([shop, kiosk]);
  expect(artifact.metadata.series.map(({ servedBy }) => servedBy)).toEqual(['base', 'hurdle']);
  const clock = stoppedClock();
  clock.endOf(NOW - 1);
  service = await createService({ clock });
  expect((await service.send('PUT', '/v1/model', encodeModel(artifact))).status).toBe(200);
  await service.send('PUT', '/v1/actuals', pushOf([shop, kiosk], 0, NOW));
  const bands = await service.rows<BandRow>('/v1/bands?series=kiosk&limit=100');
  expect(bands.filter(({ lower, upper }) => lower !== null && upper !== null).length).toBeGreaterThan(50);
});

describe('a series that the live model does not know', () => {
  test('gets bands from its second day on, and the reason why it is served so', async () => {
    const all = await serve(withColdStart(madeUpArtifact([shop])), 6);
    const bands = (await service.rows<BandRow>(all)).filter(({ actual }) => actual !== null);
    const first = bands.findIndex(({ lower }) => lower !== null);
    expect(first).toBe(12);
    const judged = bands.slice(first);
    expect(judged.every(({ lower, upper }) => lower !== null && upper !== null)).toBe(true);
    expect(judged.filter(({ score }) => score === 0).length / judged.length).toBeGreaterThan(0.95);
    const rows = await service.rows<SeriesRow>('/v1/series');
    expect(rows.find(({ series }) => series === 'stranger')).toMatchObject({ served_by: 'cold-start' });
    expect(rows.find(({ series }) => series === 'stranger')?.served_because).toMatch(/unknown when .* second day/);
    expect(await (await service.get('/v1/health')).json()).toMatchObject({ status: 'ok', series: 2 });
    const model = (await (await service.get('/v1/model')).json()) as { served: object[]; cold_start: boolean };
    expect(model.cold_start).toBe(true);
    expect(model.served).toEqual([{ series: 'shop', served_by: 'base', served_because: 'not trained yet' }]);
  });

  test('waits without bands for a day, and is served by its own trades in its first weeks', async () => {
    const all = await serve(withColdStart(madeUpArtifact([shop])), 1);
    const bands = (await service.rows<BandRow>(all)).filter(({ actual }) => actual !== null);
    expect(bands).toHaveLength(WEEK);
    expect(bands.findIndex(({ lower }) => lower !== null)).toBe(12);
  });

  test('is scored when it is given, too', async () => {
    await serve(withColdStart(madeUpArtifact([shop])), 1);
    const [given] = pushOf([stranger], 0, 5 * WEEK).series;
    const response = await service.send('POST', '/v1/score', {
      series: 'never heard of',
      start: given?.start,
      values: given?.values,
    });
    const { rows } = (await response.json()) as { rows: BandRow[] };
    expect(rows).toHaveLength(5 * WEEK + 12);
    expect(rows.at(-1)).toMatchObject({ state: 'future', horizon: 12 });
    expect(rows[11]?.lower).toBeNull();
    expect(rows[12]?.lower).not.toBeNull();
  });

  test('is not served by a model without a cold start, and says so', async () => {
    await serve(madeUpArtifact([shop]), 6);
    const rows = await service.rows<SeriesRow>('/v1/series');
    expect(rows.find(({ series }) => series === 'stranger')).toMatchObject({ served_by: null, newest_scored: null });
    const response = await service.send('POST', '/v1/score', {
      series: 'x',
      start: '2025-01-06T00:00:00Z',
      values: [1],
    });
    expect(response.status).toBe(404);
  });
});
