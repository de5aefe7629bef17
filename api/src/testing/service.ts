import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PushedActuals, utcText } from '@tidemark/shared/contract';
import { encodeModel } from '@tidemark/shared/contract/model-file';
import {
  type Artifact,
  bucketStart,
  createRandom,
  DEFAULT_STEP_MS,
  type Series,
  SMALL_NETWORK,
  untrainedArtifact,
} from '@tidemark/shared/forecasting';
import type { Clock } from '../clock.ts';
import { readSettings } from '../entry/env.ts';
import { answerCache, editionOf } from '../http/answer-cache.ts';
import { createApp } from '../http/app.ts';
import type { ApiKey } from '../http/auth.ts';
import type { RateLimit } from '../http/rate-limit.ts';
import type { App } from '../http/route.ts';
import type { Log } from '../log.ts';
import { noNotes, stateReader } from '../monitor/state.ts';
import { createCycle } from '../scoring/cycle.ts';
import type { CycleDeps } from '../scoring/deps.ts';
import { liveForecaster } from '../scoring/live-forecaster.ts';
import type { Db } from '../store/db.ts';
import { type DatabaseFile, openDatabaseFile } from '../store/libsql.ts';

export const STEP_MS = DEFAULT_STEP_MS;
/** First bucket of every made-up series: 2025-01-06, a Monday. */
export const FIRST = Date.UTC(2025, 0, 6) / STEP_MS;
export const WEEK = 84;

/** A daily and weekly rhythm with noise; the same for the same id. */
export function madeUpSeries(id: string, weeks: number): Series {
  const random = createRandom([...id].reduce((sum, character) => sum * 31 + character.charCodeAt(0), 7) % 65_536);
  const values = Float64Array.from({ length: weeks * WEEK }, (_, i) => {
    const rhythm = 1 + 0.6 * Math.sin((2 * Math.PI * i) / 12) + 0.3 * Math.sin((2 * Math.PI * i) / WEEK);
    return Math.round(100 * Math.max(1, 1_000 * rhythm + 60 * random.normal())) / 100;
  });
  return {
    id,
    measure: 'gross',
    stepMs: STEP_MS,
    firstBucket: FIRST,
    values,
    states: Array.from({ length: values.length }, () => 'observed' as const),
  };
}

/** A real artifact, made in milliseconds: fitted base forecasts and a small network that has not learned yet. */
export function madeUpArtifact(series: readonly Series[], version = 'first'): Artifact {
  const artifact = untrainedArtifact(series, { timeZone: 'America/Lima', servedBy: 'base', network: SMALL_NETWORK });
  return { ...artifact, metadata: { ...artifact.metadata, modelVersion: version } };
}

/** Buckets `from … to` (indices into the series, `to` exclusive) as a body of `PUT /v1/actuals`. */
export function pushOf(all: readonly Series[], from: number, to: number): PushedActuals {
  return {
    series: all.map((one) => ({
      series: one.id,
      measure: one.measure,
      start: utcText(bucketStart(one.firstBucket + from, one.stepMs)),
      values: Array.from(one.values.subarray(from, to), (value) => (Number.isNaN(value) ? null : value)),
    })),
  };
}

/** A clock that stands where it is put. */
export interface StoppedClock extends Clock {
  /** Puts it some minutes after the end of the bucket with this index. */
  endOf(index: number, minutes?: number): void;
}

export function stoppedClock(): StoppedClock {
  let now = bucketStart(FIRST, STEP_MS);
  return {
    kind: 'wall',
    wall: () => now,
    endOf(index, minutes = 6) {
      now = bucketStart(FIRST + index + 1, STEP_MS) + minutes * 60_000;
    },
  };
}

export interface Service {
  readonly db: Db;
  readonly app: App;
  readonly cycle: ReturnType<typeof createCycle>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  rows<T>(path: string): Promise<T[]>;
  send(method: string, path: string, body: unknown): Promise<Response>;
  close(): void;
}

export interface ServiceOptions {
  readonly clock: Clock;
  readonly db?: Db;
  readonly environment?: Record<string, string>;
  readonly keys?: readonly ApiKey[];
  readonly rateLimit?: RateLimit;
  readonly cycle?: Partial<CycleDeps>;
}

/** Quiet but for bugs, which a test should show. */
const bugsOnly: Log = (_, event, fields) => {
  if (event === 'bug') process.stderr.write(`${String(fields?.error)}\n`);
};

/** An embedded database in a folder of its own, removed when closed. */
export async function temporaryDatabase(): Promise<DatabaseFile> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-api-'));
  const file = await openDatabaseFile(join(folder, 'tidemark.db'), 'kill');
  return {
    ...file,
    close() {
      file.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The whole service over a temporary database, spoken to without a socket. */
export async function createService(options: ServiceOptions): Promise<Service> {
  const file = options.db ? null : await temporaryDatabase();
  const db = options.db ?? (file?.db as Db);
  const { cycle: settings, publicUrl } = readSettings(options.environment ?? {});
  const live = liveForecaster(db);
  const cycle = createCycle({
    oneProcess: true,
    db,
    live,
    clock: options.clock,
    log: bugsOnly,
    settings,
    ...options.cycle,
  });
  const app = createApp({
    db,
    live,
    cycle,
    state: stateReader({
      db,
      live,
      clock: options.clock,
      settings,
      hasSource: options.cycle?.source !== undefined,
      hasQueue: options.cycle?.fanOut !== undefined,
      webhooks: [],
      notes: noNotes(),
    }),
    settings,
    clock: options.clock,
    log: bugsOnly,
    cache: answerCache(1e7, editionOf(settings)),
    keys: options.keys ?? [],
    publicUrl,
    compress: true,
    rateLimit: options.rateLimit ?? (() => true),
  });
  const get = async (path: string, headers: Record<string, string> = {}) => app.request(path, { headers });
  return {
    db,
    app,
    cycle,
    get,
    async rows<T>(path: string) {
      const response = await get(path);
      if (response.status !== 200) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return ((await response.json()) as { rows: T[] }).rows;
    },
    async send(method, path, body) {
      const text = typeof body === 'string';
      return app.request(path, {
        method,
        headers: { 'content-type': text ? 'text/plain' : 'application/json' },
        body: text ? body : JSON.stringify(body),
      });
    },
    close: () => file?.close(),
  };
}

/** A service with a live model and the first buckets of some series pushed; nothing is scored yet. */
export async function publishedService(
  options: ServiceOptions & { readonly series: readonly Series[]; readonly until: number },
): Promise<Service> {
  const service = await createService(options);
  const published = await service.send('PUT', '/v1/model', encodeModel(madeUpArtifact(options.series)));
  if (published.status !== 200) throw new Error(await published.text());
  const pushed = await service.send('PUT', '/v1/actuals', pushOf(options.series, 0, options.until));
  if (pushed.status !== 200) throw new Error(await pushed.text());
  return service;
}
