import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { openDatabaseFile } from '../store/libsql.ts';
import {
  createService,
  FIRST,
  madeUpSeries,
  publishedService,
  pushOf,
  type Service,
  STEP_MS,
  stoppedClock,
  WEEK,
} from '../testing/service.ts';

const NOW = 3 * WEEK;
const shop = madeUpSeries('shop', 4);

let service: Service | undefined;
afterEach(() => {
  service?.close();
  service = undefined;
});

async function started() {
  const clock = stoppedClock();
  clock.endOf(NOW - 1);
  service = await publishedService({ clock, series: [shop], until: NOW, environment: { TIDEMARK_BACKFILL_DAYS: '1' } });
  return service;
}

const named = (series: string, more: object = {}) => ({ ...pushOf([shop], 0, 1).series[0], series, ...more });

/** Texts that no edge may take in as a name. */
const REFUSED = [
  '\ud800',
  'shop\udfff',
  'a\u0000b',
  'a\nb',
  'a\u202eb',
  '',
  '  ',
  '\u200b',
  ' shop',
  'shop\t',
  'x'.repeat(201),
];

describe('names', () => {
  test.each(REFUSED)('%j is refused wherever a name comes in, and nothing of it is stored', async (name) => {
    const { send, get, db } = await started();
    const entry = { id: 'x', series: name, from: '2025-01-01T00:00:00Z', to: '2025-01-02T00:00:00Z', effect: 'mute' };
    const score = { series: name, start: pushOf([shop], 0, 1).series[0]?.start, values: [1] };
    for (const [method, path, body] of [
      ['PUT', '/v1/actuals', { series: [named(name)] }],
      ['PUT', '/v1/actuals', { series: [named('group', { members: [name] })] }],
      ['PUT', '/v1/maintenance', entry],
      ['POST', '/v1/score', score],
    ] as const) {
      const answer = await send(method, path, body);
      expect([path, answer.status, answer.headers.get('content-type')]).toEqual([
        path,
        400,
        'application/problem+json',
      ]);
    }
    expect(await db.all(sql`SELECT id FROM series`)).toEqual([{ id: 'shop' }]);
    expect((await get('/v1/bands')).status).toBe(200);
  });

  test.each(['SHOP', 'Shop', 'ｓhop', 'sh\u00adop'])('%j is refused beside "shop", with what to do', async (name) => {
    const { send, db } = await started();
    const answer = await send('PUT', '/v1/actuals', { series: [named(name)] });
    expect([answer.status, await answer.json()]).toMatchObject([
      409,
      { type: '/problems/name-conflict', detail: expect.stringContaining('has the name of "shop" but for case') },
    ]);
    expect(await db.all(sql`SELECT id FROM series`)).toEqual([{ id: 'shop' }]);
  });

  test('of two names in one push that equal each other but for their form, none is taken in', async () => {
    const { send, db } = await started();
    const answer = await send('PUT', '/v1/actuals', { series: [named('Café'), named('Cafe\u0301')] });
    expect(answer.status).toBe(409);
    expect(await db.all(sql`SELECT id FROM series`)).toEqual([{ id: 'shop' }]);
  });

  test('a source with such names is told in the cycle, and the rest of it is taken in', async () => {
    const { db, clock } = { ...(await started()), clock: stoppedClock() };
    clock.endOf(NOW);
    const bucket = { bucket: FIRST + NOW, value: 5, state: 'observed' as const };
    const source = {
      stepMs: STEP_MS,
      read: async () =>
        ['shop', 'SHOP', 'bad\ud800', 'bank'].map((id) => ({
          id,
          measure: 'gross' as const,
          scoreFrom: null,
          members: null,
          buckets: [bucket],
        })),
    };
    const fed = await createService({ clock, db, cycle: { source } });
    await fed.cycle.run('schedule');
    expect(await db.all(sql`SELECT id FROM series ORDER BY id`)).toEqual([{ id: 'bank' }, { id: 'shop' }]);
    const [cycle] = await db.all<{ error: string }>(sql`SELECT error FROM cycle ORDER BY id DESC LIMIT 1`);
    expect(cycle?.error).toMatch(/^source: 2 names were not taken in.+"SHOP": it equals "shop".+half of a surrogate/);
  });
});

