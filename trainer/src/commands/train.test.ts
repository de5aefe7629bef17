import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom, type Series } from '@tidemark/shared/forecasting';
import type { BucketState } from '@tidemark/shared/vocabulary';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readArtifact } from '../artifact/artifact-files.ts';
import { writePrepared } from '../history/prepared.ts';
import type { RunRecord } from '../runs.ts';
import { runTrainer } from '../testing/command-line.ts';

const FIRST = 240_000;
let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tidemark-train-command-'));
  await writeFile(
    join(root, 'config.json'),
    JSON.stringify({ timeZone: 'America/Lima', groups: { named: { total: 'all', coast: ['north'] } } }),
  );
});
afterAll(() => rm(root, { recursive: true, force: true }));

function seriesOf(id: string, values: ArrayLike<number>, firstBucket = FIRST): Series {
  const states = Array.from(values, (value): BucketState => (value === 0 ? 'zero' : 'observed'));
  return { id, measure: 'net', stepMs: 7_200_000, firstBucket, values: Float64Array.from(values), states };
}

function shop(id: string, seed: number, weeks = 14): Series {
  const random = createRandom(seed);
  return seriesOf(
    id,
    Float64Array.from({ length: 84 * weeks }, (_, i) => {
      const rhythm = 1.6 + Math.sin((2 * Math.PI * i) / 12) + 0.3 * Math.sin((2 * Math.PI * i) / 84);
      return 1000 * (rhythm + 0.1 * random.normal());
    }),
  );
}

async function prepared(name: string, all: readonly Series[]): Promise<string> {
  const work = join(root, name);
  await writePrepared(
    work,
    all.map((series) => ({ series, transactions: Array.from(series.values, () => 1) })),
  );
  return work;
}

/** Runs the command line; `during` may interrupt it when it hears something. */
const trainer = (args: readonly string[], during: (errors: string, interrupt: () => void) => void = () => {}) =>
  runTrainer([...args, '--json'], { cwd: root, onReport: (errors, kill) => during(errors, () => kill('SIGINT')) });

const train = (work: string, ...args: string[]) =>
  trainer(['train', '--work', work, '--config', join(root, 'config.json'), '--steps', '20', ...args]);

const north = shop('north', 1);
const south = shop('south', 2);
const spoilt = (change: (values: Float64Array) => void): Series => {
  const values = shop('bad', 3).values.slice();
  change(values);
  return seriesOf('bad', values);
};

describe.concurrent('a history nothing can be learned from ends with exit code 2 and what to do', () => {
  const cases: [what: string, series: Series, says: RegExp][] = [
    [
      'too little data',
      shop('bad', 3, 1),
      /"bad": too little history: 84 complete buckets; at least 168 \(2 weeks\) are needed; fetch more/,
    ],
    [
      'a constant series',
      seriesOf('bad', new Float64Array(1000).fill(42)),
      /constant: each of its 1000 buckets is 42;/,
    ],
    ['no trade at all', seriesOf('bad', new Float64Array(1000)), /no trade in any of its 1000 buckets/],
    [
      'NaN',
      spoilt((values) => {
        values[500] = Number.NaN;
      }),
      /the value of the bucket at 2024-\d\d-\d\d \d\d:00 UTC is NaN; expected a finite number/,
    ],
    [
      'nothing but missing buckets',
      { ...shop('bad', 3), states: Array.from({ length: 84 * 14 }, (): BucketState => 'missing') },
      /all of its 1176 buckets are missing/,
    ],
  ];
  test.each(cases)('%s', async (what, series, says) => {
    const work = await prepared(`bad-${what}`, [series]);
    const { code, errors } = await train(work);
    expect(errors).toMatch(/^trainer: nothing to train on:\n {2}"bad": /m);
    expect(errors).toMatch(says);
    expect(code).toBe(2);
    expect(existsSync(join(work, 'model'))).toBe(false);
  });

  test('duplicated buckets', async () => {
    const again = shop('bad', 4);
    const work = await prepared('bad-duplicated', [shop('bad', 3), { ...again, firstBucket: FIRST + 100 }]);
    const { code, errors } = await train(work);
    expect(errors).toMatch(/"bad": .*bucket at 20\d\d-\d\d-\d\d \d\d:00 UTC; each bucket is expected once, in order/);
    expect(code).toBe(2);
  });
});

test('where only some series are bad, the rest is trained on and what was left out is said and noted', async () => {
  const quiet = spoilt((values) => values.fill(0, 800, 800 + 2 * 84 + 5));
  const work = await prepared('mixed', [
    north,
    { ...quiet, id: 'closed' },
    seriesOf('stuck', new Float64Array(1176).fill(7)),
    shop('new', 5, 3),
  ]);
  const { code, errors, result } = await train(work);
  expect(code, errors).toBe(0);
  expect(errors).toMatch(/left out: "stuck": constant: each of its 1176 buckets is 7/);
  expect(errors).toMatch(/note: "closed": 2 all-zero weeks, the longest silence from .* name that time under feedGaps/);
  expect(result).toMatchObject({ series: 3, served: { 'cold-start': 1 }, leftOut: [{ id: 'stuck' }] });
  const { metadata } = await readArtifact(work);
  expect(metadata.timeZone).toBe('America/Lima');
  expect(metadata.series.map(({ id }) => id)).toEqual(['north', 'closed', 'new']);
  const predicted = await trainer(['predict', '--work', work, '--series', 'new']);
  expect(predicted.code, predicted.errors).toBe(0);
  expect(predicted.result).toMatchObject({ series: 1 });
  expect((predicted.result.forecasts as object[]).length).toBe(12);
});

