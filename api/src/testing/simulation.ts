import { Buffer } from 'node:buffer';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ServiceIncidentRow } from '@tidemark/shared/contract';
import { encodeModel } from '@tidemark/shared/contract/model-file';
import { type Artifact, bucketAt, bucketStart, DAY_MS, type Series } from '@tidemark/shared/forecasting';
import { readSettings } from '../entry/env.ts';
import { scheduledMinute } from '../entry/scheduled-cycles.ts';
import { createService, type Platform, type Service } from '../entry/service.ts';
import { hashKey } from '../http/auth.ts';
import { silentLog } from '../log.ts';
import type { DiskSpace } from '../monitor/state.ts';
import { guardedFetch } from '../notify/guarded-fetch.ts';
import { processLeaseOwner } from '../scoring/lease-owner.ts';
import type { ActualsSource } from '../scoring/source.ts';
import type { DatabaseFile } from '../store/libsql.ts';
import { FIRST, pushOf, STEP_MS } from './service.ts';

export const MINUTE_MS = 60_000;
/** Time after midnight at which `start-node.ts` has removed what is no longer kept. */
export const RETENTION_AT_MS = (3 * 60 + 35) * MINUTE_MS;
/** Minutes after the end of a bucket at which the feed pushes it. */
const PUSHED_AT = 2;
/** Real time that a simulated minute waits for what may hang, unless told otherwise. */
const PATIENCE_MS = 300;

/** A message to a webhook about the service, with the simulated time at which it arrived. */
export interface Told {
  readonly hook: string;
  readonly at: number;
  readonly event: string;
  readonly service: ServiceIncidentRow;
}

/** What receives webhooks and heartbeats, over real sockets. */
export interface Receiver {
  readonly told: Told[];
  /** Simulated times of pings, by path. */
  readonly pings: { readonly path: string; readonly at: number }[];
  /** What a path is answered: a status, or `hang`; unless set, 200. */
  readonly answers: Map<string, number | 'hang'>;
  readonly url: string;
  close(): Promise<void>;
}

/** A service whose minutes pass as fast as they can, with all its own parts: its clock alone is put forward by hand. */
export interface Simulation {
  readonly service: Service;
  readonly file: DatabaseFile;
  readonly receiver: Receiver;
  /** Simulated epoch milliseconds. */
  now(): number;
  /** What faults change. */
  readonly world: World;
  send(method: string, path: string, body: unknown, key?: string): Promise<Response>;
  /** Lets minutes pass one by one, each with what Node does in a minute. */
  pass(minutes: number, until?: () => boolean): Promise<void>;
  /** Lets time pass without the process. */
  skip(minutes: number): void;
  close(): Promise<void>;
}

/** What surrounds the service: faults change it. */
export interface World {
  /** Whether the process runs at all. */
  isRunning: boolean;
  /** Whether the schedule fires. */
  isScheduled: boolean;
  /** Whether messages that are due are sent. */
  isDelivering: boolean;
  /** What the feed pushes at the end of a bucket, and as whom; `null`: nothing. */
  feed: (body: ReturnType<typeof pushOf>, bucket: number) => unknown;
  feedKey: string;
  disk: DiskSpace | null;
}

const PLENTY: DiskSpace = { free: 50e9, total: 100e9 };

export interface SimulationOptions {
  readonly series: readonly Series[];
  readonly file: DatabaseFile;
  readonly receiver: Receiver;
  /** Simulated time at which it begins. */
  readonly from: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly source?: ActualsSource;
  readonly platform?: Partial<Platform>;
  /** Real time that a simulated minute waits for a cycle, and for other people's servers. */
  readonly patienceMs?: number;
}

