import { spawn } from 'node:child_process';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { encodeModel } from '@tidemark/shared/contract/model-file';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore } from '../store/open.ts';
import { MIGRATION_LOCK, openPostgres } from '../store/postgres.ts';
import { applyRetention } from '../store/retention.ts';
import { type PostgresServer, postgresServer, queryOnce, WANTS_POSTGRES } from '../testing/postgres-server.ts';
import { startTestServer } from '../testing/server.ts';
import { madeUpArtifact, madeUpSeries, pushOf, WEEK } from '../testing/service.ts';
import { until } from '../testing/until.ts';

const NOTHING = sql`SELECT 1`;
const END_OTHERS = sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE application_name = 'tidemark' AND datname = current_database() AND pid <> pg_backend_pid()`;

/** Runs `pnpm api …` with a database. */
function api(database: string, ...words: string[]): Promise<{ code: number | null; text: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [fileURLToPath(new URL('./node.ts', import.meta.url)), ...words], {
      env: { ...process.env, TIDEMARK_DATABASE: database, TIDEMARK_OPEN: 'true', TIDEMARK_PORT: '0' },
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (text += part));
    child.once('close', (code) => resolve({ code, text }));
  });
}

test('an address that is none is refused without showing it, and so are backup and restore', async () => {
  const refused = await Promise.all([
    api('postgres://tidemark:hidden@'),
    api('postgres://tidemark:hidden@127.0.0.1:1/tidemark'),
    api('postgres://tidemark:hidden@127.0.0.1:1/tidemark?sslmode=maybe'),
    api('postgres://tidemark:hidden@127.0.0.1:1/tidemark', 'backup', 'copy.db'),
  ]);
  expect(refused.map(({ code }) => code)).toEqual([2, 2, 2, 2]);
  for (const { text } of refused) expect(text).not.toContain('hidden');
  expect(refused.map(({ text }) => text)).toEqual([
    expect.stringContaining('expected a file, or postgres://user:password@host:5432/database'),
    expect.stringContaining('postgres://tidemark@127.0.0.1:1/tidemark: nothing answers there'),
    expect.stringContaining(
      'invalid sslmode of TIDEMARK_DATABASE: maybe; expected disable, require, verify-ca or verify-full',
    ),
    expect.stringContaining('pg_dump'),
  ]);
});

/** A message of a server that asks who is there. */
const asked = (kind: number, text: string) =>
  Buffer.concat([Buffer.from([0x52, 0, 0, 0, 8 + text.length, 0, 0, 0, kind]), Buffer.from(text)]);

test('a server that asks for a password where none is given ends the start at once, though it keeps the connection', async () => {
  const server = createServer((socket) => {
    // AuthenticationSASL and its continuation, as a server with `scram-sha-256` begins.
    const answers = [asked(10, 'SCRAM-SHA-256\0\0'), asked(11, 'r=x,s=x,i=4096')];
    socket.on('error', () => undefined).on('data', () => socket.write(answers.shift() ?? ''));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { code, text } = await api(`postgres://tidemark@127.0.0.1:${port}/tidemark`);
  expect([code, text]).toEqual([2, expect.stringContaining('the server asks for a password, and none is given')]);
  await new Promise((resolve) => server.close(resolve));
});

