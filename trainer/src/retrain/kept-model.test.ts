import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
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
  const kept = await keepModel(work);
  await model('new');
  await kept.putBack();
  expect([await read('model'), await read('model-refused')]).toEqual(['old', 'new']);
  expect((await readdir(work)).sort()).toEqual(['model', 'model-refused']);
});

test('a model that serves leaves nothing of the one before', async () => {
  await model('old');
  const kept = await keepModel(work);
  await model('new');
  await kept.forget();
  expect(await readdir(work)).toEqual(['model']);
  expect(await read('model')).toBe('new');
});

test('a first model that is refused leaves none', async () => {
  const kept = await keepModel(work);
  await model('new');
  await kept.putBack();
  expect(await readdir(work)).toEqual(['model-refused']);
});
