import { gunzipSync } from 'node:zlib';
import { BAND_COLUMNS, type BandRow } from '@tidemark/shared/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkExposure, readSettings } from '../entry/env.ts';
import type { Log } from '../log.ts';
import { noNotes, stateReader } from '../monitor/state.ts';
import { madeUpSeries, publishedService, type Service, stoppedClock, WEEK } from '../testing/service.ts';
import { createApp } from './app.ts';
import { type ApiKey, findKey, hashKey, parseKeys } from './auth.ts';
import { tokenBuckets } from './rate-limit.ts';

const hex = (key: string) => Buffer.from(hashKey(key)).toString('hex');
const KEYS: ApiKey[] = parseKeys(
  ['reader:read', 'next-reader:read', 'feeder:ingest', 'owner:admin']
    .map((entry) => `${entry}:${hex(`secret-of-${entry.split(':')[0]}`)}`)
    .join(', '),
);

let open: Service;
beforeAll(async () => {
  const clock = stoppedClock();
  clock.endOf(6 * WEEK - 1);
  open = await publishedService({
    clock,
    series: [madeUpSeries('shop', 7)],
    until: 6 * WEEK,
    environment: { TIDEMARK_BACKFILL_DAYS: '2' },
  });
});
afterAll(() => open.close());

/** The same service behind keys. */
function locked(log: Log = () => undefined, rateLimit = tokenBuckets(1_000)) {
  const clock = stoppedClock();
  clock.endOf(6 * WEEK - 1);
  const { db, cycle } = open;
  const settings = readSettings({}).cycle;
  const live = async () => null;
  const watched = { hasSource: false, hasQueue: false, webhooks: [], notes: noNotes() };
  const cache = { edition: '', get: () => undefined, set: () => undefined };
  return createApp({
    db,
    cycle,
    settings,
    clock,
    log,
    cache,
    keys: KEYS,
    rateLimit,
    compress: true,
    addressOf: (c) => c.req.header('x-from') ?? '',
    live,
    state: stateReader({ db, live, clock, settings, ...watched }),
  });
}

