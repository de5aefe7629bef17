import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom, DAY_MS } from '@tidemark/shared/forecasting';
import { serveAthena } from '@tidemark/tools/athena-local/server';
import { bucketFiles } from '@tidemark/tools/payments/fetching';
import { makePayments, type Payment, writePayments } from '@tidemark/tools/payments/payments';
import { runTrainer } from '@tidemark/trainer/testing/command-line';
import { afterAll, beforeAll, expect, test } from 'vitest';

const MONTH = 30 * DAY_MS;
/** Kills per source; `pnpm test:soak` kills twenty times as often. */
const KILLS = process.env.TIDEMARK_TEST_SOAK === 'true' ? 100 : 5;

let root: string;
let tables: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tidemark-kill-'));
  tables = join(root, 'tables');
  const months = Array.from({ length: 8 }, (_, month) =>
    makePayments(400).map((payment): Payment => ({ ...payment, atMs: payment.atMs + month * MONTH })),
  );
  await writePayments(tables, months.flat());
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function killAndCompare(source: string[], env: NodeJS.ProcessEnv, seed: number): Promise<number> {
  const random = createRandom(seed);
  const [calm, killed] = [join(root, `calm-${seed}`), join(root, `killed-${seed}`)];
  const fetchInto = (work: string, killAfterMs?: number) =>
    runTrainer(['fetch', ...source, '--work', work, '--json'], {
      cwd: root,
      env: { ...process.env, ...env },
      ...(killAfterMs === undefined ? {} : { killAfterMs }),
    });
  const startedMs = performance.now();
  expect((await fetchInto(calm)).code).toBe(0);
  const calmMs = performance.now() - startedMs;
  let kills = 0;
  for (let round = 0; round < KILLS; round++) {
    // Over the whole run, starting up and finishing included; now and then from an empty folder.
    if (random.uniform() < 0.3) await rm(killed, { recursive: true, force: true });
    const { code } = await fetchInto(killed, calmMs * random.uniform() * 1.05);
    if (code === null) kills++;
  }
  const last = await fetchInto(killed);
  expect(last.code, last.errors).toBe(0);
  expect(await bucketFiles(killed)).toEqual(await bucketFiles(calm));
  const manifest = (work: string) => readFile(join(work, 'history', 'manifest.json'), 'utf8');
  expect(await manifest(killed)).toBe(await manifest(calm));
  return kills;
}

test('kill -9 at any instant leaves a folder from which the next run completes byte-identically (duckdb)', async () => {
  expect(await killAndCompare(['--history', tables], {}, 11)).toBeGreaterThan(0);
}, 600_000);

test('kill -9 at any instant, against Athena: the same, and no query is paid twice', async () => {
  const server = await serveAthena(tables, { faults: { queueMs: 60, runMs: 60 } });
  const env = {
    AWS_ENDPOINT_URL: server.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  };
  expect(await killAndCompare(['--source', 'athena'], env, 12)).toBeGreaterThan(0);
  const paid = [...server.executions.values()].filter(({ sql }) => sql.includes('CROSS JOIN')).map(({ sql }) => sql);
  expect(new Set(paid).size).toBe(paid.length);
  await server.close();
}, 600_000);
