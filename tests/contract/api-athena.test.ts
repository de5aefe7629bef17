import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ActualsSource } from '@tidemark/api/testing/scoring';
import { athenaSource, folderSource, openAthenaSource, parseAthena, parseFolder } from '@tidemark/api/testing/scoring';
import {
  createService,
  madeUpArtifact,
  madeUpSeries,
  publishedService,
  pushOf,
  type Service,
  STEP_MS,
  type StoppedClock,
  stoppedClock,
  WEEK,
} from '@tidemark/api/testing/service';
import { lastCycle } from '@tidemark/api/testing/store';
import { until } from '@tidemark/api/testing/until';
import { startWorker } from '@tidemark/api/testing/workerd';
import { written } from '@tidemark/api/testing/written';
import { encodeModel } from '@tidemark/shared/contract/model-file';
import { bucketAt, type Series } from '@tidemark/shared/forecasting';
import { openAthena } from '@tidemark/shared/warehouse/athena';
import { literal, openDuck } from '@tidemark/shared/warehouse/duckdb';
import { realTrino } from '@tidemark/tools/athena-local/env';
import { type Faults, NO_FAULTS } from '@tidemark/tools/athena-local/faults';
import { athenaSettingText, writeTables } from '@tidemark/tools/athena-local/made-up-tables';
import { type AthenaServer, serveAthena } from '@tidemark/tools/athena-local/server';
import { BRISK, pointSdkAt } from '@tidemark/tools/payments/fetching';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

const NOW = 6 * WEEK;
/** The first bucket that is not there from the beginning, and the last that is scored. */
const FROM = NOW - 12;
const TO = FROM + 5;
const environment = { TIDEMARK_BACKFILL_DAYS: '1' };
const { seed: _, ...CALM } = NO_FAULTS;

/** Ends with the bucket that is open now, so that a worker, which knows only the real time, has all of it to read. */
const shift = bucketAt(Date.now(), STEP_MS) - NOW - (madeUpSeries('x', 1).firstBucket as number);
const clients = ['bank', 'café', 'shop'].map((id): Series => {
  const made = madeUpSeries(id, 7);
  return { ...made, firstBucket: made.firstBucket + shift };
});
const group: Series = {
  ...(clients[0] as Series),
  id: 'both',
  values: (clients[0] as Series).values.map((value, i) => Number((value + (clients[2]?.values[i] ?? 0)).toFixed(2))),
};
const series = [...clients, group];
const model = encodeModel(madeUpArtifact(series));
/** What a publish leaves: the group's members and a first bucket, from which cycles go on. */
const begun = {
  series: pushOf(series, 0, FROM).series.map((one) =>
    one.series === 'both' ? { ...one, members: ['bank', 'shop'] } : one,
  ),
};

let root: string;
let athena: AthenaServer;
let pushed: Awaited<ReturnType<typeof written>>;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tidemark-api-athena-'));
  await writeTables(root, clients);
  athena = await serveAthena(root, { faults: { seed: 3 } });
  pointSdkAt(athena.url);
  pushed = await rowsOf(async (service, clock) => {
    for (let bucket = FROM; bucket <= TO; bucket++) {
      clock.endOf(bucket + shift);
      await service.send('PUT', '/v1/actuals', pushOf(series, bucket, bucket + 1));
      await service.cycle.run('schedule');
    }
  });
});
afterAll(async () => {
  await athena?.close();
  await rm(root, { recursive: true, force: true });
});
beforeEach(() => athena.disturb(CALM));

/** A service that begins where a publish leaves it, with a source if one is given; what it has written in the end. */
async function rowsOf(act: (service: Service, clock: StoppedClock) => Promise<void>, source?: ActualsSource) {
  const clock = stoppedClock();
  clock.endOf(FROM - 1 + shift);
  const begin = await publishedService({ clock, series, until: 1, environment });
  await begin.send('PUT', '/v1/actuals', begun);
  await begin.cycle.run('schedule');
  const service = source ? await createService({ clock, db: begin.db, environment, cycle: { source } }) : begin;
  await act(service, clock);
  const rows = await written(begin.db);
  begin.close();
  return rows;
}