describe('keys', () => {
  let app: ReturnType<typeof locked>;
  beforeAll(() => {
    app = locked();
  });
  const status = async (method: string, path: string, key: string | null) =>
    (await app.request(path, { method, headers: key === null ? {} : { authorization: `Bearer ${key}` } })).status;

  test('without a key, or with one that is not known, nothing but health is told', async () => {
    expect(await status('GET', '/v1/health', null)).toBe(200);
    for (const key of [null, 'wrong', '', 'secret-of-reade', hex('secret-of-reader')]) {
      expect(await status('GET', '/v1/bands', key)).toBe(401);
      expect(await status('PUT', '/v1/actuals', key)).toBe(401);
    }
  });

  test('each scope opens its own routes, and admin all', async () => {
    expect(await status('GET', '/v1/series', 'secret-of-reader')).toBe(200);
    expect(await status('GET', '/v1/series', 'secret-of-next-reader')).toBe(200);
    expect(await status('POST', '/v1/refresh', 'secret-of-reader')).toBe(403);
    expect(await status('POST', '/v1/refresh', 'secret-of-feeder')).toBe(200);
    expect(await status('GET', '/v1/series', 'secret-of-feeder')).toBe(403);
    expect(await status('POST', '/v1/model/rollback', 'secret-of-feeder')).toBe(403);
    expect(await status('GET', '/v1/series', 'secret-of-owner')).toBe(200);
    expect(await status('POST', '/v1/model/rollback', 'secret-of-owner')).toBe(409);
  });

  test('the key is taken from either header or the query string', async () => {
    expect((await app.request('/v1/series?key=secret-of-reader')).status).toBe(200);
    expect((await app.request('/v1/series', { headers: { 'x-api-key': 'secret-of-reader' } })).status).toBe(200);
    expect((await app.request('/v1/series?key=secret-of-read')).status).toBe(401);
  });

  test('of whoever has no key, no body is read; of whoever has one, no more than the route takes', async () => {
    const body = () => {
      const read = { bytes: 0, stream: null as ReadableStream | null };
      read.stream = new ReadableStream(
        {
          pull(controller) {
            read.bytes += 50_000;
            controller.enqueue(new Uint8Array(50_000).fill(32));
          },
        },
        { highWaterMark: 0 },
      );
      return read;
    };
    const send = (key: string | null, { stream }: { stream: ReadableStream | null }) =>
      app.request(
        new Request('http://localhost/v1/maintenance', {
          method: 'PUT',
          body: stream,
          duplex: 'half',
          headers: {
            'content-type': 'application/json',
            'transfer-encoding': 'chunked',
            ...(key ? { 'x-api-key': key } : {}),
          },
        } as RequestInit),
      );
    const strangers = body();
    expect([(await send(null, strangers)).status, strangers.bytes]).toEqual([401, 0]);
    const readers = body();
    expect([(await send('secret-of-reader', readers)).status, readers.bytes]).toEqual([403, 0]);
    const owners = body();
    expect((await send('secret-of-owner', owners)).status).toBe(413);
    expect(owners.bytes).toBeLessThanOrEqual(100_000);
  });

  test('a refusal does not repeat a key', async () => {
    const twice = await open.get('/v1/series?key=secret-of-reader&key=secret-of-owner');
    expect([twice.status, await twice.text()]).toEqual([400, expect.not.stringContaining('secret')]);
  });

  test('no key appears in a log line, whatever happens', async () => {
    const lines: string[] = [];
    const logged = locked((level, event, fields) => lines.push(JSON.stringify({ level, event, ...fields })));
    await logged.request('/v1/series?key=secret-of-reader');
    await logged.request('/v1/series?key=secret-of-nobody&x=1');
    await logged.request('/v1/nowhere?key=secret-of-reader', { headers: { authorization: 'Bearer secret-of-owner' } });
    expect(lines.length).toBe(3);
    expect(lines.join('\n')).not.toMatch(/secret-of/);
    expect(JSON.parse(lines[0] as string)).toMatchObject({ path: '/v1/series', status: 200, caller: 'reader' });
  });

  test('each key has its own rate, and is told when to come back', async () => {
    let now = 0;
    const slow = locked(
      undefined,
      tokenBuckets(2, () => now),
    );
    const ask = (key: string) => slow.request('/v1/series', { headers: { 'x-api-key': key } });
    expect([(await ask('secret-of-reader')).status, (await ask('secret-of-reader')).status]).toEqual([200, 200]);
    const refused = await ask('secret-of-reader');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
    expect((await ask('secret-of-next-reader')).status).toBe(200);
    now = 30_000;
    expect((await ask('secret-of-reader')).status).toBe(200);
  });

  test('an address that tries unknown keys is told to wait; others, and the right key from there, are let in', async () => {
    const guessed = locked();
    const ask = (key: string, from: string) =>
      guessed.request('/v1/series', { headers: { 'x-api-key': key, 'x-from': from } });
    const answers: number[] = [];
    for (let i = 0; i < 700; i++) answers.push((await ask(`wrong-${i}`, 'here')).status);
    expect(answers.slice(0, 30).every((status) => status === 401)).toBe(true);
    expect(answers.slice(-600).filter((status) => status === 429).length).toBeGreaterThan(500);
    expect((await ask('wrong', 'there')).status).toBe(401);
    expect((await ask('secret-of-reader', 'here')).status).toBe(200);
    expect((await guessed.request('/v1/series', { headers: { 'x-from': 'here' } })).status).toBe(401);
  });

  test('entries that are no hash are refused, and hashes do not show in the message', () => {
    expect(() => parseKeys('me:read:secret')).toThrow('invalid API key entry "me"; expected name:scope:sha256');
    expect(() => parseKeys(`me:write:${hex('x')}`)).toThrow('invalid API key entry "me"');
    expect(() => parseKeys(`me:read:${hex('x')}, tm_the-key-itself`)).toThrow(/^invalid API key entry 2; expected/);
    expect(findKey(KEYS, 'secret-of-owner')?.name).toBe('owner');
  });

  test('the service refuses to start open, except on loopback when told so', () => {
    const settings = (environment: Record<string, string>) => readSettings(environment);
    expect(() => checkExposure(settings({}), true)).toThrow('no API keys: set TIDEMARK_KEYS');
    expect(() => checkExposure(settings({ TIDEMARK_OPEN: 'true' }), false)).toThrow('on loopback only');
    expect(() => checkExposure(settings({ TIDEMARK_OPEN: 'true' }), true)).not.toThrow();
    expect(() => checkExposure(settings({ TIDEMARK_KEYS: `a:read:${hex('x')}` }), false)).not.toThrow();
  });

  test('a setting that is wrong or unknown is named with its value and what is accepted', () => {
    expect(() => readSettings({ TIDEMARK_PORT: '99999' })).toThrow(
      'invalid TIDEMARK_PORT: 99999; expected a number from 0 to 65535',
    );
    expect(() => readSettings({ TIDEMARK_PROT: '1' })).toThrow('unknown setting TIDEMARK_PROT');
    for (const alike of ['TIDEMARK_API_KEYS', 'TIDEMARK_WORKERS'])
      expect(() => readSettings({ [alike]: '1' })).toThrow(alike);
    expect(() => readSettings({ TIDEMARK_ALARM_NEEDED: '3' })).toThrow(
      'invalid TIDEMARK_ALARM_NEEDED: 3; expected at most TIDEMARK_ALARM_AMONG, 1',
    );
    expect(() => readSettings({ TIDEMARK_ALARM_CRITICAL: '0.1' })).toThrow(
      'invalid TIDEMARK_ALARM_CRITICAL: 0.1; expected at least TIDEMARK_ALARM_WARNING, 0.25',
    );
    // Half a thread would score every other series, and none of the rest.
    expect(() => readSettings({ TIDEMARK_THREADS: '1.5' })).toThrow('TIDEMARK_THREADS: 1.5; expected a whole number');
    expect(() => readSettings({ TIDEMARK_FOLDER: '[]' })).toThrow(/^invalid TIDEMARK_FOLDER: Inv.+; expected JSON \{/);
  });

  test('a setting of blanks is as good as none, but for the database', () => {
    const blank = (value: string) => ({ TIDEMARK_HOST: value, TIDEMARK_PORT: value, TIDEMARK_CLOCK: value });
    for (const value of ['', ' ']) {
      const { host, port, clock } = readSettings(blank(value));
      expect({ host, port, clock }).toEqual({ host: '127.0.0.1', port: 8787, clock: 'wall' });
      expect(() => readSettings({ TIDEMARK_DATABASE: value })).toThrow('invalid TIDEMARK_DATABASE: it is empty');
    }
  });

  test('an address that is no database of ours is no file either, and no password shows in an error', () => {
    expect(() => readSettings({ TIDEMARK_DATABASE: 'mysql://me:secret@db/x' })).toThrow(
      /^invalid TIDEMARK_DATABASE: mysql:…; expected a file, or postgres:\/\/<user>@<host>\/<database>, without quotes$/,
    );
    const server = 'postgres://me:secret@db/x';
    const meant = [`"${server}"`, `'${server}'`, 'postgres:/me:secret@db/x', 'postgres:me:secret@db/x', `"C:\\data"`];
    for (const address of [...meant, `url=${server}`, 'host=db user=me password = secret dbname=x']) {
      expect(() => readSettings({ TIDEMARK_DATABASE: address })).toThrow(
        /^invalid TIDEMARK_DATABASE: (not shown|postgres:…); expected a file/,
      );
    }
    expect(readSettings({ TIDEMARK_DATABASE: ` ${server}\n` }).database).toBe(server);
    expect(() => readSettings({ TIDEMARK_PUBLIC_URL: 'https://me:secret@a.example' })).toThrow(
      /^invalid TIDEMARK_PUBLIC_URL: https:\/\/…@a\.example; expected/,
    );
    for (const file of ['C:\\data\\tidemark.db', './a b.db', 'postgres://db/x']) {
      expect(readSettings({ TIDEMARK_DATABASE: file }).database).toBe(file);
    }
  });
});

describe('without keys', () => {
  const ask = (method: string, url: string, headers: Record<string, string> = {}) =>
    open.app.request(url, { method, headers });

  test('it answers as this machine only, whatever name leads to it', async () => {
    for (const host of ['localhost:8787', '127.0.0.1:8787', '[::1]:8787']) {
      expect((await ask('GET', `http://${host}/v1/series`)).status).toBe(200);
    }
    expect((await ask('GET', 'http://rebound.example:8787/v1/series')).status).toBe(403);
  });

  test('a page from elsewhere may read and change nothing; a page of this machine may', async () => {
    const refresh = (origin: string) => ask('POST', 'http://localhost/v1/refresh', { origin });
    expect((await refresh('https://elsewhere.example')).status).toBe(403);
    expect((await refresh('null')).status).toBe(403);
    expect((await refresh('http://localhost:5173')).status).toBe(200);
    expect((await ask('GET', 'http://localhost/v1/series', { origin: 'null' })).status).toBe(200);
  });
});

describe('what Power BI needs', () => {
  test('CSV has a fixed header and invariant numbers, by parameter or by Accept', async () => {
    const byParameter = await open.get('/v1/bands?series=shop&format=csv');
    const text = await byParameter.text();
    expect(byParameter.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(text.split('\r\n')[0]).toBe(BAND_COLUMNS.join(','));
    expect(text.split('\r\n')[200]).toMatch(
      /^shop,\d{4}-\d\d-\d\dT\d\d:00:00Z,\d{4}-\d\d-\d\dT\d\d:00:00,observed,\d+(\.\d+)?,/,
    );
    const byAccept = await open.get('/v1/bands?series=shop', { accept: 'text/csv' });
    expect(await byAccept.text()).toBe(text);
    const empty = await open.get('/v1/alarms?format=csv&from=2020-01-01&to=2020-01-02');
    expect((await empty.text()).split('\r\n').length).toBe(2);
  });

  test('the same question twice gives the same bytes and tag; whoever has it gets 304, until something changes', async () => {
    const first = await open.get('/v1/bands?series=shop');
    const again = await open.get('/v1/bands?series=shop');
    expect(await again.text()).toBe(await first.text());
    const etag = first.headers.get('etag') as string;
    expect((await open.get('/v1/bands?series=shop', { 'if-none-match': etag })).status).toBe(304);
    const tags = [etag, etag.replace('W/', ''), `"other", ${etag}`, `W/"other",${etag} , "more"`, '*'];
    for (const tag of tags) {
      expect((await open.get('/v1/bands?series=shop', { 'if-none-match': tag })).status).toBe(304);
    }
    expect((await open.get('/v1/bands?series=shop', { 'if-none-match': '"other"' })).status).toBe(200);
    expect((await open.get('/v1/bands?series=shop&coverage=0.9', { 'if-none-match': etag })).status).toBe(200);
    await open.send('PUT', '/v1/maintenance', {
      id: 'x',
      from: '2020-01-01T00:00:00Z',
      to: '2020-01-02T00:00:00Z',
      effect: 'mute',
    });
    expect((await open.get('/v1/bands?series=shop', { 'if-none-match': etag })).status).toBe(200);
  });

  test('HEAD gives the headers of GET; OPTIONS says what may be asked', async () => {
    const [get, head] = await Promise.all(
      ['GET', 'HEAD'].map((method) => open.app.request('/v1/bands?series=shop', { method })),
    );
    expect([head?.status, head?.headers.get('etag'), await head?.text()]).toEqual([200, get?.headers.get('etag'), '']);
    const options = await open.app.request('/v1/bands', { method: 'OPTIONS' });
    expect([options.status, options.headers.get('allow')]).toEqual([204, expect.stringContaining('HEAD')]);
  });

  test('answers are compressed for whoever accepts it, readable from origin null, and hardened', async () => {
    const response = await open.get('/v1/bands?series=shop', { 'accept-encoding': 'gzip', origin: 'null' });
    expect(response.headers.get('content-encoding')).toBe('gzip');
    const { rows } = JSON.parse(gunzipSync(Buffer.from(await response.arrayBuffer())).toString()) as {
      rows: BandRow[];
    };
    expect(rows.length).toBe(28 * 12 + 12);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('x-request-id')).toMatch(/^[\w-]{36}$/);
    const preflight = await open.app.request('/v1/bands', {
      method: 'OPTIONS',
      headers: { origin: 'null', 'access-control-request-method': 'GET' },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-headers')]).toEqual([
      204,
      expect.stringContaining('Authorization'),
    ]);
  });

  test('a body above the limit is refused before it is read', async () => {
    const response = await open.app.request('/v1/actuals', {
      method: 'PUT',
      headers: { 'content-type': 'application/json', 'content-length': '99999999' },
      body: '{}',
    });
    expect(response.status).toBe(413);
  });
});
