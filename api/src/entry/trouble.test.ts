import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeModel } from '@tidemark/shared/contract/model-file';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openDatabaseFile } from '../store/libsql.ts';
import {
  createService,
  FIRST,
  madeUpArtifact,
  madeUpSeries,
  publishedService,
  pushOf,
  STEP_MS,
  stoppedClock,
  WEEK,
} from '../testing/service.ts';
import { startNode } from './start-node.ts';

const ENTRY = fileURLToPath(new URL('./node.ts', import.meta.url));
const NOW = 4 * WEEK;
const series = [madeUpSeries('shop', 6)];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-trouble-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const until = async (holds: () => boolean | Promise<boolean>) => {
  for (let tries = 0; tries < 600; tries++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('it never came to hold');
};

const environment = (name: string) => ({
  PATH: process.env.PATH,
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
  TIDEMARK_OPEN: 'true',
  TIDEMARK_PORT: '0',
  TIDEMARK_THREADS: '0',
  TIDEMARK_DATABASE: join(folder, name),
});

test.runIf(process.platform === 'linux')(
  'a signal that ends the package manager above it ends the service, with its database closed',
  async () => {
    // As `npx pnpm api` does it: a process named npm, a shell below it, the service below that.
    const wrapper = spawn(
      process.execPath,
      [
        '-e',
        `require('child_process').spawn('sh', ['-c', '"$0" "$1"; true', ${JSON.stringify(process.execPath)}, ${JSON.stringify(ENTRY)}], { stdio: 'inherit' })`,
        'npm',
      ],
      { argv0: 'npm', env: environment('wrapped.db'), stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let out = '';
    wrapper.stdout.on('data', (chunk) => {
      out += chunk;
    });
    await until(() => out.includes('"listening"'));
    wrapper.kill('SIGTERM');
    await until(() => out.includes('"stopped"'));
    const { url } = JSON.parse(out.split('\n').find((line) => line.includes('"listening"')) ?? '{}');
    await expect(fetch(`${url}/v1/health`)).rejects.toThrow();
  },
);

test.runIf(process.platform === 'linux')('a log on a full disk does not end the service', async () => {
  const port = await freePort();
  const full = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, [ENTRY], {
    env: { ...environment('unlogged.db'), TIDEMARK_PORT: String(port) },
    stdio: ['ignore', full, full],
  });
  const health = () =>
    fetch(`http://127.0.0.1:${port}/v1/health`).then(
      ({ status }) => status === 200,
      () => false,
    );
  await until(health);
  for (let i = 0; i < 5; i++) expect(await health()).toBe(true);
  expect(child.exitCode).toBe(null);
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
});

test('a database that is full is still read; a push is told that nothing was stored', async () => {
  const clock = stoppedClock();
  clock.endOf(NOW - 1);
  const service = await publishedService({ clock, series, until: NOW, environment: { TIDEMARK_BACKFILL_DAYS: '2' } });
  const before = await service.rows('/v1/bands');
  const [{ page_count: pages } = { page_count: 0 }] = await service.db.all<{ page_count: number }>(
    sql`PRAGMA page_count`,
  );
  await service.db.run(sql.raw(`PRAGMA max_page_count = ${pages}`));
  clock.endOf(NOW + 2 * WEEK - 1);
  const push = await service.send('PUT', '/v1/actuals', pushOf(series, NOW, NOW + 2 * WEEK));
  expect([push.status, await push.json()]).toMatchObject([507, { type: '/problems/storage-full' }]);
  expect((await service.rows<object>('/v1/bands?from=2025-01-01')).length).toBeGreaterThanOrEqual(before.length);
  expect((await service.get('/v1/health')).status).toBe(200);
  await service.db.run(sql.raw('PRAGMA max_page_count = 1073741823'));
  expect((await service.send('PUT', '/v1/actuals', pushOf(series, NOW, NOW + 2 * WEEK))).status).toBe(200);
  service.close();
});

test('a database that never answers is told to who asks for health, before a load balancer takes the process for dead', async () => {
  const clock = stoppedClock();
  const service = await createService({ clock });
  service.db.all = () => new Promise(() => undefined);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const [health, ready] = [service.get('/v1/health'), service.get('/v1/ready')];
  await vi.advanceTimersByTimeAsync(3_000);
  vi.useRealTimers();
  expect(await (await health).json()).toMatchObject({ status: 'failing', incidents: [{ kind: 'database-failing' }] });
  expect([(await ready).status, await (await ready).json()]).toMatchObject([
    503,
    { type: '/problems/database-unreachable' },
  ]);
  service.close();
});

test('a database that takes no writes is still read; a push is told to come again', async () => {
  const clock = stoppedClock();
  clock.endOf(NOW - 1);
  const service = await publishedService({ clock, series, until: NOW, environment: { TIDEMARK_BACKFILL_DAYS: '1' } });
  await service.cycle.run('refresh');
  const before = await service.rows('/v1/bands');
  await service.db.run(sql`PRAGMA query_only = 1`);
  const push = await service.send('PUT', '/v1/actuals', pushOf(series, NOW - 1, NOW + 1));
  expect([push.status, await push.json()]).toMatchObject([503, { type: '/problems/database-unavailable' }]);
  expect(push.headers.get('retry-after')).toBe('60');
  expect(await service.rows('/v1/bands')).toEqual(before);
  expect((await service.get('/v1/health')).status).toBe(200);
  await service.db.run(sql`PRAGMA query_only = 0`);
  clock.endOf(NOW);
  expect((await service.send('PUT', '/v1/actuals', pushOf(series, NOW - 1, NOW + 1))).status).toBe(200);
  service.close();
});

test('a client that goes away in the middle of a body is no bug', async () => {
  const logged: string[] = [];
  const server = await startNode({
    environment: { TIDEMARK_OPEN: 'true', TIDEMARK_THREADS: '0' },
    port: 0,
    databaseFile: join(folder, 'cut-off.db'),
    graceMs: 100,
    log: (_, event, fields) => logged.push(`${event} ${fields?.status ?? ''}`),
  });
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.write('PUT /v1/actuals HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n');
  socket.write('Content-Length: 500\r\n\r\n{"series"');
  setTimeout(() => socket.destroy(), 100);
  await until(() => logged.some((line) => line.startsWith('request')));
  expect(logged.filter((line) => /^(request|bug)/.test(line))).toEqual(['request 400']);
  await server.stop();
});

test.runIf(process.platform === 'linux')('a backup to a full disk says so and leaves no file', async () => {
  const source = join(folder, 'source.db');
  const { db, close } = await openDatabaseFile(source, 'kill');
  await db.run(sql`INSERT INTO model_part (model, part, text) VALUES (1, 0, ${'x'.repeat(2_000_000)})`);
  close();
  const to = mkdtempSync(join(folder, 'backup-'));
  // A limit on the size of files stands for the end of the disk.
  const child = spawn(
    'sh',
    ['-c', 'ulimit -f 400; exec "$0" "$1" backup "$2"', process.execPath, ENTRY, join(to, 'copy.db')],
    {
      env: { ...environment('source.db') },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  expect([code, errors]).toEqual([2, expect.stringMatching(/^api: no room for a backup at .+copy\.db/)]);
  expect(readdirSync(to)).toEqual([]);
});

test('a webhook that never answers does not hold a refresh, and a good cycle asks the heartbeat', async () => {
  const asked: string[] = [];
  const receiver = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (request.url === '/beat') response.end();
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const to = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  const server = await startNode({
    environment: {
      TIDEMARK_OPEN: 'true',
      TIDEMARK_THREADS: '0',
      TIDEMARK_CLOCK: 'newest',
      TIDEMARK_WEBHOOKS: JSON.stringify([{ name: 'ops', url: `${to}/hook`, severity: 'info' }]),
      TIDEMARK_WEBHOOKS_LOOPBACK: 'true',
      TIDEMARK_HEARTBEAT: `${to}/beat`,
      TIDEMARK_BACKFILL_DAYS: '1',
    },
    port: 0,
    databaseFile: join(folder, 'hooks.db'),
    graceMs: 100,
    log: () => undefined,
  });
  const put = (path: string, body: string, type: string) =>
    fetch(`${server.url}${path}`, { method: 'PUT', headers: { 'content-type': type }, body });
  await put('/v1/model', encodeModel(madeUpArtifact(series)), 'text/plain');
  const pushed = pushOf(series, 0, NOW).series.map((one) => ({ ...one, values: [...one.values.slice(0, -1), 0] }));
  await put('/v1/actuals', JSON.stringify({ series: pushed }), 'application/json');
  await fetch(`${server.url}/v1/refresh`, { method: 'POST' });
  await until(() => asked.includes('/hook') && asked.includes('/beat'));
  // The message is under way and unanswered: another refresh is answered all the same.
  expect((await fetch(`${server.url}/v1/refresh`, { method: 'POST', signal: AbortSignal.timeout(9_000) })).status).toBe(
    200,
  );
  receiver.closeAllConnections();
  receiver.close();
  await server.stop();
});

test('reads are answered from what is stored while a cycle takes long, and the cycle goes on without them', async () => {
  const clock = stoppedClock();
  clock.endOf(NOW - 1);
  const stored = await publishedService({ clock, series, until: NOW, environment: { TIDEMARK_BACKFILL_DAYS: '1' } });
  await stored.cycle.run('refresh');
  let deliver: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    deliver = resolve;
  });
  const source = {
    stepMs: STEP_MS,
    async read() {
      await held;
      const bucket = { bucket: FIRST + NOW, value: 1_000, state: 'observed' as const };
      return [{ id: 'shop', measure: 'gross' as const, scoreFrom: null, members: null, buckets: [bucket] }];
    },
  };
  clock.endOf(NOW);
  const reading = await createService({ clock, db: stored.db, cycle: { source, readWaitMs: 1 } });
  const newest = async () => (await reading.rows<{ newest_scored: string }>('/v1/series'))[0]?.newest_scored;
  const before = await newest();
  expect(await newest()).toBe(before);
  deliver();
  await reading.cycle.settled();
  expect(Date.parse((await newest()) ?? '')).toBe(Date.parse(before ?? '') + STEP_MS);
  stored.close();
});

test('a clock that was set back does not keep messages waiting, nor the lease taken', async () => {
  const clock = stoppedClock();
  clock.endOf(NOW - 1);
  const service = await publishedService({ clock, series, until: NOW, environment: { TIDEMARK_BACKFILL_DAYS: '1' } });
  await service.cycle.run('refresh');
  const ahead = clock.wall() + 72 * 3_600_000;
  await service.db.run(sql`UPDATE cycle SET started_at = ${ahead}`);
  await service.db.run(
    sql`UPDATE setting SET owner = 'of a clock that was ahead', value = ${Date.now() + 72 * 3_600_000} WHERE name = 'lease'`,
  );
  await service.db.run(
    sql`INSERT INTO delivery (id, webhook, event, incident, next_at) VALUES ('a', 'ops', 'open', 'x', ${ahead})`,
  );
  await service.cycle.run('refresh');
  expect(await service.db.all(sql`SELECT next_at AS next FROM delivery`)).toEqual([{ next: clock.wall() }]);
  service.close();
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
