import { statfs } from 'node:fs/promises';
import type { Server } from 'node:http';
import { dirname } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { getConnInfo } from '@hono/node-server/conninfo';
import { UserError } from '@tidemark/shared/errors';
import { Cron } from 'croner';
import type { Hono } from 'hono';
import pTimeout from 'p-timeout';
import { type Clock, systemClock } from '../clock.ts';
import { questionMs } from '../explanation/ask-columns.ts';
import { clientAddress } from '../http/client-address.ts';
import { tokenBuckets } from '../http/rate-limit.ts';
import { jsonLog, type Log } from '../log.ts';
import type { DiskSpace } from '../monitor/state.ts';
import { guardedFetch } from '../notify/guarded-fetch.ts';
import type { Cycle } from '../scoring/cycle.ts';
import { processLeaseOwner } from '../scoring/lease-owner.ts';
import type { ActualsSource } from '../scoring/source.ts';
import { threadScorer } from '../scoring/thread-scorer.ts';
import { type OpenStore, openStore } from '../store/open.ts';
import { sameFile } from '../store/same-file.ts';
import { checkExposure, readSettings, type Settings } from './env.ts';
import { scheduledMinute } from './scheduled-cycles.ts';
import { createService } from './service.ts';
import { MOST_HEADER_BYTES, refuseUnread } from './unread-request.ts';

export interface NodeOptions {
  /** Variables as in `env.ts`; what is given beside them wins. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** 0: any free port. */
  readonly port?: number;
  readonly databaseFile?: string;
  /** Mounted at `/`, before the API's own routes and without their middleware. */
  readonly extraRoutes?: Hono;
  readonly log?: Log;
  /** Unless given, as `TIDEMARK_CLOCK` has it. */
  readonly clock?: Clock;
  /** How long requests and the cycle under way may take once the service is stopping. */
  readonly graceMs?: number;
  /** How long, after that, what is given up may take to end; whatever still goes on then is left as a kill leaves it. */
  readonly lastMs?: number;
}

/** A running service. */
export interface NodeServer {
  /** E.g. `http://127.0.0.1:8787`. */
  readonly url: string;
  readonly cycle: Cycle;
  /** Finishes requests and the cycle under way, as far as there is time, then closes the database; takes 9 s at most. */
  stop(): Promise<void>;
}

const RETENTION = '35 3 * * *';
/** Docker kills after ten seconds, other platforms after half a minute. */
const GRACE_MS = 7_000;
const LAST_MS = 2_000;

/**
 * Starts the service on Node, with an embedded database file or a PostgreSQL server.
 * @throws UserError when a setting is wrong, a port is taken, or there are no keys and nobody said that is meant.
 */
export async function startNode(options: NodeOptions): Promise<NodeServer> {
  const settings = readSettings(options.environment);
  checkExposure(settings, ['127.0.0.1', '::1', 'localhost'].includes(settings.host));
  const log = options.log ?? jsonLog((line) => process.stdout.write(`${line}\n`));
  const clock = options.clock ?? systemClock(settings.clock);
  const database = await openStore(options.databaseFile ?? settings.database);
  const { db } = database;
  logRepaired(log, database.repaired);
  const timers = createTimers(log);
  const stopping = new AbortController();
  const outOfTime = new AbortController();
  const threads = settings.threads > 0 ? threadScorer(settings.threads) : null;
  const source = await sourceOf(settings);
  const service = createService({
    db,
    settings,
    clock,
    log,
    oneProcess: true,
    leaseOwner: processLeaseOwner(),
    stopping: stopping.signal,
    outOfTime: outOfTime.signal,
    scorer: threads?.scorer,
    source,
    rateLimit: tokenBuckets(settings.ratePerMinute),
    cacheBytes: 64 * 1024 * 1024,
    fetch: guardedFetch(settings.targets),
    databaseIsThere: database.file === null ? undefined : sameFile(database.file),
    disk: async () => (database.file === null ? null : diskSpace(dirname(database.file))),
    addressOf: (c) => {
      const { remote } = getConnInfo(c);
      return clientAddress(remote.address ?? '', c.req.header('x-forwarded-for'), settings.trustedProxies);
    },
    background: (work) => timers.later(0, work),
    deliverAgainAt: (at) => timers.later(Math.max(1_000, at - clock.wall()), service.deliver),
  });
  const { app, cycle } = service;
  const { extraRoutes } = options;
  const fetch = async (request: Request, env: unknown) => {
    const response = extraRoutes ? await extraRoutes.fetch(request, env as object) : null;
    return response && response.status !== 404 ? response : app.fetch(request, env as object);
  };
  const server = createAdaptorServer({ fetch, serverOptions: { maxHeaderSize: MOST_HEADER_BYTES } });
  server.on('clientError', refuseUnread);
  const port = options.port ?? settings.port;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, settings.host, port)));
    server.listen(port, settings.host, resolve);
  });
  const address = server.address();
  const bound = typeof address === 'object' && address ? address.port : port;
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
  const schedule = new Cron('* * * * *', { timezone: 'UTC', protect: true }, scheduledMinute(service, log));
  const retention = new Cron(RETENTION, { timezone: 'UTC', protect: true }, async () => {
    await service.runRetention().catch((error: unknown) => log('error', 'retention-failed', { error: String(error) }));
  });
  // Half a minute after the cycles begin: what is due then has come, or is late.
  const checks = new Cron('30 * * * * *', { timezone: 'UTC', protect: true }, service.check);
  // Messages that a killed process still owed.
  timers.later(1_000, service.deliver);
  // And the questions that it gave back; those that it was killed at are known to be dead only then.
  timers.later(1_000, service.askColumns);
  if (source) timers.later(1_000 + questionMs(source), service.askColumns);
  const url = `http://${host}:${bound}`;
  log('info', 'listening', { url, database: database.name });
  return {
    url,
    cycle,
    async stop() {
      schedule.stop();
      retention.stop();
      checks.stop();
      timers.clear();
      stopping.abort(new Error('the service is stopping'));
      const { graceMs = GRACE_MS, lastMs = LAST_MS } = options;
      const grace = setTimeout(() => outOfTime.abort(new Error('the service has to end now')), graceMs);
      const end = async () => {
        await closed(server, graceMs);
        await Promise.all([cycle.settled(), timers.settled()]);
        await service.settled();
        await threads?.stop();
        await database.close();
      };
      // A server that does not answer, of the database or of somebody's webhook, is not waited for any longer.
      const fallback = () => log('warn', 'left-unfinished', { seconds: (graceMs + lastMs) / 1_000 });
      await pTimeout(end(), { milliseconds: graceMs + lastMs, fallback });
      clearTimeout(grace);
      log('info', 'stopped');
    },
  };
}

