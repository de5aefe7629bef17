import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BAND_COLUMNS, type BandRow, problem } from '@tidemark/shared/contract';
import { encodeModel } from '@tidemark/shared/contract/model-file';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { madeUpArtifact, madeUpSeries, publishedService, pushOf, stoppedClock, WEEK } from '../testing/service.ts';
import { until } from '../testing/until.ts';
import { KEYS, type RunningWorker, startWorker } from '../testing/workerd.ts';
import { written } from '../testing/written.ts';

const NOW = 8 * WEEK;
const series = Array.from({ length: 6 }, (_, index) => madeUpSeries(`shop-${index}`, 9));
const model = encodeModel(madeUpArtifact(series));
/** Chunks of two series: three messages a cycle. */
const vars = { TIDEMARK_CLOCK: 'newest', TIDEMARK_BACKFILL_DAYS: '1', TIDEMARK_CHUNK_SERIES: '2' };

const put = (worker: RunningWorker, path: string, body: unknown, as: keyof typeof KEYS | null = 'owner') =>
  worker.ask(
    path,
    typeof body === 'string'
      ? { method: 'PUT', headers: { 'content-type': 'text/plain' }, body }
      : { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
    as,
  );
const origins = async (worker: RunningWorker) => (await written(worker.db)).origins.map(({ origin }) => origin);
const scoredTo = (worker: RunningWorker, index: number) =>
  until(
    () => origins(worker),
    (all) => all.every((origin) => origin === (series[0]?.firstBucket ?? 0) + index),
  );

/** What the same pushes give on Node with the embedded file. */
async function onNode(pushes: readonly (readonly [from: number, to: number])[]) {
  const service = await publishedService({
    clock: { ...stoppedClock(), kind: 'newest' },
    series,
    until: NOW,
    environment: vars,
  });
  await service.cycle.run('refresh');
  for (const [from, to] of pushes) {
    await service.send('PUT', '/v1/actuals', pushOf(series, from, to));
    await service.cycle.run('refresh');
  }
  const rows = await written(service.db);
  service.close();
  return rows;
}

describe('the worker in workerd', () => {
  let worker: RunningWorker;
  const messages: { key: string | undefined; body: { event: string } }[] = [];
  const receiver = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      messages.push({ key: request.headers['idempotency-key'] as string, body: JSON.parse(text) });
      response.end();
    });
  });

  beforeAll(async () => {
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const { port } = receiver.address() as AddressInfo;
    const webhooks = JSON.stringify([{ name: 'ops', url: `http://127.0.0.1:${port}/`, severity: 'info' }]);
    worker = await startWorker({ ...vars, TIDEMARK_WEBHOOKS_LOOPBACK: 'true', TIDEMARK_WEBHOOKS: webhooks });
  });
  afterAll(async () => {
    await worker?.close();
    receiver.close();
  });

  test('keys and scopes guard it, and refusals are problem documents', async () => {
    expect((await worker.ask('/v1/ready', {}, null)).status).toBe(503);
    const refusals = [
      [await worker.ask('/v1/bands', {}, null), 401],
      [await put(worker, '/v1/model', model, 'reader'), 403],
      [await worker.ask('/v1/bands?seris=x'), 400],
      [await worker.ask('/v1/nothing'), 404],
      [await put(worker, '/v1/model', 'no model'), 400],
    ] as const;
    for (const [response, status] of refusals) {
      expect(response.status).toBe(status);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      expect(problem.parse(await response.json()).status).toBe(status);
    }
  });

  test('a model is published, actuals are pushed, and the first read has all scored through the queue as Node would', async () => {
    const published = await put(worker, '/v1/model', model);
    expect([published.status, await published.json()]).toMatchObject([200, { model_version: 'first', series: 6 }]);
    expect((await put(worker, '/v1/actuals', pushOf(series, 0, NOW), 'feeder')).status).toBe(200);
    expect((await worker.ask('/v1/bands')).status).toBe(200);
    await scoredTo(worker, NOW - 1);
    expect(worker.logged('cycle')).toMatchObject([{ trigger: 'read', queued: 3 }]);
    expect(worker.logged('chunk').length).toBe(3);
    expect(await written(worker.db)).toEqual(await onNode([]));
    const [cycle] = await worker.db.all(sql`SELECT finished_at > 0 AS ended, series, bands, error FROM cycle`);
    expect(cycle).toEqual({ ended: 1, series: 6, bands: 6 * 13, error: null });
  });

  test('the cron trigger scores what has come in, a bucket that left its band included, and its webhook is told', async () => {
    const next = pushOf(series, NOW, NOW + 1);
    const outage = { series: next.series.map((one, index) => (index === 0 ? { ...one, values: [0] } : one)) };
    expect((await put(worker, '/v1/actuals', outage, 'feeder')).status).toBe(200);
    expect(await worker.cron()).toMatchObject({ outcome: 'ok' });
    await scoredTo(worker, NOW);
    const alarms = (await (await worker.ask('/v1/alarms?status=open&series=shop-0')).json()) as { rows: unknown[] };
    expect(alarms.rows).toMatchObject([{ series: 'shop-0', direction: 'low', status: 'open' }]);
    const opened = { event: 'open', alarm: { series: 'shop-0' } };
    await until(
      () => messages.map(({ body }) => body as typeof opened),
      (all) => all.some(({ event, alarm }) => event === opened.event && alarm.series === opened.alarm.series),
    );
  });

  test('reads and refreshes at once score each bucket once', async () => {
    await put(worker, '/v1/actuals', pushOf(series, NOW, NOW + 2), 'feeder');
    const refresh = () => worker.ask('/v1/refresh', { method: 'POST' }, 'feeder');
    const answers = await Promise.all([worker.ask('/v1/bands'), refresh(), worker.ask('/v1/bands'), refresh()]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    await scoredTo(worker, NOW + 1);
    const { issues, verdicts } = await written(worker.db);
    expect([issues.length, verdicts.length]).toEqual([6 * 15, 6 * 14]);
  });

  test('the same message twice changes nothing', async () => {
    const before = await written(worker.db);
    const done = worker.logged('chunk').length;
    const body = { kind: 'chunk', keys: [1, 2, 3] } as const;
    await worker.queue.sendBatch([{ body }, { body }]);
    await until(
      () => worker.logged('chunk').length,
      (count) => count >= done + 2,
    );
    expect(await written(worker.db)).toEqual(before);
  });

  test('a chunk whose database fails is tried again until it is done', async () => {
    await worker.db.run(
      sql`CREATE TRIGGER broken BEFORE INSERT ON issue WHEN NEW.series = 3 BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END`,
    );
    await put(worker, '/v1/actuals', pushOf(series, NOW + 2, NOW + 3), 'feeder');
    await worker.cron();
    await until(
      () => worker.logged('work-failed').length,
      (count) => count > 0,
    );
    expect(new Set(await origins(worker)).size).toBe(2);
    await worker.db.run(sql`DROP TRIGGER broken`);
    await scoredTo(worker, NOW + 2);
    const { issues } = await written(worker.db);
    expect(issues.length).toBe(6 * 16);
  });

  test('rows come as JSON and as CSV, compressed or not, with a tag that holds until something changes', async () => {
    const first = await worker.ask('/v1/bands?series=shop-1');
    const { rows } = (await first.json()) as { rows: BandRow[] };
    expect(rows.length).toBe(28 * 12 + 12);
    const csv = await worker.ask('/v1/bands?series=shop-1', { headers: { accept: 'text/csv' } });
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const lines = (await csv.text()).split('\r\n');
    expect([lines[0], lines.length]).toEqual([BAND_COLUMNS.join(','), rows.length + 2]);
    const etag = first.headers.get('etag') as string;
    const known = (tag: string) => worker.ask('/v1/bands?series=shop-1', { headers: { 'if-none-match': tag } });
    expect((await known(etag)).status).toBe(304);
    expect((await known(`"other", ${etag}`)).status).toBe(304);
    expect((await known('"other"')).status).toBe(200);
    const head = await worker.ask('/v1/bands?series=shop-1', { method: 'HEAD' });
    expect([head.status, head.headers.get('etag'), await head.text()]).toEqual([200, etag, '']);
    const preflight = await worker.ask('/v1/bands', { method: 'OPTIONS', headers: { origin: 'null' } }, null);
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
  });

  test('its OpenAPI document is the committed one', async () => {
    const committed = JSON.parse(readFileSync(new URL('../../../docs/openapi.json', import.meta.url), 'utf8'));
    expect(await (await worker.ask('/openapi.json', {}, null)).json()).toEqual(committed);
  });

  test('a key in the query string opens, and no key is ever written to the console', async () => {
    expect((await worker.ask(`/v1/series?key=${KEYS.reader}`, {}, null)).status).toBe(200);
    expect((await worker.ask(`/v1/series?key=${KEYS.reader}&key=x`, {}, null)).status).toBeGreaterThanOrEqual(400);
    expect((await worker.ask(`/v1/nothing?key=${KEYS.owner}`, {}, null)).status).toBe(404);
    expect(worker.console()).not.toMatch(/key-of-the/);
  });
});

test('without keys it serves loopback when told to, and nobody else', async () => {
  const worker = await startWorker({ TIDEMARK_KEYS: '', TIDEMARK_OPEN: 'true' });
  try {
    expect((await worker.ask('/v1/series', {}, null)).status).toBe(200);
    const elsewhere = await worker.ask('https://tidemark.example/v1/series', {}, null);
    expect([elsewhere.status, await elsewhere.json()]).toMatchObject([
      503,
      { detail: expect.stringContaining('loopback') },
    ]);
  } finally {
    await worker.close();
  }
});
