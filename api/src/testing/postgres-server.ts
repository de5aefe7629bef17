import { execFile, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';

const run = promisify(execFile);

/** A PostgreSQL server to test against. */
export interface PostgresServer {
  /** Makes an empty database and gives its address. */
  createDatabase(): Promise<string>;
  /** Ends all connections as a failing server would, and takes no more until `start`; `null` for a server that is not ours. */
  readonly stop: (() => Promise<void>) | null;
  readonly start: (() => Promise<void>) | null;
  /** Processor time of its processes so far, in seconds; `null` for a server that is not ours, or where there is no `/proc`. */
  cpuSeconds(): number | null;
  /** Removes the databases that were made, and the server if it was started here. */
  close(): Promise<void>;
}

/** Whether tests are to run against a server, as `pnpm test:postgres` has it; otherwise they run on the engine from npm. */
export const WANTS_POSTGRES = process.env.TIDEMARK_TEST_POSTGRES === 'true';

/** Whether there is a server to be had: `PGHOST` names one, or PostgreSQL is installed. */
export function hasPostgres(): boolean {
  return Boolean(process.env.PGHOST) || installed() !== null;
}

/**
 * A real server: the one that `PGHOST` and the other variables of `psql` name, or one started here for the time of the
 * tests.
 * @throws where there is neither, see {@link hasPostgres}.
 */
export async function postgresServer(): Promise<PostgresServer> {
  if (process.env.PGHOST) return served({ database: process.env.PGDATABASE ?? 'postgres' }, null);
  const bin = installed();
  if (bin === null) throw new Error('no PostgreSQL is installed, and PGHOST names none');
  return startServer(bin);
}

/** The folder of `initdb` and `pg_ctl`; `null` where PostgreSQL is not installed. */
function installed(): string | null {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).map((version) => join(debian, version, 'bin')) : [];
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...versions.sort().reverse()];
  return folders.find((folder) => ['initdb', 'pg_ctl'].every((name) => existsSync(join(folder, name)))) ?? null;
}

async function startServer(bin: string): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-postgres-'));
  const user = await unprivileged();
  if (user) chownSync(folder, user.uid, user.gid);
  const options = { ...user, cwd: folder, env: { ...process.env, LC_ALL: 'C' } };
  const data = join(folder, 'data');
  await run(join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'], options);
  const port = await freePort();
  const control = (...words: string[]) =>
    new Promise<void>((resolve, reject) => {
      // Its output must not be a pipe: the server would keep it open.
      const child = spawn(join(bin, 'pg_ctl'), ['-D', data, '-w', ...words], { ...options, stdio: 'ignore' });
      child.once('error', reject);
      child.once('close', (code) =>
        code === 0 ? resolve() : reject(new Error(`pg_ctl ${words[0]} ended with ${code}`)),
      );
    });
  const start = () =>
    control('start', '-l', join(folder, 'log'), '-o', `-p ${port} -c listen_addresses=127.0.0.1 -k ${folder}`);
  const stop = () => control('stop', '-m', 'immediate');
  await start();
  const server = served({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' }, { start, stop });
  return {
    ...server,
    cpuSeconds: () => cpuSecondsUnder(Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0])),
    async close() {
      await stop().catch(() => undefined);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function served(
  config: pg.ClientConfig,
  control: { start(): Promise<void>; stop(): Promise<void> } | null,
): PostgresServer {
  const made: string[] = [];
  const execute = async (statement: string) => {
    const client = new pg.Client(config);
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
    return client;
  };
  return {
    async createDatabase() {
      const name = `tidemark_test_${process.pid}_${made.length}_${Date.now()}`;
      const { user, host, port, password } = await execute(`CREATE DATABASE ${name}`);
      made.push(name);
      const login = password ? `${user}:${encodeURIComponent(String(password))}` : user;
      return `postgres://${login}@${host}:${port}/${name}`;
    },
    cpuSeconds: () => null,
    start: control?.start ?? null,
    stop: control?.stop ?? null,
    async close() {
      for (const name of made) await execute(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

/** Processor time of the children of a process that still run, in seconds. */
function cpuSecondsUnder(parent: number): number | null {
  if (!existsSync('/proc/self/stat')) return null;
  let ticks = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // After the name in parentheses: state, parent, and at 11 and 12 the times in user and system mode.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (Number(fields[1]) === parent) ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // It has ended meanwhile.
    }
  }
  return ticks / 100;
}

/** The rows of one statement, by a connection of its own. */
export async function queryOnce<Row extends pg.QueryResultRow>(url: string, statement: string): Promise<Row[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Row>(statement)).rows;
  } finally {
    await client.end();
  }
}

/** A server refuses to run as root: then the account that the package made for it, or nobody. */
async function unprivileged(): Promise<{ uid: number; gid: number } | null> {
  if (process.getuid?.() !== 0) return null;
  const idOf = async (name: string, flag: string) => Number((await run('id', [flag, name])).stdout);
  for (const name of ['postgres', 'nobody']) {
    try {
      return { uid: await idOf(name, '-u'), gid: await idOf(name, '-g') };
    } catch {
      // There is no such account here.
    }
  }
  return null;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
