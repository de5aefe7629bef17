import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeServer } from '@tidemark/api';
import { startTestServer } from '@tidemark/api/testing/server';
import type { Health } from '@tidemark/shared/contract';
import { encodeModel } from '@tidemark/shared/contract/model-file';
import { createRandom, SMALL_NETWORK, untrainedArtifact } from '@tidemark/shared/forecasting';
import { type Ended, runTrainer } from '@tidemark/trainer/testing/command-line';
import { afterAll, beforeAll, expect, test } from 'vitest';

let folder: string;
let server: NodeServer;

/** Weeks of one shop's sales every two hours, as the sample's tables hold them. */
async function writeHistory(dir: string, weeks: number) {
  const random = createRandom(3);
  const lines = ['txn_id,txn_date,id_merchant,tpv,txn_type,estatus'];
  for (let k = 0; k < weeks * 84; k++) {
    const at = new Date(Date.UTC(2025, 0, 6) + k * 7_200_000 + 60_000).toISOString().slice(0, 19).replace('T', ' ');
    const amount = 1000 * (1.6 + Math.sin((2 * Math.PI * k) / 12)) + 50 * random.normal();
    lines.push(`${k},${at},m1,${amount.toFixed(2)},venta,aprobada`);
  }
  await writeFile(join(dir, 'transactions.csv'), `${lines.join('\n')}\n`);
  await writeFile(join(dir, 'merchants.csv'), 'id_merchant,client\nm1,Corner Shop\n');
  await writeFile(join(dir, 'tidemark.config.json'), CONFIG);
}

/** Buckets of three hours, and of one series: what is the same of a total is not learned twice. */
const CONFIG = JSON.stringify({ stepHours: 3, groups: { named: {} } });

/** Runs `trainer retrain` as a schedule would. */
function retrain(...args: string[]): Promise<Ended> {
  const flags = ['--history', folder, '--work', join(folder, 'work'), '--seconds', '1', '--json'];
  return runTrainer(['retrain', ...flags, ...args]);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-retrain-'));
  await writeHistory(folder, 16);
  server = await startTestServer(join(folder, 'api.db'));
});

afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

test('the first run publishes a model, the next is held against it', async () => {
  const first = await retrain('--api', server.url);
  expect(first.code, first.errors).toBe(0);
  expect(first.result).toMatchObject({ stage: 'retrain', published: true, inService: null });
  const health = (await (await fetch(`${server.url}/v1/health`)).json()) as { model_version: string };
  const { modelVersion } = first.result.candidate as { modelVersion: string };
  expect(health.model_version).toBe(modelVersion);

  const second = await retrain('--api', server.url, '--seed', '2');
  expect(second.code, second.errors).toBe(0);
  expect(second.result).toMatchObject({ inService: { modelVersion }, drift: { drifted: false } });
  expect(second.errors).toMatch(/coverage of the last four weeks is \d+(\.\d)? %/);
  expect(await readFile(join(folder, 'work', 'report.html'), 'utf8')).toMatch(/>in service</);
});

/** Spoils the base forecast, which the network corrects, of every series: a model that is surely worse. */
async function spoilModel() {
  const file = join(folder, 'work', 'model', 'model.json');
  const model = JSON.parse(await readFile(file, 'utf8'));
  model.userDefinedMetadata.modelVersion = 'spoilt';
  for (const one of model.userDefinedMetadata.series) {
    one.servedBy = 'seasonal-naive';
    one.smoothing = { level: 0.9, daily: 0.9, weekly: 0.9, carry: 0 };
  }
  await writeFile(file, JSON.stringify(model));
}

test('a worse model is not published, unless forced', async () => {
  const inService = async () => ((await (await fetch(`${server.url}/v1/health`)).json()) as Health).model_version;
  const before = await inService();
  await spoilModel();
  const args = ['--work', join(folder, 'work'), '--api', server.url, '--json'];
  const refused = await runTrainer(['publish', ...args]);
  // With --json the sentence is on stdout.
  expect(JSON.stringify(refused.result)).toMatch(
    /not published: loss .* worse by \d+ %; the model in service stays.*--force/,
  );
  expect(refused.code).toBe(2);
  expect(await inService()).toBe(before);
  const forced = await runTrainer(['publish', ...args, '--force']);
  expect(forced.code, forced.errors).toBe(0);
  expect(forced.result).toMatchObject({ stage: 'publish', modelVersion: 'spoilt' });
  expect(await inService()).toBe('spoilt');
});

