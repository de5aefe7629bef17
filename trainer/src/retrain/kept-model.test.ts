import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMALL_NETWORK, untrainedArtifact } from '@tidemark/shared/forecasting';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeArtifact } from '../artifact/artifact-files.ts';
import { keepModel } from './kept-model.ts';

let work: string;
beforeEach(async () => {
  work = await mkdtemp(join(tmpdir(), 'tidemark-kept-'));
});
afterEach(() => rm(work, { recursive: true, force: true }));

async function model(text: string) {
  await mkdir(join(work, 'model'), { recursive: true });
  await writeFile(join(work, 'model', 'model.json'), text);
}
const read = (folder: string) => readFile(join(work, folder, 'model.json'), 'utf8');

test('a refused model makes way for the one before, and can still be looked at', async () => {
  await model('old');
  const kept = await keepModel(work, null);
  await model('new');
  await kept.putBack();
  expect([await read('model'), await read('model-refused')]).toEqual(['old', 'new']);
  expect((await readdir(work)).sort()).toEqual(['model', 'model-refused']);
});

test('a model that serves leaves nothing of the one before', async () => {
  await model('old');
  const kept = await keepModel(work, null);
  await model('new');
  await kept.forget();
  expect(await readdir(work)).toEqual(['model']);
  expect(await read('model')).toBe('new');
});

test('a first model that is refused leaves none', async () => {
  const kept = await keepModel(work, null);
  await model('new');
  await kept.putBack();
  expect(await readdir(work)).toEqual(['model-refused']);
});

describe('after a run that was broken off', () => {
  const values = Float64Array.from({ length: 3 * 84 }, (_, k) => 1000 * (1.5 + Math.sin((2 * Math.PI * k) / 12)));
  const states = Array.from(values, () => 'observed' as const);
  const series = [{ id: 'a', measure: 'net' as const, stepMs: 7_200_000, firstBucket: 240_000, values, states }];
  /** Trains over the model that is set aside, and goes no further. */
  async function breakOff() {
    await model('old');
    await keepModel(work, 'in service');
    const artifact = untrainedArtifact(series, { timeZone: 'UTC', servedBy: 'base', network: SMALL_NETWORK });
    return writeArtifact(work, { ...artifact, metadata: { ...artifact.metadata, modelVersion: 'new' } });
  }

  test('the model that nobody decided on makes way for the one before', async () => {
    await breakOff();
    const kept = await keepModel(work, 'in service');
    expect(await read('model')).toBe('old');
    await model('newer');
    await kept.putBack();
    expect([await read('model'), await read('model-refused')]).toEqual(['old', 'newer']);
  });

  test('the model that it had published stays', async () => {
    await breakOff();
    const published = await read('model');
    await keepModel(work, 'new');
    expect(await read('model')).toBe(published);
  });
});
