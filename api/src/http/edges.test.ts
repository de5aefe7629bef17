import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createService,
  madeUpSeries,
  publishedService,
  pushOf,
  type Service,
  stoppedClock,
  WEEK,
} from '../testing/service.ts';

const NOW = 3 * WEEK;
const series = [madeUpSeries('shop', 4), madeUpSeries('=1+1', 4)];

let service: Service;
beforeAll(async () => {
  const clock = stoppedClock();
  clock.endOf(NOW - 1);
  service = await publishedService({ clock, series, until: NOW, environment: { TIDEMARK_BACKFILL_DAYS: '1' } });
});
afterAll(() => service.close());

const problemOf = async (answer: Response) => ({
  status: answer.status,
  contentType: answer.headers.get('content-type'),
  ...((await answer.json()) as { detail: string }),
});

describe('methods', () => {
  test.each([
    ['DELETE', '/v1/bands', 'GET, HEAD, OPTIONS'],
    ['POST', '/v1/actuals', 'OPTIONS, PUT'],
    ['GET', '/v1/refresh', 'OPTIONS, POST'],
    ['PATCH', '/v1/maintenance', 'DELETE, GET, HEAD, OPTIONS, PUT'],
    ['GET', '/v1/alarms/3-1-low/ack', 'OPTIONS, POST'],
    ['PUT', '/', 'GET, HEAD, OPTIONS'],
  ])('%s %s is refused with what may be asked', async (method, path, allowed) => {
    const answer = await service.app.request(path, { method });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allowed]);
    expect((await problemOf(answer)).detail).toContain(`expected ${allowed}`);
    const options = await service.app.request(path, { method: 'OPTIONS' });
    expect([options.status, options.headers.get('allow')]).toEqual([204, allowed]);
  });

  test('where nothing is, nothing may be asked', async () => {
    for (const method of ['GET', 'OPTIONS', 'PATCH']) {
      expect((await service.app.request('/v1/nowhere', { method })).status).toBe(404);
    }
  });
});

describe('bodies', () => {
  test.each([
    ['PUT', '/v1/actuals'],
    ['PUT', '/v1/maintenance'],
    ['PUT', '/v1/model'],
    ['POST', '/v1/score'],
    ['POST', '/v1/alarms/3-1-low/ack'],
    ['POST', '/v1/alarms/3-1-low/label'],
  ])('%s %s without a body is a mistake of the caller, told in a sentence', async (method, path) => {
    for (const headers of [{}, { 'content-type': 'application/json' }, { 'content-type': 'text/plain' }]) {
      const problem = await problemOf(await service.app.request(path, { method, headers }));
      expect([problem.status, problem.contentType]).toEqual([400, 'application/problem+json']);
      expect(problem.detail).not.toBe('');
    }
  });

  test('a body that is no UTF-8 is refused: its names would be read as others', async () => {
    const [push] = pushOf(series, NOW - 1, NOW).series;
    const [before = '', after = ''] = JSON.stringify({ series: [{ ...push, series: '|' }] }).split('|');
    for (const bytes of [[0xed, 0xa0, 0x80], [0xff], [0xc0, 0xaf], [0xe9]]) {
      const body = Buffer.concat([Buffer.from(`${before}q`), Buffer.from(bytes), Buffer.from(after)]);
      const headers = { 'content-type': 'application/json' };
      const problem = await problemOf(await service.app.request('/v1/actuals', { method: 'PUT', headers, body }));
      expect(problem).toMatchObject({ status: 400, detail: expect.stringContaining('not UTF-8') });
    }
  });

  test('a body that is nested by tens of thousands is a mistake of the caller', async () => {
    const deep = '['.repeat(50_000) + ']'.repeat(50_000);
    for (const body of [deep, `{"series":${deep}}`, `{"series":[{"series":${deep}}]}`]) {
      const headers = { 'content-type': 'application/json' };
      expect((await service.app.request('/v1/actuals', { method: 'PUT', headers, body })).status).toBe(400);
    }
  });

  test('a bucket of a later millennium does not follow a log that ended', async () => {
    const ended = await publishedService({ clock: { ...stoppedClock(), kind: 'newest' }, series, until: NOW });
    const [push] = pushOf(series, NOW - 1, NOW).series;
    const answer = await ended.send('PUT', '/v1/actuals', { series: [{ ...push, start: '9999-12-31T20:00:00Z' }] });
    expect(await problemOf(answer)).toMatchObject({ status: 400, detail: expect.stringContaining('decades after') });
    ended.close();
  });

  test.each(['1969-12-31T22:00:00Z', '1900-01-01T00:00:00Z', '0000-01-01T00:00:00Z'])(
    'a bucket at %s, before there were payments to count, is refused',
    async (start) => {
      const [push] = pushOf(series, NOW - 1, NOW).series;
      for (const [method, path, body] of [
        ['PUT', '/v1/actuals', { series: [{ ...push, start }] }],
        ['PUT', '/v1/actuals', { series: [{ ...push, score_from: start }] }],
        ['POST', '/v1/score', { series: 'shop', start, values: [1] }],
      ] as const) {
        const problem = await problemOf(await service.send(method, path, body));
        expect(problem).toMatchObject({ status: 400, detail: expect.stringContaining('expected 1970 or later') });
      }
    },
  );

  test('times in bodies may carry an offset, as in queries', async () => {
    const [push] = pushOf(series, NOW - 1, NOW).series;
    const start = `${new Date(Date.parse(push?.start ?? '') - 5 * 3_600_000).toISOString().slice(0, 19)}-05:00`;
    expect((await service.send('PUT', '/v1/actuals', { series: [{ ...push, start }] })).status).toBe(200);
    const entry = { id: 'x', from: '2025-01-01T00:00:00-05:00', to: '2025-01-01T05:00:01Z', effect: 'mute' };
    expect(await (await service.send('PUT', '/v1/maintenance', entry)).json()).toMatchObject({
      from: '2025-01-01T05:00:00Z',
      to: '2025-01-01T05:00:01Z',
    });
  });

  test('a push without a measure keeps what is stored; another measure is refused', async () => {
    const [push] = pushOf(series, NOW - 1, NOW).series;
    const { measure: _, ...without } = push as NonNullable<typeof push>;
    const measureOf = async () =>
      (await service.rows<{ series: string; measure: string }>('/v1/series')).find((row) => row.series === 'shop')
        ?.measure;
    expect((await service.send('PUT', '/v1/actuals', { series: [without] })).status).toBe(200);
    expect(await measureOf()).toBe('gross');
    const answer = await service.send('PUT', '/v1/actuals', { series: [{ ...push, measure: 'net' }] });
    expect(await problemOf(answer)).toMatchObject({
      status: 409,
      detail: expect.stringContaining('holds gross, not net'),
    });
    expect(await measureOf()).toBe('gross');
  });
});

