import { encodeModel } from '@tidemark/shared/contract/model-file';
import { commonParameters, type Series } from '@tidemark/shared/forecasting';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { publishModel } from '../store/models.ts';
import {
  createService,
  madeUpArtifact,
  madeUpSeries,
  pushOf,
  type Service,
  STEP_MS,
  stoppedClock,
  WEEK,
} from '../testing/service.ts';

const shop = madeUpSeries('shop', 6);
const net: Series = { ...shop, measure: 'net' };
const hourly: Series = {
  ...shop,
  stepMs: STEP_MS / 2,
  firstBucket: 2 * shop.firstBucket,
  values: Float64Array.from({ length: 2 * shop.values.length }, (_, k) => (shop.values[k >> 1] as number) / 2),
  states: Array.from({ length: 2 * shop.values.length }, () => 'observed' as const),
};
const hours = { ...pushOf([hourly], 0, 2 * 6 * WEEK), step_minutes: 60 };

let service: Service;
beforeEach(async () => {
  const clock = stoppedClock();
  clock.endOf(6 * WEEK - 1);
  service = await createService({ clock });
});
afterEach(() => service.close());

const send = async (method: string, path: string, body: unknown) => {
  const response = await service.send(method, path, body);
  const { type, detail, model_version } = (await response.json()) as Record<string, string>;
  return [response.status, type?.replace('/problems/', '') ?? model_version, detail ?? ''];
};
const publish = (series: Series, version: string) =>
  send('PUT', '/v1/model', encodeModel(madeUpArtifact([series], version)));
const push = (body: unknown) => send('PUT', '/v1/actuals', body);
const rollback = () => send('POST', '/v1/model/rollback', '');

describe('buckets of another length', () => {
  test('are not taken in under a live model of other ones; its successor may have them while nothing is stored', async () => {
    expect(await publish(shop, 'two')).toEqual([200, 'two', '']);
    const refused = /buckets of 60 minutes, but the live model is of 120 minutes;.+or publish a model of 60 minutes/;
    expect(await push(hours)).toEqual([409, 'other-step', expect.stringMatching(refused)]);
    expect(await publish(hourly, 'one')).toEqual([200, 'one', '']);
    expect((await push(hours))[0]).toBe(200);
    const told = /the model "two" has buckets of 120 minutes, but those stored are of 60 minutes/;
    expect(await rollback()).toEqual([409, 'other-step', expect.stringMatching(told)]);
    expect(await publish(shop, 'again')).toEqual([
      409,
      'other-step',
      expect.stringContaining('those stored are of 60'),
    ]);
    expect(await (await service.get('/v1/model')).json()).toMatchObject({ model_version: 'one', step_minutes: 60 });
  });

  test('may be gone back to while nothing is stored', async () => {
    await publish(shop, 'two');
    await publish(hourly, 'one');
    expect(await rollback()).toEqual([200, 'two', '']);
    expect((await push(hours))[0]).toBe(409);
    expect((await push(pushOf([shop], 0, WEEK)))[0]).toBe(200);
  });
});

describe('another measure', () => {
  test('is neither gone back to nor pushed under a name of the live model', async () => {
    await publish(shop, 'gross');
    await publish(net, 'net');
    const told = 'the live model forecasts net of "shop", not gross';
    expect(await push(pushOf([shop], 0, WEEK))).toEqual([409, 'measure-conflict', expect.stringContaining(told)]);
    expect((await push(pushOf([net], 0, WEEK)))[0]).toBe(200);
    expect(await rollback()).toEqual([409, 'measure-conflict', expect.stringContaining('"shop" holds net')]);
    expect(await (await service.get('/v1/model')).json()).toMatchObject({ model_version: 'net' });
  });

  test('of a series that the model does not name is not served on cold start, and health says so', async () => {
    const artifact = madeUpArtifact([shop]);
    const common = commonParameters(artifact.metadata.series);
    const coldStart = { ...common, scores: new Uint16Array(0), tradeSizes: { mean: 6, deviation: 1 } } as const;
    const model = { ...artifact, metadata: { ...artifact.metadata, coldStart } } as typeof artifact;
    expect((await service.send('PUT', '/v1/model', encodeModel(model))).status).toBe(200);
    const returned: Series = { ...madeUpSeries('returned', 6), measure: 'refunds' };
    expect((await push(pushOf([shop, returned, madeUpSeries('new', 6)], 0, 6 * WEEK)))[0]).toBe(200);
    const rows = await service.rows<{ series: string; served_by: string | null; newest_scored: string | null }>(
      '/v1/series',
    );
    expect(rows.filter((row) => row.served_by === null || row.newest_scored === null)).toMatchObject([
      { series: 'returned', served_by: null, newest_scored: null },
    ]);
    const { incidents } = (await (await service.get('/v1/health')).json()) as { incidents: { kind: string }[] };
    expect(incidents).toMatchObject([{ kind: 'series-unserved', subject: 'returned' }]);
  });
});

test('an incident of a series that the next model leaves out ends after four weeks, and goes on where a rollback brings it back', async () => {
  const clock = stoppedClock();
  const long = madeUpSeries('shop', 12);
  const fallen: Series = { ...long, values: long.values.map((value, k) => (k >= 6 * WEEK - 6 ? 0 : value)) };
  const bank = madeUpSeries('bank', 12);
  service.close();
  service = await createService({ clock, environment: { TIDEMARK_BACKFILL_DAYS: '2' } });
  const incidentAt = async (weeks: number, from: number) => {
    clock.endOf(weeks * WEEK - 1);
    expect((await push(pushOf([fallen, bank], from * WEEK, weeks * WEEK)))[0]).toBe(200);
    const rows = await service.rows<Record<'series' | 'status' | 'severity' | 'buckets', unknown>>('/v1/alarms');
    return rows.find(({ series, severity }) => series === 'shop' && severity === 'critical');
  };
  await service.send('PUT', '/v1/model', encodeModel(madeUpArtifact([long, bank], 'both')));
  const begun = await incidentAt(6, 0);
  expect(begun).toMatchObject({ status: 'open' });
  await publish(bank, 'bank');
  expect(await incidentAt(9, 6)).toEqual(begun);
  expect(await incidentAt(11, 9)).toEqual({ ...begun, status: 'closed' });
  expect((await rollback())[0]).toBe(200);
  expect(Number((await incidentAt(12, 11))?.buckets)).toBeGreaterThan(Number(begun?.buckets));
});

test('actuals are taken in while the live model cannot be read; what is not said of a new series is asked for', async () => {
  await publish(shop, 'first');
  await push(pushOf([shop], 0, WEEK));
  await publishModel(service.db, 'unreadable', 'tidemark-model v1 00000000\n{}\n', 0);
  expect((await push(pushOf([shop], WEEK, 2 * WEEK)))[0]).toBe(200);
  const [one] = pushOf([madeUpSeries('new', 6)], 0, WEEK).series;
  expect((await push({ series: [{ ...one, measure: undefined }] }))[2]).toContain('the live model "unreadable"');
  expect((await rollback())[0]).toBe(200);
});
