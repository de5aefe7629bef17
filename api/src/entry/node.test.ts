import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeModel } from '@tidemark/shared/contract/model-file';
import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { findKey, parseKeys } from '../http/auth.ts';
import { restore } from '../store/backup.ts';
import { openDatabaseFile } from '../store/libsql.ts';
import { madeUpArtifact, madeUpSeries, pushOf, WEEK } from '../testing/service.ts';
import { startNode } from './start-node.ts';

const ENTRY = fileURLToPath(new URL('./node.ts', import.meta.url));
const series = Array.from({ length: 4 }, (_, index) => madeUpSeries(`shop-${index}`, 9));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string) => join(folder, name);

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly errors: string;
}

/** What a process needs of our own environment; nothing else may reach it. */
const { PATH, TZ, NODE_COMPILE_CACHE } = process.env;

/** `pnpm api …` as a process of its own. */
function api(words: readonly string[], environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [ENTRY, ...words], {
    cwd: folder,
    env: { PATH, TZ, NODE_COMPILE_CACHE, TIDEMARK_DATABASE: file('service.db'), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, out, errors })));
  return { child, ended, seen: () => out };
}

const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

/** A service on a free port, open on loopback. */
async function serving(environment: Record<string, string> = {}) {
  const started = api(['--open'], {
    TIDEMARK_PORT: '0',
    TIDEMARK_CLOCK: 'newest',
    TIDEMARK_THREADS: '0',
    TIDEMARK_READ_WAIT_SECONDS: '60',
    ...environment,
  });
  running.push(started.child);
  const events = () =>
    started
      .seen()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as { event: string; url?: string });
  const url = await new Promise<string>((resolve, reject) => {
    started.child.stdout.on('data', () => {
      const listening = events().find(({ event }) => event === 'listening');
      if (listening?.url) resolve(listening.url);
    });
    void started.ended.then(({ errors }) => reject(new Error(errors)));
  });
  return { ...started, url, events };
}