describe('what a dashboard asks', () => {
  test('a connection test of the address itself is answered, and tells nothing that needs a key', async () => {
    const answer = await service.get('/');
    expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ service: 'Tidemark' })]);
  });

  test('without a model its chunks are a table without rows; the text itself is a conflict', async () => {
    const empty = await createService({ clock: stoppedClock() });
    const chunks = await empty.get('/v1/model.txt?format=csv');
    expect([chunks.status, await chunks.text()]).toEqual([200, 'chunk,chunks,text\r\n']);
    expect((await empty.get('/v1/model.txt')).status).toBe(409);
    empty.close();
  });

  test('a name that a spreadsheet would run is harmless in CSV, and pages of it go on by its cell', async () => {
    const page = await (await service.get('/v1/bands?format=csv&limit=10')).text();
    const rows = page.trimEnd().split('\r\n').slice(1);
    expect(rows.every((row) => row.startsWith("'=1+1,"))).toBe(true);
    const [cell = '', start = ''] = (rows.at(-1) ?? '').split(',');
    const next = await service.rows<{ series: string; bucket_start: string }>(
      `/v1/bands?limit=1&cursor=${encodeURIComponent(`${start}|${cell}`)}`,
    );
    expect(next[0]?.series).toBe('=1+1');
    expect(Date.parse(next[0]?.bucket_start ?? '')).toBe(Date.parse(start) + 7_200_000);
  });
});

test('a tag of other settings is none of the same answer', async () => {
  const path = '/v1/bands?series=shop';
  const tagOf = async (one: Service) => (await one.get(path)).headers.get('etag') ?? '';
  const beside = (coverage: string) =>
    createService({ clock: stoppedClock(), db: service.db, environment: { TIDEMARK_ALARM_COVERAGE: coverage } });
  const other = await beside('0.95');
  const tag = await tagOf(other);
  expect((await other.get(path, { 'if-none-match': tag })).status).toBe(304);
  expect((await (await beside('0.9')).get(path, { 'if-none-match': tag })).status).toBe(200);
  expect((await (await beside('0.95')).get(path, { 'if-none-match': tag })).status).toBe(304);
});

test('series that cannot be asked for are refused with what can', async () => {
  for (const query of ['series=', 'series=shop&series=', `series=${'x'.repeat(201)}`, 'series=shop&'.repeat(1_001)]) {
    const { status, detail } = await problemOf(await service.get(`/v1/bands?${query}`));
    expect([status, detail]).toEqual([400, expect.stringContaining('expected up to 1,000 ids of 1 to 200 characters')]);
  }
});