/** The source through the unmodified SDK, with waits short enough for a test. */
/** How long a cycle waits that is meant to fail: a Trino needs longer even to refuse. */
const SHORT_MS = realTrino() ? 5_000 : 500;

function brisk(timeoutMs = 20_000): ActualsSource {
  const setting = parseAthena(athenaSettingText());
  if (!setting) throw new Error('no setting');
  return athenaSource(openAthena(setting), setting.tables, timeoutMs, BRISK);
}

/** The same tables as CSV. */
async function asCsv(parquet: string): Promise<string> {
  const folder = join(parquet, 'csv');
  await mkdir(folder);
  const duck = await openDuck();
  for (const table of ['transactions', 'merchants']) {
    await duck.writeCsv(`SELECT * FROM ${literal(join(parquet, `${table}.parquet`))}`, join(folder, `${table}.csv`));
  }
  duck.close();
  return folder;
}

async function cycles(service: Service, clock: StoppedClock): Promise<void> {
  for (let bucket = FROM; bucket <= TO; bucket++) {
    clock.endOf(bucket + shift);
    await service.cycle.run('schedule');
  }
}

describe('on Node', () => {
  test('cycles that read Athena write what pushed actuals would have, groups included', async () => {
    const setting = parseAthena(athenaSettingText());
    if (!setting) throw new Error('no setting');
    expect(await rowsOf(cycles, openAthenaSource(setting))).toEqual(pushed);
  });

  test.each(['parquet', 'csv'])('cycles that read a folder of %s write the same', async (kind) => {
    const folder = kind === 'csv' ? await asCsv(root) : root;
    const { tables } = JSON.parse(athenaSettingText());
    const setting = parseFolder(JSON.stringify({ folder, tables }));
    if (!setting) throw new Error('no setting');
    expect(await rowsOf(cycles, folderSource(setting))).toEqual(pushed);
  });

  test('a folder that is not there is told, and what is stored is scored all the same', async () => {
    const clock = stoppedClock();
    clock.endOf(FROM - 1 + shift);
    const service = await publishedService({ clock, series, until: 1, environment });
    await service.send('PUT', '/v1/actuals', begun);
    const setting = parseFolder(JSON.stringify({ folder: join(root, 'gone') }));
    if (!setting) throw new Error('no setting');
    const reading = await createService({
      clock,
      db: service.db,
      environment,
      cycle: { source: folderSource(setting) },
    });
    expect((await reading.cycle.run('schedule')).bands).toBeGreaterThan(0);
    expect((await lastCycle(service.db))?.error).toBe(`source: no history folder: ${join(root, 'gone')}`);
    service.close();
  });

  test.each<[string, Partial<Faults>]>([
    ['throttling', { throttle: 0.1 }],
    ['server faults', { serverError: 0.3 }],
    ['answers cut short', { reset: 0.3 }],
    ['queries that fail and may be sent again', { failRetryable: 0.3, cancel: 0.2 }],
  ])('%s is waited out within the cycle', async (_what, faults) => {
    athena.disturb(faults);
    const rows = await rowsOf(async (service, clock) => {
      await cycles(service, clock);
      expect((await lastCycle(service.db))?.error).toBe(null);
    }, brisk());
    expect(rows).toEqual(pushed);
  });

  test.each<[string, Partial<Faults>, RegExp]>([
    ['a source that never answers', { hang: 1 }, /^source: Athena did not deliver within [\d.]+ s/],
    ['a source that always throttles', { throttle: 1 }, /^source: (Athena did not deliver|Rate exceeded)/],
    ['a source that is down', { serverError: 1 }, /^source: /],
    ['a query that never ends', { runMs: 600_000 }, /^source: Athena .*(did not deliver|took longer)/],
    ['a query that fails for good', { failFinal: 1 }, /^source: Athena query .+ failed: HIVE_BAD_DATA/],
    ['an expired session', { expireAfter: 0 }, /^source: the AWS session has expired/],
  ])('%s fails its cycle in words, reads go on, and the next cycle catches up', async (_what, faults, words) => {
    const [patient, hasty] = [brisk(), brisk(SHORT_MS)];
    let isTroubled = false;
    const source = {
      ...patient,
      read: (question: Parameters<ActualsSource['read']>[0]) => (isTroubled ? hasty : patient).read(question),
    };
    const rows = await rowsOf(async (service, clock) => {
      for (const [bucket, wrong] of [
        [FROM + 1, {}],
        [FROM + 3, faults],
        [TO, {}],
      ] as const) {
        isTroubled = wrong === faults;
        athena.disturb({ ...CALM, ...wrong });
        clock.endOf(bucket + shift);
        await service.cycle.run('schedule');
        const { error } = (await lastCycle(service.db)) ?? {};
        if (isTroubled) expect(error).toMatch(words);
        else expect(error).toBe(null);
        const health = (await (await service.get('/v1/health')).json()) as { last_cycle: { error: string | null } };
        expect(health.last_cycle.error).toBe(isTroubled ? 'the history source failed' : null);
        expect((await service.get('/v1/bands?series=shop')).status).toBe(200);
      }
    }, source);
    expect(rows).toEqual(pushed);
  });

  test('a query that nobody waits for any longer is stopped at Athena', async () => {
    athena.disturb({ runMs: 600_000 });
    const stopping = new AbortController();
    const clock = stoppedClock();
    clock.endOf(NOW + shift);
    const service = await publishedService({
      clock,
      series,
      until: 1,
      environment,
      cycle: { source: brisk(), stopping: stopping.signal },
    });
    const before = athena.executions.size;
    const cycle = service.cycle.run('schedule');
    await until(
      () => athena.executions.size,
      (count) => count > before,
    );
    stopping.abort(new Error('the service is stopping'));
    await cycle;
    expect((await lastCycle(service.db))?.error).toBe('source: the service is stopping');
    await until(
      () => [...athena.executions.values()].at(-1)?.state,
      (state) => state === 'CANCELLED',
    );
    service.close();
  });
});