describe('other texts', () => {
  test('notes and reasons take lines and tabs, but no half characters and no control characters', async () => {
    const { send } = await started();
    const put = (reason: string) =>
      send('PUT', '/v1/maintenance', {
        id: 'x',
        from: '2025-01-01T00:00:00Z',
        to: '2025-01-02T00:00:00Z',
        effect: 'mute',
        reason,
      });
    expect((await put('first line\n\tsecond line')).status).toBe(200);
    for (const reason of ['\ud800', 'a\u0000b', '\u001b[2J', '\u0085']) expect((await put(reason)).status).toBe(400);
  });

  test('whatever text a push names, the answer is 200, 400 or 409, and everything can still be read', async () => {
    const { send, get } = await started();
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 12 }), async (name) => {
        expect([200, 400, 409]).toContain((await send('PUT', '/v1/actuals', { series: [named(name)] })).status);
        expect((await get('/v1/series')).status).toBe(200);
      }),
      { numRuns: 60 },
    );
  });
});

test.each([
  ['GET', '/v1/alarms?storm=%00'],
  ['GET', '/v1/alarms/%00'],
  ['POST', '/v1/alarms/x%00/ack'],
  ['POST', '/v1/alarms/%1b/label'],
  ['DELETE', '/v1/maintenance?id=%00'],
  ['GET', '/v1/bands?series=%00'],
  ['GET', '/incidents/%00'],
  ['POST', '/incidents/%00'],
  ['POST', '/incidents/%00/sign-in'],
])('%s %s is refused: no database holds such a text', async (method, path) => {
  const { send, get } = await started();
  const answer =
    method === 'GET' ? await get(path) : await send(method, path, path.endsWith('ack') ? {} : { label: 'normal' });
  expect([answer.status, (await answer.json()) as object]).toMatchObject([400, { type: '/problems/invalid-text' }]);
});

test.each([
  ['', 'multipart/form-data'],
  ['do=ack', 'multipart/form-data; boundary='],
  ['--x\r\nContent-Disposition: form-data; name="do"\r\n\r\nack', 'multipart/form-data; boundary=x'],
])('a form of %j as %s is refused', async (body, type) => {
  const { app } = await started();
  for (const path of ['/incidents/x', '/incidents/x/sign-in']) {
    const answer = await app.request(`http://localhost${path}`, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    });
    expect([path, answer.status]).toEqual([path, 400]);
  }
});

test('a database with texts that no UTF-8 can hold opens, says which rows, and can be read and pushed to again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-texts-'));
  const path = join(folder, 'broken.db');
  const before = await openDatabaseFile(path, 'kill');
  // As JSON, which is how such a name came in.
  const bad = JSON.stringify(['bad \ud800', 'bad \udfff', 'Bad ok', 'bad OK']);
  await before.db.run(
    sql`INSERT INTO series (id, measure, first_bucket, newest_bucket) SELECT value, 'net', 1, 1 FROM json_each(${bad})`,
  );
  before.close();

  const { db, repaired, close } = await openDatabaseFile(path, 'kill');
  expect(repaired).toEqual([
    { table: 'series', column: 'id', row: '1', text: 'bad \ufffd' },
    { table: 'series', column: 'id', row: '2', text: 'bad \ufffd' },
  ]);
  expect(await db.all(sql`SELECT id FROM series ORDER BY key`)).toEqual([
    { id: 'bad \ufffd' },
    { id: 'bad \ufffd (row 2)' },
    { id: 'Bad ok' },
    { id: 'bad OK' },
  ]);
  service = await createService({ clock: stoppedClock(), db });
  const { warnings } = (await (await service.get('/v1/health')).json()) as { warnings: string[] };
  expect(warnings).toEqual(['series "bad OK" and "Bad ok" differ by case, blanks or Unicode form only']);
  close();
  const again = await openDatabaseFile(path, 'kill');
  expect(again.repaired).toEqual([]);
  again.close();
  await rm(folder, { recursive: true });
});