const put = (url: string, path: string, body: unknown) =>
  fetch(`${url}${path}`, {
    method: 'PUT',
    headers: { 'content-type': typeof body === 'string' ? 'text/plain' : 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

async function filled(url: string, weeks: number): Promise<void> {
  expect((await put(url, '/v1/model', encodeModel(madeUpArtifact(series)))).status).toBe(200);
  expect((await put(url, '/v1/actuals', pushOf(series, 0, weeks * WEEK))).status).toBe(200);
}

describe('pnpm api', () => {
  test('without keys it refuses to start and says what to do; an unknown word gets the usage', async () => {
    const [closed, exposed, unknown, wrong] = await Promise.all([
      api([]).ended,
      api(['--open'], { TIDEMARK_HOST: '0.0.0.0' }).ended,
      api(['serve']).ended,
      api([], { TIDEMARK_PORT: 'http' }).ended,
    ]);
    expect([closed.code, closed.errors]).toEqual([2, expect.stringMatching(/^api: no API keys: set TIDEMARK_KEYS/)]);
    expect([exposed.code, exposed.errors]).toEqual([2, expect.stringContaining('on loopback only')]);
    expect([unknown.code, unknown.errors]).toEqual([2, expect.stringMatching(/unknown command: serve\nusage:/)]);
    expect([wrong.code, wrong.errors]).toEqual([
      2,
      'api: invalid TIDEMARK_PORT: http; expected a number from 0 to 65535\n',
    ]);
    expect(existsSync(file('service.db'))).toBe(false);
  });

  test('an address that is not one of this machine is named as the setting that it is', async () => {
    const keys = `owner:admin:${'0'.repeat(64)}`;
    const { code, errors } = await api([], { TIDEMARK_KEYS: keys, TIDEMARK_HOST: '203.0.113.7', TIDEMARK_PORT: '0' })
      .ended;
    expect(errors).toMatch(/^api: invalid TIDEMARK_HOST: 203\.0\.113\.7; expected an address of this machine/);
    expect(code).toBe(2);
  });

  test('a key is made whose entry the service knows it by, of every scope asked for', async () => {
    const [{ code, out }, wrong] = await Promise.all([
      api(['key', 'dashboard', 'read+ingest']).ended,
      api(['key', 'dashboard', 'write']).ended,
    ]);
    const key = /^key \(shown once\): +(\S+)$/m.exec(out)?.[1] ?? '';
    const entry = /^entry \(TIDEMARK_KEYS\): (\S+)$/m.exec(out)?.[1] ?? '';
    expect([code, key.length > 40, entry.includes(key)]).toEqual([0, true, false]);
    expect(findKey(parseKeys(entry), key)).toMatchObject({ name: 'dashboard', scopes: ['read', 'ingest'] });
    expect(wrong.errors).toMatch(/^api: invalid key "dashboard" of scope "write"/);
  });

  test('the OpenAPI document is printed as it is committed', async () => {
    const committed = readFileSync(new URL('../../../docs/openapi.json', import.meta.url), 'utf8');
    expect(JSON.parse((await api(['openapi']).ended).out)).toEqual(JSON.parse(committed));
  });

  test('a backup of a service in use is restored once it has stopped; nothing else is taken for one', async () => {
    const { url, child, ended } = await serving({ TIDEMARK_BACKFILL_DAYS: '1' });
    await filled(url, 8);
    const before = await (await fetch(`${url}/v1/bands`)).text();
    expect(await api(['backup', file('copy.db')]).ended).toMatchObject({
      code: 0,
      out: expect.stringContaining('backed up'),
    });
    expect((await api(['backup', file('copy.db')]).ended).errors).toMatch(/there is a file already/);
    const busy = await api(['restore', file('copy.db')]).ended;
    expect([busy.code, busy.errors]).toEqual([2, expect.stringContaining('is in use; stop the service first')]);
    await put(url, '/v1/actuals', pushOf(series, 8 * WEEK, 8 * WEEK + 1));
    expect(await (await fetch(`${url}/v1/bands`)).text()).not.toBe(before);
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);

    const whole = readFileSync(file('copy.db'));
    writeFileSync(file('cut.db'), whole.subarray(0, whole.length - 20_000));
    const scratched = Buffer.from(whole);
    scratched.fill(7, 8_192, whole.length - 4_096);
    writeFileSync(file('scratched.db'), scratched);
    writeFileSync(file('text.db'), 'client,bucket\n'.repeat(1_000));
    copyFileSync(file('copy.db'), file('newer.db'));
    const newer = await openDatabaseFile(file('newer.db'));
    await newer.db.run(sql`INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('of tomorrow', 4102444800000)`);
    newer.close();
    for (const [name, words] of [
      ['cut.db', /damaged database: .+cut\.db/],
      ['scratched.db', /damaged database: .+scratched\.db/],
      ['text.db', /not a database: .+text\.db/],
      ['newer.db', /newer\.db is of a newer version: got a schema of 2100-01-01.+; update the service/],
      ['none.db', /no backup at .+none\.db/],
    ] as const) {
      await expect(restore(file(name), file('service.db'))).rejects.toThrow(words);
    }
    expect(existsSync(file('service.db.partial'))).toBe(false);

    const restored = await api(['restore', file('copy.db')]).ended;
    expect(restored).toMatchObject({ code: 0, out: expect.stringContaining('service.db.before-restore') });
    const again = await serving({ TIDEMARK_BACKFILL_DAYS: '1' });
    expect(await (await fetch(`${again.url}/v1/bands`)).text()).toBe(before);
  });

  test('a database of a newer version, or a file that is none, is left alone', async () => {
    writeFileSync(file('notes.db'), 'not a database, but somebody’s notes\n'.repeat(100));
    const text = await api(['--open'], { TIDEMARK_DATABASE: file('notes.db'), TIDEMARK_PORT: '0' }).ended;
    expect([text.code, text.errors]).toEqual([2, expect.stringContaining('not a database: ')]);
    expect(readFileSync(file('notes.db'), 'utf8')).toMatch(/^not a database, but/);
  });

  test('SIGTERM lets a request and the cycle under way finish, and what they did is there afterwards', async () => {
    const environment = { TIDEMARK_DATABASE: file('stopped.db'), TIDEMARK_BACKFILL_DAYS: '40' };
    const { url, child, ended, events } = await serving(environment);
    await filled(url, 8);
    const body = JSON.stringify(pushOf(series, 8 * WEEK, 8 * WEEK + 1));
    const { hostname, port } = new URL(url);
    let goOn: () => void = () => undefined;
    const slow = new Promise<number>((resolve, reject) => {
      const upload = request(
        { hostname, port, path: '/v1/actuals', method: 'PUT', headers: { 'content-type': 'application/json' } },
        (response) => resolve(response.resume().statusCode ?? 0),
      );
      upload.on('error', reject);
      upload.write(body.slice(0, 100));
      goOn = () => upload.end(body.slice(100));
    });
    const cycle = fetch(`${url}/v1/refresh`, { method: 'POST' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    child.kill('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 100));
    goOn();
    expect([(await cycle).status, await slow]).toEqual([200, 200]);
    const { code, errors } = await ended;
    expect([code, errors]).toEqual([0, '']);
    expect(events().at(-1)).toMatchObject({ event: 'stopped' });
    await expect(fetch(`${url}/v1/health`)).rejects.toThrow();
    const { db, close } = await openDatabaseFile(file('stopped.db'));
    const [row] = await db.all(
      sql`SELECT (SELECT COUNT(*) FROM issue) AS issues, (SELECT MAX(newest_bucket) - MIN(first_bucket) FROM series) AS newest`,
    );
    expect(row).toEqual({ issues: series.length * (40 * 12 + 1), newest: 8 * WEEK });
    close();
  });

  test.each([
    ['0', '1'],
    ['0', '4'],
    ['1', '4'],
  ])(
    'a catch-up longer than there is time for (threads %s, series a chunk %s) is given up, and the next start goes on with it',
    async (threads, chunk) => {
      const databaseFile = file(`catch-up-${threads}-${chunk}.db`);
      const start = (graceMs: number) =>
        startNode({
          environment: {
            TIDEMARK_OPEN: 'true',
            TIDEMARK_THREADS: threads,
            TIDEMARK_BACKFILL_DAYS: '20',
            TIDEMARK_CHUNK_SERIES: chunk,
          },
          port: 0,
          databaseFile,
          graceMs,
          log: () => undefined,
        });
      const first = await start(1);
      await filled(first.url, 8);
      const cycle = first.cycle.run('schedule');
      await new Promise((resolve) => setTimeout(resolve, 50));
      await first.stop();
      const left = await cycle;
      expect(left.series).toBeLessThan(chunk === '1' ? series.length : 1);
      const second = await start(20_000);
      const rest = await second.cycle.run('schedule');
      await second.stop();
      expect([left.series + rest.series, left.bands + rest.bands]).toEqual([
        series.length,
        series.length * (20 * 12 + 1),
      ]);
      const { db, close } = await openDatabaseFile(databaseFile);
      expect(await db.all(sql`SELECT finished_at IS NULL AS left FROM cycle ORDER BY id`)).toEqual([
        { left: 1 },
        { left: 0 },
      ]);
      close();
    },
  );

  test('a heartbeat that is never answered does not keep the service from ending', async () => {
    const log: string[] = [];
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const server = await startNode({
      environment: {
        TIDEMARK_OPEN: 'true',
        TIDEMARK_THREADS: '0',
        TIDEMARK_WEBHOOKS_LOOPBACK: 'true',
        TIDEMARK_HEARTBEAT: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
      },
      port: 0,
      databaseFile: file('silent.db'),
      graceMs: 50,
      lastMs: 50,
      log: (_, event) => log.push(event),
    });
    const asked = new Promise((resolve) => silent.once('request', resolve));
    await server.cycle.run('schedule');
    await asked;
    await server.stop();
    silent.closeAllConnections();
    silent.close();
    expect(log.slice(-2)).toEqual(['left-unfinished', 'stopped']);
  });

  test('a client that never finishes does not keep the service from ending', async () => {
    const log: string[] = [];
    const server = await startNode({
      environment: { TIDEMARK_OPEN: 'true', TIDEMARK_THREADS: '0' },
      port: 0,
      databaseFile: file('held.db'),
      graceMs: 100,
      log: (_, event) => log.push(event),
    });
    const { hostname, port } = new URL(server.url);
    const cut = new Promise<string>((resolve) => {
      const upload = request({
        hostname,
        port,
        path: '/v1/actuals',
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
      });
      upload.on('error', (error) => resolve(error.message));
      upload.write('{"series":[');
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await server.stop();
    expect(await cut).toMatch(/hang up|ECONNRESET/);
    expect(log.at(-1)).toBe('stopped');
  });
});

describe('the schedule', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test('runs a cycle five minutes after every two hours UTC, and once a night forgets what need not be kept', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    vi.setSystemTime(Date.UTC(2026, 2, 29, 0, 30));
    const seen: string[] = [];
    const server = await startNode({
      environment: { TIDEMARK_OPEN: 'true', TIDEMARK_THREADS: '0', TIDEMARK_RETENTION_DAYS: '28' },
      port: 0,
      databaseFile: file('scheduled.db'),
      log: (_, event) => {
        if (event === 'cycle' || event === 'retention') seen.push(`${new Date().toISOString().slice(11, 16)} ${event}`);
      },
    });
    const old = [{ ...pushOf(series.slice(0, 1), 0, WEEK).series[0] }];
    expect((await put(server.url, '/v1/actuals', { series: old })).status).toBe(200);
    const recent = old.map((one) => ({ ...one, start: '2026-03-28T22:00:00Z', values: [1] }));
    expect((await put(server.url, '/v1/actuals', { series: recent })).status).toBe(200);
    for (let minutes = 0; minutes < 6 * 60; minutes += 5) await vi.advanceTimersByTimeAsync(5 * 60_000);
    await server.cycle.settled();
    expect(seen).toEqual(['02:05 cycle', '03:35 retention', '04:05 cycle', '06:05 cycle']);
    vi.useRealTimers();
    await server.stop();
    const { db, close } = await openDatabaseFile(file('scheduled.db'));
    expect(await db.all(sql`SELECT COUNT(*) AS kept FROM actual`)).toEqual([{ kept: 1 }]);
    close();
  });
});

test('an address may name many series; one that is too long, and what is no request, get a problem as all else does', async () => {
  const { url } = await serving({ TIDEMARK_DATABASE: file('addresses.db') });
  const named = (count: number) =>
    `${url}/v1/bands?${new URLSearchParams(Array.from({ length: count }, (_, k): [string, string] => ['series', `a shop of a long name ${k}`]))}`;
  const [long, longer] = [await fetch(named(1_000)), await fetch(named(5_000))];
  expect([long.status, longer.status]).toEqual([200, 431]);
  expect(longer.headers.get('content-type')).toBe('application/problem+json');
  expect(await longer.json()).toMatchObject({ detail: expect.stringContaining('at most 131072 bytes') });
  const answer = await new Promise<string>((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write('no request\r\n\r\n'));
    socket.once('data', (data) => resolve(String(data)));
  });
  expect(answer).toMatch(/^HTTP\/1.1 400 Bad request\r\n.+"detail":"this is no HTTP request"/s);
});