describe('in workerd', () => {
  test('the cron trigger reads Athena through the bundled SDK, says what failed, and catches up', async () => {
    // The newest complete bucket stays the same for half an hour, whenever this test is run.
    const sinceBucket = Math.floor((Date.now() % STEP_MS) / 60_000);
    const worker = await startWorker({
      ...environment,
      TIDEMARK_WATERMARK_MINUTES: String(sinceBucket + 30),
      TIDEMARK_ATHENA: athenaSettingText(0.06),
      AWS_ENDPOINT_URL: athena.url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    });
    const put = (path: string, type: string, body: string) =>
      worker.ask(path, { method: 'PUT', headers: { 'content-type': type }, body }, 'owner');
    try {
      expect((await put('/v1/model', 'text/plain', model)).status).toBe(200);
      expect((await put('/v1/actuals', 'application/json', JSON.stringify(begun))).status).toBe(200);
      const last = async () => (await lastCycle(worker.db))?.error;
      for (const [faults, words] of [
        [{ hang: 1 }, /^source: Athena did not deliver within 3.6 s/],
        [{ serverError: 1 }, /^source: /],
        [{ failFinal: 1 }, /HIVE_BAD_DATA/],
      ] as const) {
        athena.disturb({ ...CALM, ...faults });
        expect(await worker.cron()).toMatchObject({ outcome: 'ok' });
        expect(await last()).toMatch(words);
        expect((await worker.ask('/v1/bands?series=shop')).status).toBe(200);
      }
      athena.disturb({ ...CALM, throttle: 0.2, serverError: 0.1 });
      await worker.cron();
      expect(await last()).toBe(null);
      const complete = NOW - 2;
      const calm = await rowsOf(async (service, clock) => {
        clock.endOf(complete + shift);
        await service.send('PUT', '/v1/actuals', pushOf(series, FROM, complete + 1));
        await service.cycle.run('schedule');
      });
      expect(await written(worker.db)).toEqual(calm);
      expect(worker.console()).not.toMatch(/"bug"/);
    } finally {
      await worker.close();
    }
  });
});