test('a history of short series makes a model that serves them on cold start', async () => {
  const work = await prepared('short', [shop('a', 1, 5), shop('b', 2, 6)]);
  const { code, errors, result } = await train(work);
  expect(code, errors).toBe(0);
  expect(result).toMatchObject({ steps: 0, served: { 'cold-start': 2 } });
  expect(errors).toMatch(/cold-start .* 5 weeks of history, 13 are needed/);
  const predicted = await trainer(['predict', '--work', work]);
  expect((predicted.result.forecasts as object[]).length).toBe(24);
});

test('the same seed and steps give the same files but for their date, which carry what they were made of', async () => {
  const work = await prepared('seeded', [north]);
  const records: RunRecord[] = [];
  const files = async () => {
    const ran = await train(work, '--seed', '3');
    expect(ran.code).toBe(0);
    records.push(JSON.parse(readFileSync(String(ran.result.run), 'utf8')));
    const model = JSON.parse(readFileSync(join(work, 'model/model.json'), 'utf8'));
    delete model.userDefinedMetadata.createdAt;
    return { weights: readFileSync(join(work, 'model/weights.bin')), model };
  };
  const first = await files();
  const second = await files();
  expect(second.weights.equals(first.weights)).toBe(true);
  expect(second.model).toEqual(first.model);
  expect(first.model.userDefinedMetadata.provenance).toMatchObject({
    seed: 3,
    steps: 20,
    stepsFrom: '--steps',
    seriesChecksum: expect.stringMatching(/^[0-9a-f]{16}$/),
    node: process.version,
    trainer: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    configuration: { timeZone: 'America/Lima', stepHours: 2 },
  });
  const { info, data } = records[0] as RunRecord;
  expect(info).toMatchObject({ run_id: expect.stringMatching(/^[0-9a-f]{32}$/), status: 'FINISHED' });
  expect(info.end_time).toBeGreaterThanOrEqual(info.start_time);
  expect(data.params).toEqual(
    expect.arrayContaining([
      { key: 'seed', value: '3' },
      { key: 'steps', value: '20' },
      { key: 'configuration.timeZone', value: 'America/Lima' },
    ]),
  );
  const { seriesChecksum } = first.model.userDefinedMetadata.provenance;
  expect(data.tags).toContainEqual({ key: 'seriesChecksum', value: seriesChecksum });
  expect(data.metrics.map(({ key }) => key)).toEqual(expect.arrayContaining(['series', 'trainSeconds', 'validation']));
  expect(records[1]?.info.run_id).not.toBe(info.run_id);
  await prepared('seeded', [spoilt((values) => values.fill(900, 0, 1))]);
  expect((await files()).model.userDefinedMetadata.provenance.seriesChecksum).not.toBe(
    first.model.userDefinedMetadata.provenance.seriesChecksum,
  );
});

describe('which series', () => {
  test('a group is its sum and its members; names that are not there are told with those that are', async () => {
    const total = seriesOf(
      'total',
      north.values.map((value, i) => value + (south.values[i] as number)),
    );
    const coast = { ...north, id: 'coast' };
    const work = await prepared('groups', [total, coast, north, south]);
    const dry = async (...args: string[]) => (await train(work, '--dry-run', ...args)).errors;
    expect(await dry('--group', 'coast')).toMatch(/^2 series, 2,352 complete buckets/);
    expect(await dry('--group', 'total')).toMatch(/^3 series/);
    expect(await dry('--group', 'coast', '--series', 'total')).toMatch(/^3 series/);
    expect(await dry('--group', 'inland')).toMatch(/unknown group: "inland"; groups.named has "total", "coast"/);
    expect(await dry('--series', 'nobody')).toMatch(/unknown series: "nobody"; prepared are "total", "coast", "north"/);
    expect(existsSync(join(work, 'model'))).toBe(false);
  });

  test('a dry run prints sizes, and the number of steps times the time of real ones', async () => {
    const work = await prepared('dry', [north, shop('new', 5, 3)]);
    const { code, errors, result } = await train(work, '--dry-run');
    expect(code).toBe(0);
    expect(errors).toMatch(/Estimated from 20 real steps \(.+\)/);
    expect(result).toMatchObject({ dryRun: true, teaching: 1, short: 1, rare: 0, steps: 20, tried: 20 });
    expect(result.windows).toBe(Math.floor(0.88 * Math.floor(0.65 * 1176)) - 168 - 12);
    expect(result.stepMs).toBeGreaterThan(0);
    expect(result.seconds).toBeGreaterThanOrEqual((20 * (result.stepMs as number)) / 1000);
    expect(existsSync(join(work, 'model'))).toBe(false);
  });
});

test('Ctrl-C while it learns keeps the best so far', async () => {
  const work = await prepared('interrupted', [north, south]);
  let sent = false;
  // Progress is told every tenth of the steps, so the fewer they are, the sooner it is interrupted.
  const { code, errors, result } = await trainer(['train', '--work', work, '--steps', '1000'], (heard, kill) => {
    if (sent || !/^learn /m.test(heard)) return;
    sent = true;
    kill();
  });
  expect(code, errors).toBe(0);
  expect(errors).toMatch(/stopping; the best so far is kept[\s\S]*stopped after \d+ steps/);
  expect(errors).toMatch(/^fit [\s\S]*^learn [\s\S]*^compare [\s\S]*^calibrate /m);
  expect(result).toMatchObject({ stopped: true });
  expect(result.steps).toBeGreaterThan(0);
  expect(result.steps).toBeLessThan(1000);
  expect((await readArtifact(work)).metadata.modelVersion).toBe(result.modelVersion);
});
