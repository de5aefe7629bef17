import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import {
  createForecaster,
  createNetwork,
  createRandom,
  MEMBERS,
  networkShape,
  type Series,
} from '@tidemark/shared/forecasting';
import type { BucketState } from '@tidemark/shared/vocabulary';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readArtifact, writeArtifact } from '../artifact/artifact-files.ts';
import { evaluate, meansOf } from '../evaluation/evaluate.ts';
import type { Trained } from './options.ts';
import { readCheckpoint } from './pretrained.ts';
import { train } from './train.ts';

const FIRST = 240_000;

/** A weekly rhythm whose noise carries over from bucket to bucket, so that looking back pays. */
function shop(id: string, seed: number, weeks = 16): Series {
  const random = createRandom(seed);
  let carried = 0;
  const values = Float64Array.from({ length: 84 * weeks }, (_, i) => {
    carried = 0.8 * carried + random.normal();
    const rhythm = 1.2 + Math.sin((2 * Math.PI * i) / 12) + 0.4 * Math.sin((2 * Math.PI * i) / 84);
    return Math.max(0, 1000 * rhythm + 100 * carried);
  });
  const states = Array.from<BucketState>({ length: values.length }).fill('observed');
  return { id, measure: 'gross', stepMs: 7_200_000, firstBucket: FIRST, values, states };
}

const rare: Series = (() => {
  const series = shop('rare', 9);
  const values = series.values.map((value, i) => (i % 97 === 0 ? value : 0));
  return { ...series, values, states: Array.from(values, (value): BucketState => (value === 0 ? 'zero' : 'observed')) };
})();

const short = shop('short', 4, 3);
const series = [shop('north', 1), shop('south', 2), rare, short];
let trained: Trained;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-train-'));
  trained = await train([{ name: 'all', series }], { steps: 60, seed: 5 });
  await writeArtifact(folder, trained.artifacts[0] as never);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('train', () => {
  test('the same seed and series give the same weights and version', async () => {
    const again = await train([{ name: 'all', series }], { steps: 60, seed: 5 });
    expect(again.artifacts[0]?.weights).toEqual(trained.artifacts[0]?.weights);
    expect(again.artifacts[0]?.metadata.modelVersion).toBe(trained.artifacts[0]?.metadata.modelVersion);
  });

  test('beats last week’s value on time it has not seen, in bands that hold what they promise', async () => {
    const artifact = trained.artifacts[0] as NonNullable<(typeof trained.artifacts)[0]>;
    const ours = meansOf(await evaluate(artifact, series.slice(0, 2), 'served'), 1);
    const naive = meansOf(await evaluate(artifact, series.slice(0, 2), 'last week'), 1);
    expect(ours.mase).toBeLessThan(0.8 * naive.mase);
    expect(ours.msis95).toBeLessThan(naive.msis95);
    expect(ours.cov95).toBeGreaterThan(0.88);
  });

  test('hears an abort from outside while it learns, and keeps the best so far', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 300);
    const cut = await train([{ name: 'all', series: [shop('north', 1)] }], { steps: 3000, signal: stop.signal });
    expect(cut.steps).toBeLessThan(3000);
    expect(cut.artifacts[0]?.weights.length).toBe(9 * MEMBERS);
  });

  test('says who serves each series and why', () => {
    const served = Object.fromEntries(
      trained.artifacts[0]?.metadata.series.map(({ id, servedBy, reason }) => [id, `${servedBy}: ${reason}`]) ?? [],
    );
    expect(served.rare).toMatch(/^hurdle: trades in under 3 %/);
    expect(served.short).toMatch(/^cold-start: 3 weeks of history, 13 are needed for parameters of its own/);
    expect(served.north).toMatch(/held-out loss: lstm/);
  });

  test('no value after the training part changes what was learned', async () => {
    const changed = series.map((one) => {
      const values = one.values.slice();
      values.fill(123_456, Math.floor(0.65 * values.length));
      return { ...one, values };
    });
    const other = await train([{ name: 'all', series: changed }], { steps: 60, seed: 5 });
    expect(other.artifacts[0]?.weights).toEqual(trained.artifacts[0]?.weights);
    const learned = (one: Trained) =>
      one.artifacts[0]?.metadata.series.map(
        ({
          scores: _,
          logScaleBySlot: ___,
          residualSums: ______,
          negativeSeen: ____,
          hurdle: _____,
          scoredThrough: __,
          ...rest
        }) => rest,
      );
    expect(learned(other)).toEqual(learned(trained));
  });

  test('an abort keeps the best so far', async () => {
    const stop = new AbortController();
    const stopped = await train([{ name: 'all', series }], {
      steps: 100_000,
      seed: 5,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    expect(stopped.steps).toBeLessThan(1000);
    expect(createForecaster(stopped.artifacts[0] as never).seriesIds).toHaveLength(4);
  });

  test('a history of short and rarely trading series is served from the checkpoint, without learning', async () => {
    const { artifacts, steps } = await train([{ name: 'all', series: [shop('new', 1, 5), rare] }], { seed: 5 });
    expect(steps).toBe(0);
    const artifact = artifacts[0] as NonNullable<(typeof artifacts)[0]>;
    expect(artifact.metadata.provenance.start).toBe('checkpoint');
    expect(artifact.metadata.series.map(({ servedBy }) => servedBy)).toEqual(['cold-start', 'hurdle']);
    expect(artifact.metadata.coldStart?.scores.length).toBeGreaterThan(0);
    const forecaster = createForecaster(artifact);
    const state = forecaster.start('new', FIRST);
    const values = shop('new', 1, 5).values;
    values.forEach((value, i) => {
      forecaster.observe(state, FIRST + i, value);
    });
    const [fan] = forecaster.forecast(state).fans;
    const level = values.reduce((sum, value) => sum + value / values.length, 0);
    expect(fan!.upper[4]! - fan!.lower[4]!).toBeLessThan(1.5 * level);
  });

  test('a set of short series beside one that teaches begins with what the checkpoint’s series had in common', async () => {
    const sets = [
      { name: 'long', series: [shop('north', 1)] },
      { name: 'short', series: [short] },
    ];
    const { artifacts } = await train(sets, { steps: 40, start: 'random', ensembleSize: 1 });
    const [long, other] = artifacts.map(({ metadata }) => metadata.coldStart);
    const known = readCheckpoint(networkShape(12))?.coldStart;
    expect(known?.ridge.length).toBeGreaterThan(0);
    expect([other?.smoothing, other?.ridge, other?.scores]).toEqual([known?.smoothing, known?.ridge, known?.scores]);
    expect(long?.ridge).not.toEqual(known?.ridge);
  });

  test('too little history and no trade are said in one sentence', async () => {
    await expect(train([{ name: 'all', series: [shop('tiny', 1, 1)] }])).rejects.toThrow(
      /too little history to train: the longest series has 84 complete buckets; at least 168 \(2 weeks\) are needed/,
    );
    const none = { ...rare, values: new Float64Array(rare.values.length) };
    await expect(train([{ name: 'all', series: [none] }])).rejects.toThrow(/no trade to train on/);
  });
});