describe.runIf(WANTS_POSTGRES)('on a PostgreSQL server', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await postgresServer();
  });
  afterAll(() => server?.close());

  test('a user, a database or an encryption that the server does not have ends the start with a sentence', async () => {
    const url = await server.createDatabase();
    const wrong = await Promise.all([
      api(url.replace(/\/\/[^@]+@/, '//nobody-of-that-name:hidden@')),
      api(`${url}_none`),
      api(`${url}?sslmode=verify-full`),
    ]);
    expect(wrong.map(({ code }) => code)).toEqual([2, 2, 2]);
    expect(wrong.map(({ text }) => text)).toEqual([
      expect.stringContaining('refuses the user or the password'),
      expect.stringContaining('there is no such database'),
      expect.stringContaining('no encrypted connection'),
    ]);
    for (const { text } of wrong) expect(text).not.toContain('hidden');
  });

  test('a server that is full, or read-only, ends the start with what to do', async () => {
    const url = await server.createDatabase();
    const { db, close } = await openStore(url);
    const [name] = new URL(url).pathname.split('/').slice(1);
    await db.run(sql.raw(`CREATE ROLE few_${name} LOGIN PASSWORD 'hidden' CONNECTION LIMIT 0`));
    await db.run(sql.raw(`CREATE ROLE copy_${name} LOGIN PASSWORD 'hidden'`));
    await db.run(sql.raw(`ALTER ROLE copy_${name} SET default_transaction_read_only = on`));
    await db.run(sql.raw(`GRANT USAGE ON SCHEMA drizzle TO copy_${name}`));
    await db.run(sql.raw(`GRANT SELECT ON ALL TABLES IN SCHEMA drizzle TO copy_${name}`));
    const wrong = await Promise.all(
      ['few', 'copy'].map((role) => api(url.replace(/\/\/[^@]+@/, `//${role}_${name}:hidden@`))),
    );
    expect(wrong.map(({ code, text }) => [code, text])).toEqual([
      [2, expect.stringContaining('the server takes no more connections')],
      [2, expect.stringContaining('the server takes no writes')],
    ]);
    await db.run(sql.raw(`DROP OWNED BY copy_${name}`));
    await db.run(sql.raw(`DROP ROLE few_${name}, copy_${name}`));
    await close();
  });

  test('while the server is away reads are told so, and go on by themselves once it is back', async () => {
    if (!server.stop || !server.start) return;
    const series = [madeUpSeries('bank', 9)];
    const node = await startTestServer(await server.createDatabase(), { TIDEMARK_BACKFILL_DAYS: '1' });
    try {
      const put = (path: string, body: string, type: string) =>
        fetch(`${node.url}${path}`, { method: 'PUT', body, headers: { 'content-type': type } });
      await put('/v1/model', encodeModel(madeUpArtifact(series)), 'text/plain');
      await put('/v1/actuals', JSON.stringify(pushOf(series, 0, 9 * WEEK - 1)), 'application/json');
      const bands = () => fetch(`${node.url}/v1/bands?series=bank&limit=200`);
      const before = await (await bands()).text();
      await server.stop();
      const away = await fetch(`${node.url}/v1/bands?series=bank`);
      expect([away.status, away.headers.get('content-type')]).toEqual([503, 'application/problem+json']);
      expect(await away.json()).toMatchObject({ type: '/problems/database-unreachable' });
      expect((await fetch(`${node.url}/v1/ready`)).status).toBe(503);
      await expect(node.cycle.run('schedule')).rejects.toThrow('the database does not answer');
      await server.start();
      const back = await until(bands, ({ status }) => status === 200);
      expect(await back.text()).toBe(before);
      await put('/v1/actuals', JSON.stringify(pushOf(series, 9 * WEEK - 1, 9 * WEEK)), 'application/json');
      const health = async () => (await fetch(`${node.url}/v1/health`)).json();
      expect((await bands()).status).toBe(200);
      expect(await health()).toMatchObject({ status: 'ok', engine: 'postgres' });
    } finally {
      await node.stop();
    }
  });

  test('a statement that is not answered in time counts as a server that is away, and its connection is given up', async () => {
    const { db, close } = await openPostgres(await server.createDatabase(), 300);
    const slow = sql`SELECT pg_sleep(1)`;
    for (const work of [() => db.run(slow), () => db.transact([slow])]) {
      await expect(work()).rejects.toMatchObject({ code: 'database-unreachable' });
    }
    expect(await db.all(sql`SELECT 1 AS one`)).toEqual([{ one: 1 }]);
    await db.transact([slow], true);
    await close();
  });

  test('migrations, retention and ANALYZE wait longer than any other statement may', async () => {
    const url = await server.createDatabase();
    const whileHeld = async <T>(lock: string, work: () => Promise<T> | undefined) => {
      const held = queryOnce(url, `BEGIN; ${lock}; SELECT pg_sleep(0.8); COMMIT`);
      await delay(200);
      const done = await work();
      await held;
      return done;
    };
    const opened = await whileHeld(`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`, () => openPostgres(url, 300));
    const { db, close } = opened as Awaited<ReturnType<typeof openPostgres>>;
    const lock = 'LOCK TABLE issue IN EXCLUSIVE MODE';
    const other = () => db.run(sql`DELETE FROM issue`).catch(({ code }) => code);
    expect(await whileHeld(lock, other)).toBe('database-unreachable');
    await whileHeld(lock, () => applyRetention(db, { all: 0, laterHorizons: 0, logs: 0 }));
    await whileHeld(lock, () => db.analyze?.());
    await close();
  });

  test('connections that the server ends, between two statements of a transaction too, fail what they were at and nothing else', async () => {
    const { db, close } = await openStore(await server.createDatabase());
    const end = Date.now() + 1_500;
    let failed = 0;
    const write = async () => {
      while (Date.now() < end) await db.transact(Array.from({ length: 10 }, () => NOTHING)).catch(() => failed++);
    };
    const terminate = async () => {
      for (; Date.now() < end; await delay(5)) await db.run(END_OTHERS).catch(() => undefined);
    };
    await Promise.all([write(), write(), write(), terminate()]);
    expect(failed).toBeGreaterThan(0);
    expect(await db.all(sql`SELECT 1 AS one`)).toEqual([{ one: 1 }]);
    await close();
  });
});
