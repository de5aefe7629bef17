import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type NodeServer, startNode } from '@tidemark/api';
import type { Health } from '@tidemark/shared/contract';
import { createRandom } from '@tidemark/shared/forecasting';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
let folder: string;
let server: NodeServer;

/** Thirty weeks of one shop's sales every two hours, as the sample's tables hold them. */
async function writeHistory(dir: string) {
  const random = createRandom(3);
  const lines = ['txn_id,txn_date,id_merchant,tpv,txn_type,estatus'];
  for (let k = 0; k < 30 * 84; k++) {
    const at = new Date(Date.UTC(2025, 0, 6) + k * 7_200_000 + 60_000).toISOString().slice(0, 19).replace('T', ' ');
    const amount = 1000 * (1.6 + Math.sin((2 * Math.PI * k) / 12)) + 50 * random.normal();
    lines.push(`${k},${at},m1,${amount.toFixed(2)},venta,aprobada`);
  }
  await writeFile(join(dir, 'transactions.csv'), `${lines.join('\n')}\n`);
  await writeFile(join(dir, 'merchants.csv'), 'id_merchant,client\nm1,Corner Shop\n');
}

interface Ran {
  readonly code: number | null;
  readonly last: Record<string, unknown>;
  readonly said: string;
}

/** Runs `trainer retrain` as a schedule would. */
function retrain(...args: string[]): Promise<Ran> {
  const flags = ['--history', folder, '--work', join(folder, 'work'), '--seconds', '2', '--json'];
  return trainer('retrain', ...flags, ...args);
}

/** Runs a command of the trainer and reads its last line. */
function trainer(...args: string[]): Promise<Ran> {
  const child = spawn(process.execPath, ['trainer/src/cli.ts', ...args], { cwd: root });
  let out = '';
  let said = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  return new Promise((done) => {
    child.on('close', (code) => {
      const last = out.trim().split('\n').at(-1) ?? '';
      done({ code, last: last.startsWith('{') ? JSON.parse(last) : {}, said });
    });
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-retrain-'));
  await writeHistory(folder);
  server = await startNode({
    environment: {
      TIDEMARK_OPEN: 'true',
      TIDEMARK_CLOCK: 'newest',
      TIDEMARK_READ_WAIT_SECONDS: '60',
      TIDEMARK_THREADS: '0',
    },
    port: 0,
    databaseFile: join(folder, 'api.db'),
    log: () => {},
  });
}, 60_000);

afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

test('the first run publishes a model, the next is held against it', async () => {
  const first = await retrain('--api', server.url);
  expect(first.code, first.said).toBe(0);
  expect(first.last).toMatchObject({ stage: 'retrain', published: true, inService: null });
  const health = (await (await fetch(`${server.url}/v1/health`)).json()) as { model_version: string };
  const { modelVersion } = first.last.candidate as { modelVersion: string };
  expect(health.model_version).toBe(modelVersion);

  const second = await retrain('--api', server.url, '--seed', '2');
  expect(second.code, second.said).toBe(0);
  expect(second.last).toMatchObject({ inService: { modelVersion }, drift: { drifted: false } });
  expect(second.said).toMatch(/coverage of the last four weeks is \d+(\.\d)? %/);
  expect(await readFile(join(folder, 'work', 'report.html'), 'utf8')).toMatch(/>in service</);
}, 120_000);

/** Makes last week's value serve every series: a model that is surely worse. */
async function spoilModel() {
  const file = join(folder, 'work', 'model', 'model.json');
  const model = JSON.parse(await readFile(file, 'utf8'));
  model.userDefinedMetadata.modelVersion = 'spoilt';
  for (const one of model.userDefinedMetadata.series) one.servedBy = 'seasonal-naive';
  await writeFile(file, JSON.stringify(model));
}

test('a worse model is not published, unless forced', async () => {
  const inService = async () => ((await (await fetch(`${server.url}/v1/health`)).json()) as Health).model_version;
  const before = await inService();
  await spoilModel();
  const args = ['--work', join(folder, 'work'), '--api', server.url, '--json'];
  const refused = await trainer('publish', ...args);
  // With --json the sentence is on stdout.
  expect(JSON.stringify(refused.last)).toMatch(
    /not published: loss .* worse by \d+ %; the model in service stays.*--force/,
  );
  expect(refused.code).toBe(2);
  expect(await inService()).toBe(before);
  const forced = await trainer('publish', ...args, '--force');
  expect(forced.code, forced.said).toBe(0);
  expect(forced.last).toMatchObject({ stage: 'publish', modelVersion: 'spoilt' });
  expect(await inService()).toBe('spoilt');
}, 60_000);

test('without an API it stops before any work, with a sentence', async () => {
  const { code, said } = await retrain('--api', 'http://127.0.0.1:9');
  expect(code).toBe(2);
  expect(said).toMatch(/no API answers at http:\/\/127\.0\.0\.1:9; start one with `pnpm api`/);
  expect(said).not.toMatch(/fetch/);
});