describe('the files of a model', () => {
  test('read back, they forecast as before', async () => {
    const read = await readArtifact(folder);
    const forecasts = [read, trained.artifacts[0] as never].map((artifact) => {
      const forecaster = createForecaster(artifact);
      const state = forecaster.start('north', FIRST);
      for (let i = 0; i < 400; i++) {
        forecaster.observe(state, FIRST + i, series[0]?.values[i] ?? 0);
      }
      return forecaster.forecast(state);
    });
    expect(forecasts[0]).toEqual(forecasts[1]);
  });

  test('stock tf.loadLayersModel loads them over HTTP and computes the same', async () => {
    const server = createServer(async (request, response) => {
      response.end(await readFile(join(folder, 'model', request.url ?? '')));
    }).listen(0);
    try {
      const { port } = server.address() as AddressInfo;
      const model = await tf.loadLayersModel(`http://127.0.0.1:${port}/model.json`);
      expect(model.getUserDefinedMetadata()).toMatchObject({ format: 'tidemark' });
      const network = createNetwork(await readArtifact(folder));
      const random = createRandom(3);
      const inputs = network.inputs.map(({ shape }) =>
        Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
      );
      const tensors = inputs.map((values, i) => tf.tensor(values, [1, ...(network.inputs[i]?.shape ?? [])]));
      const theirs = (model.predict(tensors) as tf.Tensor).dataSync();
      const ours = network.run(inputs);
      for (let i = 0; i < ours.length; i++) expect(Math.abs(ours[i]! - theirs[i]!)).toBeLessThan(1e-5);
    } finally {
      server.close();
    }
  });

  test('a damaged model is refused in one sentence', async () => {
    await expect(readArtifact(join(folder, 'nowhere'))).rejects.toThrow(/no model in .*; run `trainer train` first/);
    const broken = await mkdtemp(join(tmpdir(), 'tidemark-broken-'));
    await writeArtifact(broken, trained.artifacts[0] as never);
    await writeFile(join(broken, 'model', 'weights.bin'), new Uint8Array(100));
    await expect(readArtifact(broken)).rejects.toThrow(/invalid model: weights.bin is 100 bytes; expected at least/);
    await writeFile(join(broken, 'model', 'model.json'), '{}');
    await expect(readArtifact(broken)).rejects.toThrow(/userDefinedMetadata.format is undefined/);
    await rm(broken, { recursive: true });
  });
});
