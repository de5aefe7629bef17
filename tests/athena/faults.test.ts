import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Faults } from '@tidemark/tools/athena-local/faults';
import { type AthenaServer, serveAthena } from '@tidemark/tools/athena-local/server';
import { BRISK, bucketFiles, config, fetchInto, pointSdkAt, SOURCES, standIn } from '@tidemark/tools/payments/fetching';
import { makePayments, writePayments } from '@tidemark/tools/payments/payments';
import { athenaSource } from '@tidemark/trainer/testing/history';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const settings = config({ stepHours: 1, athena: { concurrency: 3 } });
let root: string;
let tables: string;
let undisturbed: Map<string, Buffer>;
let works = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tidemark-faults-'));
  tables = join(root, 'tables');
  await writePayments(tables, makePayments());
  await fetchInto(join(root, 'undisturbed'), await SOURCES.duckdb(tables, settings));
  undisturbed = await bucketFiles(join(root, 'undisturbed'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function against<T>(
  faults: Partial<Faults>,
  act: (server: AthenaServer, work: string) => Promise<T>,
): Promise<T> {
  const server = await serveAthena(tables, { faults });
  pointSdkAt(server.url);
  try {
    return await act(server, join(root, `work-${works++}`));
  } finally {
    await server.close();
  }
}

const open = (workgroup = 'primary', output?: string) => athenaSource(settings, standIn(workgroup, output), BRISK);

async function expectComplete(work: string): Promise<void> {
  const files = await bucketFiles(work);
  expect([...files.keys()]).toEqual([...undisturbed.keys()]);
  for (const [name, bytes] of undisturbed) expect(files.get(name)?.equals(bytes), name).toBe(true);
}

describe('a disturbed fetch ends complete and correct', () => {
  const matrix: [string, Partial<Faults>][] = [
    ['throttling of every fifth request', { throttle: 0.2 }],
    ['server faults', { serverError: 0.3 }],
    ['answers cut short in the middle of their body', { reset: 0.25 }],
    ['slow queues', { queueMs: 120, runMs: 80 }],
    ['queries that fail and may be sent again', { failRetryable: 0.25 }],
    ['queries that somebody cancels', { cancel: 0.3 }],
    ['fewer queries allowed at once than asked for', { concurrent: 1, runMs: 30 }],
    [
      'all of it together',
      { throttle: 0.15, serverError: 0.05, reset: 0.1, failRetryable: 0.1, queueMs: 20, runMs: 20 },
    ],
  ];
  test.each(matrix)('%s', (_, faults) =>
    against({ seed: 7, ...faults }, async (_server, work) => {
      await fetchInto(work, await open());
      await expectComplete(work);
    }),
  );
});

describe('a fetch that cannot succeed says why, in words', () => {
  test('a query that fails for good is not sent again', () =>
    against({ failFinal: 1 }, async (server, work) => {
      await expect(fetchInto(work, await open())).rejects.toThrow(/HIVE_BAD_DATA: a file is broken/);
      expect(server.executions.size).toBe(1);
    }));

  test('credentials that expire half-way ask to sign in again, and the next run fetches only what is left', async () => {
    const work = join(root, 'expired');
    await against({ expireAfter: 16 }, async () => {
      const oneByOne = { ...settings, athena: { ...settings.athena, concurrency: 1 } };
      await expect(fetchInto(work, await athenaSource(oneByOne, standIn(), BRISK))).rejects.toMatchObject({
        code: 'expired-credentials',
      });
    });
    await against({}, async (server) => {
      await fetchInto(work, await open());
      await expectComplete(work);
      const windows = [...server.executions.values()].filter(({ sql }) => sql.includes('CROSS JOIN'));
      expect(windows.length).toBeLessThan(undisturbed.size);
    });
  });

  test('an unknown workgroup is named', () =>
    against({}, async (_server, work) => {
      await expect(fetchInto(work, await open('nobody'))).rejects.toThrow(/WorkGroup nobody is not found/);
    }));

  test('a missing table is named with the engine’s reason', () =>
    against({}, async (_server, work) => {
      const other = config({ transactions: { table: 'payments' } });
      const source = await athenaSource(other, standIn(), BRISK);
      await expect(fetchInto(work, source)).rejects.toThrow(/payments/);
    }));

  test('a query over its time is stopped at Athena', () =>
    against({ runMs: 60_000 }, async (server, work) => {
      const hasty = config({ athena: { timeoutMinutes: 0.003 } });
      const source = await athenaSource(hasty, standIn(), BRISK);
      await expect(fetchInto(work, source)).rejects.toMatchObject({ code: 'query-timeout' });
      expect([...server.executions.values()].map(({ state }) => state)).toEqual(['CANCELLED']);
    }));
});

test('an interruption stops every query under way at Athena, and the next run completes', () =>
  against({ queueMs: 40, runMs: 40 }, async (server, work) => {
    const stop = new AbortController();
    const source = await open();
    const running = fetchInto(work, source, {}, stop.signal);
    while (server.executions.size < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort(new Error('Ctrl-C'));
    await expect(running).rejects.toThrow('Ctrl-C');
    expect([...server.executions.values()].filter(({ state }) => state === 'QUEUED' || state === 'RUNNING')).toEqual(
      [],
    );
    expect([...server.executions.values()].some(({ state }) => state === 'CANCELLED')).toBe(true);
    await fetchInto(work, await open());
    await expectComplete(work);
  }));

describe('workgroups', () => {
  test('one that manages its results gets no output location, and pages are read', () =>
    against({}, async (server, work) => {
      await fetchInto(work, await open('managed', 's3://mine/x/'));
      await expectComplete(work);
      expect(server.requests.GetObject).toBeUndefined();
      expect(server.requests.GetQueryResults).toBeGreaterThan(undisturbed.size);
    }));

  test('one that enforces its settings keeps results where it wants them', () =>
    against({}, async (server, work) => {
      await fetchInto(work, await open('enforced', 's3://mine/x/'));
      await expectComplete(work);
      const locations = [...server.executions.values()].map(({ location }) => location);
      expect(locations.every((location) => location?.startsWith('s3://results/enforced/'))).toBe(true);
    }));

  test('one that leaves it to the client uses ours; results of more than a page come from the file in S3', () =>
    against({}, async (server, work) => {
      await fetchInto(work, await open('primary', 's3://mine/x'));
      await expectComplete(work);
      expect([...server.executions.values()].every(({ location }) => location?.startsWith('s3://mine/x/'))).toBe(true);
      expect(server.requests.GetObject).toBeGreaterThan(0);
    }));
});

test('the same start twice is one execution; the same token with another statement is refused', () =>
  against({}, async (server) => {
    const { openAthena } = await import('@tidemark/shared/warehouse/athena');
    const athena = openAthena(standIn());
    const token = 'a'.repeat(64);
    const start = (sql: string) => athena.start({ sql, parameters: [] }, token, 0);
    const id = await start('SELECT 1 AS one');
    expect(await start('SELECT 1 AS one')).toBe(id);
    await expect(start('SELECT 2 AS two')).rejects.toThrow(/Idempotent parameters do not match/);
    expect(server.executions.size).toBe(1);
    athena.close();
  }));