/** What stops a service from listening, as a mistake of the settings where it is one. */
function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const { code = '' } = error;
  const cause = { cause: error };
  if (code === 'EADDRINUSE')
    return new UserError('port-taken', `port ${port} is taken; set TIDEMARK_PORT to a free one`, cause);
  if (code === 'EACCES') {
    const why = `this user may not listen on port ${port}; set TIDEMARK_PORT to one from 1024 on, with a proxy in front`;
    return new UserError('invalid-setting', `invalid TIDEMARK_PORT: ${port}; ${why}`, cause);
  }
  if (!['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'EINVAL'].includes(code)) return error;
  const accepted = 'expected an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them';
  return new UserError('invalid-setting', `invalid TIDEMARK_HOST: ${host}; ${accepted}`, cause);
}

function logRepaired(log: Log, repaired: OpenStore['repaired']): void {
  for (const { table, column, row, text } of repaired) {
    log('warn', 'text-repaired', {
      table,
      column,
      row,
      text,
      detail: 'it held half of a surrogate pair, which no client can read; U+FFFD stands there now',
    });
  }
}

/** Work at a time to come, which does not keep the process from ending. */
function createTimers(log: Log) {
  const timers = new Set<NodeJS.Timeout>();
  const underWay = new Set<Promise<void>>();
  return {
    later(ms: number, work: () => Promise<void>): void {
      const timer = setTimeout(() => {
        timers.delete(timer);
        const done = work()
          .catch((error: unknown) => log('error', 'timer-failed', { error: String(error) }))
          .finally(() => underWay.delete(done));
        underWay.add(done);
      }, ms);
      timers.add(timer);
      timer.unref();
    },
    clear: () => timers.forEach(clearTimeout),
    settled: () => Promise.all(underWay),
  };
}

/** Room on the disk that a folder lies on, for who is not root. */
async function diskSpace(folder: string): Promise<DiskSpace> {
  const { bavail, blocks, bsize } = await statfs(folder);
  return { free: bavail * bsize, total: blocks * bsize };
}

/** The AWS SDK and DuckDB take a second to load, so each is only where it is used. */
async function sourceOf({ athena, folder }: Settings): Promise<ActualsSource | undefined> {
  if (athena) return (await import('../scoring/open-athena.ts')).openAthenaSource(athena);
  if (folder) return (await import('../scoring/folder-source.ts')).folderSource(folder);
  return undefined;
}

/** Takes no new connection, and waits for the requests under way; who takes longer than that is cut off. */
async function closed(server: ReturnType<typeof createAdaptorServer>, graceMs: number): Promise<void> {
  const http = server as Server;
  const closing = new Promise<void>((resolve) => http.close(() => resolve()));
  // A connection that is kept alive becomes idle only once its answer is out.
  const idle = setInterval(() => http.closeIdleConnections(), 50);
  const grace = setTimeout(() => http.closeAllConnections(), graceMs);
  await closing;
  clearInterval(idle);
  clearTimeout(grace);
}