/** Receives what the service sends. */
export async function startReceiver(clock: { now(): number }): Promise<Receiver> {
  const told: Told[] = [];
  const pings: Receiver['pings'] = [];
  const answers: Receiver['answers'] = new Map();
  const server = createServer((request, response) => void receive(request, response));
  const receive = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? '';
    let text = '';
    for await (const chunk of request) text += chunk;
    const answer = answers.get(path) ?? 200;
    if (answer === 'hang') return;
    response.writeHead(answer).end();
    if (request.method === 'GET') pings.push({ path, at: clock.now() });
    else if (answer === 200) {
      const message = JSON.parse(text) as { event: string; service?: ServiceIncidentRow };
      if (message.service) told.push({ hook: path, at: clock.now(), event: message.event, service: message.service });
    }
  };
  await listening(server);
  const { port } = server.address() as AddressInfo;
  return {
    told,
    pings,
    answers,
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function listening(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}

const KEYS = [
  ['feed', 'ingest'],
  ['owner', 'admin'],
].map(([name, scope]) => `${name}:${scope}:${Buffer.from(hashKey(`${name}-key`)).toString('hex')}`);

/** Settings of a simulated service: two webhooks and a heartbeat at the receiver. */
export function simulatedEnvironment(receiver: Pick<Receiver, 'url'>): Record<string, string> {
  const hook = (name: string) => ({ name, url: `${receiver.url}/${name}`, severity: 'info' });
  return {
    TIDEMARK_KEYS: KEYS.join(','),
    TIDEMARK_BACKFILL_DAYS: '2',
    TIDEMARK_WEBHOOKS: JSON.stringify([hook('ops'), hook('second')]),
    TIDEMARK_WEBHOOKS_LOOPBACK: 'true',
    TIDEMARK_HEARTBEAT: `${receiver.url}/beat`,
    TIDEMARK_HEARTBEAT_FAILURE: `${receiver.url}/beat/fail`,
  };
}

/** Starts a simulated process over a database that may hold something already. */
export function simulate(options: SimulationOptions): Simulation {
  const { file, receiver, series, patienceMs = PATIENCE_MS } = options;
  const settings = readSettings({ ...simulatedEnvironment(receiver), ...options.environment });
  const world: World = {
    isRunning: true,
    isScheduled: true,
    isDelivering: true,
    feed: (body) => body,
    feedKey: 'feed-key',
    disk: PLENTY,
  };
  // What a killed process still owed is sent at the start.
  const state = { now: options.from, due: options.from, scheduled: null as Promise<unknown> | null, isOver: false };
  const fetchNow = guardedFetch(settings.targets);
  const service = createService({
    db: file.db,
    settings,
    clock: { kind: settings.clock, wall: () => state.now },
    log: silentLog,
    rateLimit: () => true,
    cacheBytes: 1e6,
    oneProcess: true,
    leaseOwner: processLeaseOwner(),
    source: options.source,
    // A process that has ended tells nothing more, whatever of it still runs here without its database.
    fetch: async (...request) => {
      if (state.isOver) throw new Error('the process has ended');
      return fetchNow(...request);
    },
    disk: async () => world.disk,
    deliverAgainAt(at) {
      state.due = Math.min(state.due, at);
    },
    ...options.platform,
  });
  const send = async (method: string, path: string, body: unknown, key = 'owner-key') => {
    const isText = typeof body === 'string';
    return service.app.request(path, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': isText ? 'text/plain' : 'application/json' },
      ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
    });
  };
  const feed = async () => {
    const sinceEnd = state.now - bucketStart(bucketAt(state.now, STEP_MS), STEP_MS);
    if (options.source || sinceEnd !== PUSHED_AT * MINUTE_MS) return;
    const index = bucketAt(state.now, STEP_MS) - 1 - FIRST;
    const body = world.feed(pushOf(series, index, index + 1), index);
    if (body !== null) await send('PUT', '/v1/actuals', body, world.feedKey);
  };
  const minute = scheduledMinute(service, silentLog);
  /** As `start-node.ts` has it: the schedule waits for its cycle, the check and the messages do not. */
  const work = async () => {
    if (state.scheduled === null && world.isScheduled) {
      state.scheduled = minute().finally(() => {
        state.scheduled = null;
      });
    }
    await atMost(
      patienceMs,
      Promise.resolve(state.scheduled).then(() => service.settled()),
    );
    if (state.now % DAY_MS === RETENTION_AT_MS) await service.runRetention().catch(() => undefined);
    await service.check();
    for (let round = 0; round < 3 && world.isDelivering && state.due <= state.now; round++) {
      state.due = Number.POSITIVE_INFINITY;
      await service.deliver().catch(() => undefined);
    }
  };
  return {
    service,
    file,
    receiver,
    world,
    send,
    now: () => state.now,
    async pass(minutes, until = () => false) {
      for (let minute = 0; minute < minutes && !until(); minute++) {
        state.now += MINUTE_MS;
        await feed();
        if (world.isRunning) await work();
      }
    },
    skip(minutes) {
      state.now += minutes * MINUTE_MS;
    },
    async close() {
      await atMost(
        patienceMs,
        service.cycle.settled().then(() => service.settled()),
      );
      state.isOver = true;
      file.close();
    },
  };
}

/** Waits for work, but not longer than a simulated minute may take. */
async function atMost(patienceMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, patienceMs);
  });
  await Promise.race([work, patience]);
  clearTimeout(timer);
}

/** Publishes a model and pushes all buckets before the simulated now, whose cycle then is scored. */
export async function layDown(simulation: Simulation, series: readonly Series[], artifact: Artifact): Promise<void> {
  const until = bucketAt(simulation.now(), STEP_MS) - FIRST;
  for (const [method, path, body] of [
    ['PUT', '/v1/model', encodeModel(artifact)],
    ['PUT', '/v1/actuals', pushOf(series, 0, until)],
    ['POST', '/v1/refresh', undefined],
  ] as const) {
    const answer = await simulation.send(method, path, body);
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  }
}
