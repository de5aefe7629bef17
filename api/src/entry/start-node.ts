import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { getConnInfo } from '@hono/node-server/conninfo';
import { UserError } from '@tidemark/shared/errors';
import { Cron } from 'croner';
import type { Hono } from 'hono';
import { systemClock } from '../clock.ts';
import { clientAddress } from '../http/client-address.ts';
import { tokenBuckets } from '../http/rate-limit.ts';
import { jsonLog, type Log } from '../log.ts';
import { guardedFetch } from '../notify/guarded-fetch.ts';
import type { Cycle } from '../scoring/cycle.ts';
import { processLeaseOwner } from '../scoring/lease-owner.ts';
import { cycleCron } from '../scoring/schedule.ts';
import type { ActualsSource } from '../scoring/source.ts';
import { threadScorer } from '../scoring/thread-scorer.ts';
import { openDatabaseFile } from '../store/libsql.ts';
import { checkExposure, readSettings, type Settings } from './env.ts';
import { createService, type Service } from './service.ts';

export interface NodeOptions {
  /** Variables as in `env.ts`; what is given beside them wins. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** 0: any free port. */
  readonly port?: number;
  readonly databaseFile?: string;
  /** Mounted at `/`, before the API's own routes and without their middleware. */
  readonly extraRoutes?: Hono;
  readonly log?: Log;
  /** How long requests under way may take once the service is stopping. */
  readonly graceMs?: number;
}

/**
 * Runs cycles whenever a bucket of the stored step becomes complete; another step, stored later, is followed within a
 * minute.
 */
async function scheduleCycles({ grid }: Service, watermarkMs: number, run: () => Promise<void>): Promise<Cron> {
  let { stepMs } = await grid();
  const job = new Cron('* * * * *', { timezone: 'UTC', protect: true }, async () => {
    if (new Cron(cycleCron(stepMs, watermarkMs), { timezone: 'UTC', paused: true }).match(new Date())) await run();
    ({ stepMs } = await grid().catch(() => ({ stepMs })));
  });
  return job;
}

/** A running service. */
export interface NodeServer {
  /** E.g. `http://127.0.0.1:8787`. */
  readonly url: string;
  readonly cycle: Cycle;
  /** Finishes requests and the cycle under way, then closes the database. */
  stop(): Promise<void>;
}

const TIDYING = '35 3 * * *';
/** Orchestrators kill after half a minute. */
const GRACE_MS = 20_000;

/**
 * Starts the service on Node with an embedded database file.
 * @throws UserError when a setting is wrong, a port is taken, or there are no keys and nobody said that is meant.
 */
export async function startNode(options: NodeOptions): Promise<NodeServer> {
  const settings = readSettings(options.environment);
  checkExposure(settings, ['127.0.0.1', '::1', 'localhost'].includes(settings.host));
  const log = options.log ?? jsonLog((line) => process.stdout.write(`${line}\n`));
  const clock = systemClock(settings.clock);
  const database = await openDatabaseFile(options.databaseFile ?? settings.databaseFile);
  const { db } = database;
  for (const { table, column, row, text } of database.repaired) {
    log('warn', 'text-repaired', {
      table,
      column,
      row,
      text,
      detail: 'it held half of a surrogate pair, which no client can read; U+FFFD stands there now',
    });
  }
  const timers = new Set<NodeJS.Timeout>();
  const underWay = new Set<Promise<void>>();
  const later = (ms: number, work: () => Promise<void>) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      const done = work()
        .catch((error: unknown) => log('error', 'timer-failed', { error: String(error) }))
        .finally(() => underWay.delete(done));
      underWay.add(done);
    }, ms);
    timers.add(timer);
    timer.unref();
  };
  const stopping = new AbortController();
  const threads = settings.threads > 0 ? threadScorer(settings.threads) : null;
  const service = createService({
    db,
    settings,
    clock,
    log,
    oneProcess: true,
    leaseOwner: processLeaseOwner(),
    stopping: stopping.signal,
    scorer: threads?.scorer,
    source: await sourceOf(settings),
    rateLimit: tokenBuckets(settings.ratePerMinute),
    cacheBytes: 64 * 1024 * 1024,
    fetch: guardedFetch(settings.targets),
    addressOf: (c) => {
      const { remote } = getConnInfo(c);
      return clientAddress(remote.address ?? '', c.req.header('x-forwarded-for'), settings.trustedProxies);
    },
    deliverAgainAt: (at) => later(Math.max(1_000, at - clock.wall()), service.deliver),
  });
  const { app, cycle } = service;
  const { extraRoutes } = options;
  const fetch = async (request: Request, env: unknown) => {
    const response = extraRoutes ? await extraRoutes.fetch(request, env as object) : null;
    return response && response.status !== 404 ? response : app.fetch(request, env as object);
  };
  const server = createAdaptorServer({ fetch });
  const port = options.port ?? settings.port;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new UserError('port-taken', `port ${port} is taken; set TIDEMARK_PORT to a free one`, { cause: error })
          : error,
      );
    });
    server.listen(port, settings.host, resolve);
  });
  const address = server.address();
  const bound = typeof address === 'object' && address ? address.port : port;
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
  const schedule = await scheduleCycles(service, settings.cycle.watermarkMs, async () => {
    await cycle.run('schedule').catch((error: unknown) => log('error', 'cycle-failed', { error: String(error) }));
  });
  const tidying = new Cron(TIDYING, { timezone: 'UTC', protect: true }, async () => {
    await service.runRetention().catch((error: unknown) => log('error', 'tidy-failed', { error: String(error) }));
  });
  // Messages that a killed process still owed.
  later(1_000, service.deliver);
  const url = `http://${host}:${bound}`;
  log('info', 'listening', { url, database: options.databaseFile ?? settings.databaseFile });
  return {
    url,
    cycle,
    async stop() {
      schedule.stop();
      tidying.stop();
      for (const timer of timers) clearTimeout(timer);
      stopping.abort(new Error('the service is stopping'));
      await closed(server, options.graceMs ?? GRACE_MS);
      await Promise.all([cycle.settled(), ...underWay]);
      await threads?.stop();
      database.close();
      log('info', 'stopped');
    },
  };
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
