import { encodeModel } from '@tidemark/shared/contract/model-file';
import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { deliverDue } from '../notify/deliver.ts';
import { parseWebhooks, pendingDeliveriesBy } from '../notify/webhooks.ts';
import { claimSeries } from '../store/claims.ts';
import { anyPostgres, type ContractDatabase } from '../testing/databases.ts';
import {
  createService,
  FIRST,
  madeUpArtifact,
  madeUpSeries,
  publishedService,
  type Service,
  STEP_MS,
  stoppedClock,
  WEEK,
} from '../testing/service.ts';
import { written } from '../testing/written.ts';
import { CLAIM_MS } from './claimed-chunks.ts';
import { liveForecaster } from './live-forecaster.ts';

const NOW = 6 * WEEK;
const series = Array.from({ length: 6 }, (_, index) => madeUpSeries(`shop-${index}`, 7));
const webhooks = parseWebhooks('[{"name": "ops", "url": "https://hooks.example/ops", "severity": "info"}]');
const pendingDeliveries = pendingDeliveriesBy(webhooks);
const environment = { TIDEMARK_BACKFILL_DAYS: '3', TIDEMARK_CHUNK_SERIES: '1' };

const ALL_KEYS = sql`SELECT key FROM series ORDER BY key`;
const NO_CLAIMS = sql`SELECT * FROM claim`;
const ALL_DELIVERIES = sql`SELECT id FROM delivery`;

let database: ContractDatabase;
beforeAll(async () => {
  database = await anyPostgres();
});
afterEach(() => database.empty());
afterAll(() => database.close());

/** A published service on PostgreSQL, and others on the same database, as replicas on other machines would be. */
async function replicas(count: number) {
  const clock = stoppedClock();
  clock.endOf(NOW - 1);
  const options = (name: string) => ({
    clock,
    environment,
    db: database.db,
    cycle: { leaseOwner: { name, isGone: (other: string) => other.startsWith('gone') }, pendingDeliveries },
  });
  const first = await publishedService({ ...options('replica 0'), series, until: NOW });
  const others = Array.from({ length: count - 1 }, (_, index) => createService(options(`replica ${index + 1}`)));
  return { clock, all: [first, ...(await Promise.all(others))] as Service[] };
}

test('replicas on PostgreSQL share a cycle: each series is scored once, and all is as one alone writes it', async () => {
  const clock = stoppedClock();
  clock.endOf(NOW - 1);
  const alone = await publishedService({ clock, environment, series, until: NOW, cycle: { pendingDeliveries } });
  await alone.cycle.run('refresh');
  const { all } = await replicas(2);
  const reports = await Promise.all(all.map(({ cycle }) => cycle.run('schedule')));
  expect(reports.every(({ series }) => series > 0)).toBe(true);
  expect(reports.reduce((sum, report) => sum + report.series, 0)).toBe(series.length);
  expect(await written(database.db)).toEqual(await written(alone.db));
  alone.close();
});

test('what a replica on PostgreSQL had claimed before it died is scored by another, once the claim has run out or the process is known to be gone, and then claimed by none that planned it before', async () => {
  const { all } = await replicas(1);
  const keys = (await database.db.all<{ key: number }>(ALL_KEYS)).map(({ key }) => key);
  const now = Date.now();
  const claim = (owner: string, some: number[], ago: number) =>
    claimSeries(
      database.db,
      some.map((key) => ({ key, origin: null })),
      { owner, now: now - ago, lengthMs: CLAIM_MS },
    );
  expect(await claim('gone', keys.slice(0, 2), 0)).toEqual(keys.slice(0, 2));
  // It runs out in a second.
  expect(await claim('another machine', keys.slice(0, 4), CLAIM_MS - 1_000)).toEqual(keys.slice(2, 4));
  const report = await all[0]?.cycle.run('schedule');
  expect(report?.series).toBe(series.length);
  expect(Date.now()).toBeGreaterThan(now + 1_000);
  expect(await database.db.all(NO_CLAIMS)).toEqual([]);
  expect(await claim('late', keys, 0)).toEqual([]);
});

test('claims on PostgreSQL wait for no disk: they are of no use once the server has crashed', async () => {
  expect(await database.db.all(sql`SELECT relpersistence FROM pg_class WHERE relname = 'claim'`)).toEqual([
    { relpersistence: 'u' },
  ]);
});

test('replicas on PostgreSQL that send at once send each message once', async () => {
  const { all, clock } = await replicas(2);
  await all[0]?.cycle.run('schedule');
  const owed = await database.db.all<{ id: string }>(ALL_DELIVERIES);
  expect(owed.length).toBeGreaterThan(0);
  const sent: string[] = [];
  const fetch = async (_: unknown, init?: RequestInit) => {
    sent.push(new Headers(init?.headers).get('idempotency-key') ?? '');
    return new Response();
  };
  const deps = { db: database.db, live: liveForecaster(database.db), webhooks, clock, log: () => undefined, fetch };
  await Promise.all([deliverDue(deps as never), deliverDue(deps as never), deliverDue(deps as never)]);
  expect(sent.sort()).toEqual(owed.map(({ id }) => id).sort());
});

test('replicas on PostgreSQL read the source once a bucket, not before there is a model, and again where it failed', async () => {
  const clock = stoppedClock();
  let asked = 0;
  let fails = false;
  const source = {
    stepMs: STEP_MS,
    async read({ from, to, measure }: { from: number; to: number; measure: string }) {
      asked++;
      expect(measure).toBe('gross');
      if (fails) throw new Error('the lake is away');
      return series.map(({ id, values }) => ({
        ...{ id, measure: 'gross' as const, scoreFrom: null, members: null },
        buckets: Array.from({ length: to - Math.max(from, FIRST) + 1 }, (_, index) => {
          const bucket = Math.max(from, FIRST) + index;
          return { bucket, value: values[bucket - FIRST] ?? 0, state: 'observed' as const };
        }),
      }));
    },
  };
  const replica = (name: string) =>
    createService({
      ...{ clock, environment, db: database.db },
      cycle: { source, leaseOwner: { name, isGone: () => false } },
    });
  const [one, other] = [await replica('one'), await replica('other')];
  const cycles = async () => {
    asked = 0;
    const reports = await Promise.all([one, other].map(({ cycle }) => cycle.run('schedule')));
    for (const { cycle } of [one, other]) await cycle.run('schedule');
    return { asked, scored: reports.reduce((sum, report) => sum + report.series, 0) };
  };
  clock.endOf(NOW);
  expect(await cycles()).toEqual({ asked: 0, scored: 0 });
  expect((await one.send('PUT', '/v1/model', encodeModel(madeUpArtifact(series)))).status).toBe(200);
  expect(await cycles()).toEqual({ asked: 1, scored: series.length });
  clock.endOf(NOW + 1);
  fails = true;
  // Each that comes to it asks: nobody has read what is due.
  expect(await cycles()).toEqual({ asked: 4, scored: 0 });
  fails = false;
  expect(await cycles()).toEqual({ asked: 1, scored: series.length });
});