test('Ctrl-C while it learns publishes nothing, and leaves the model of before where it was', async () => {
  const version = async () => ((await (await fetch(`${server.url}/v1/health`)).json()) as Health).model_version;
  const modelOf = (name: string) => readFile(join(folder, 'work', name, 'model.json'), 'utf8');
  const before = [await version(), await modelOf('model')];
  let sent = false;
  const args = ['--history', folder, '--work', join(folder, 'work'), '--seconds', '20', '--api', server.url];
  const { code, errors } = await runTrainer(['retrain', ...args], {
    onReport: (heard, kill) => {
      if (sent || !/^learn /m.test(heard)) return;
      sent = true;
      kill('SIGINT');
    },
  });
  expect([code, errors]).toEqual([2, expect.stringContaining('interrupted; nothing is published')]);
  expect([await version(), await modelOf('model')]).toEqual(before);
  expect(await modelOf('model-refused')).not.toBe(before[1]);
});

/** Puts a model of one series of steady sales in service. */
async function publishOther(url: string, id: string) {
  const values = new Float64Array(20 * 56).fill(100);
  const states = Array.from(values, () => 'observed' as const);
  const series = { id, measure: 'net' as const, stepMs: 10_800_000, firstBucket: 160_000, values, states };
  const body = encodeModel(untrainedArtifact([series], { servedBy: 'base', network: SMALL_NETWORK }));
  const { status } = await fetch(`${url}/v1/model`, { method: 'PUT', body });
  expect(status).toBe(200);
}

test('a company too young to be judged gets its model all the same, and series that are lost are named', async () => {
  const young = join(folder, 'young');
  const work = join(young, 'work');
  await mkdir(work, { recursive: true });
  await writeFile(join(work, 'report.html'), 'of an earlier model');
  await writeHistory(young, 9);
  const own = await startTestServer(join(young, 'api.db'));
  try {
    await publishOther(own.url, 'Gone Shop');
    const args = ['--history', young, '--work', work, '--seconds', '1', '--json', '--api', own.url];
    const { code, errors, result } = await runTrainer(['retrain', ...args]);
    expect(code, errors).toBe(0);
    expect(errors).toContain('no backtest: all series are on cold start: their history is too short to be judged by');
    expect(errors).toMatch(
      /^warning: only the model in service knows "Gone Shop"; if they still sell, look for them in/m,
    );
    const reason = expect.stringContaining('inside the 99 % band');
    expect(result).toMatchObject({ published: true, reason, lost: ['Gone Shop'] });
    expect(existsSync(join(work, 'report.html'))).toBe(false);
  } finally {
    await own.stop();
  }
});

test('other buckets than those of the model in service are told before any work', async () => {
  const config = join(folder, 'hourly.json');
  await writeFile(config, '{ "stepHours": 1 }');
  const { code, errors } = await retrain('--api', server.url, '--config', config);
  expect(code).toBe(2);
  expect(errors).toMatch(
    /in service: 3-hour buckets of net volume; the configuration: 1-hour buckets.*an empty database/,
  );
  expect(errors).not.toMatch(/fetch/);
});

test('without an API it stops before any work, with a sentence', async () => {
  const { code, errors } = await retrain('--api', 'http://127.0.0.1:9');
  expect(code).toBe(2);
  expect(errors).toMatch(/no API answers at http:\/\/127\.0\.0\.1:9; start one with `pnpm api`/);
  expect(errors).not.toMatch(/fetch/);
});

test('a key that may only read is told before any work', async () => {
  const keys = `someone:read:${createHash('sha256').update('read').digest('hex')}`;
  const own = await startTestServer(join(folder, 'keys.db'), { TIDEMARK_OPEN: '', TIDEMARK_KEYS: keys });
  try {
    const { code, errors } = await retrain('--api', own.url, '--key', 'read');
    expect([code, errors]).toEqual([2, expect.stringMatching(/would take no model .* it takes scope admin.*--key/)]);
    expect(errors).not.toMatch(/fetch/);
  } finally {
    await own.stop();
  }
});

test('a country without a list of holidays is told before any work', async () => {
  const config = join(folder, 'nowhere.json');
  await writeFile(config, '{ "calendar": { "country": "uk" } }');
  const { code, errors } = await retrain('--api', server.url, '--config', config);
  expect(code).toBe(2);
  expect(errors).toMatch(/unknown country: UK; did you mean GB/);
  expect(errors).not.toMatch(/fetch/);
});

test.each([
  [['--api', 'tidemark.example.com'], /invalid --api/],
  [['--seconds', 'a minute'], /not a number from 1 to 604,800/],
  [['--seed', ''], /not a whole number from 0 to/],
])('%j is a mistake of the caller, told before any work', async (args, message) => {
  const { code, errors } = await retrain(...args);
  expect(code).toBe(2);
  expect(errors).toMatch(message);
  expect(errors).not.toMatch(/fetch/);
});
