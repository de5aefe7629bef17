import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { emptyWorkFolder } from './work-folder.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tidemark-demo-'));
});
afterEach(() => rm(root, { recursive: true }));

test('a folder that is new, empty or of an earlier demo is emptied', async () => {
  const work = join(root, 'new');
  await emptyWorkFolder(work, null);
  await writeFile(join(work, 'series.parquet'), '');
  await emptyWorkFolder(work, join(root, 'elsewhere'));
  expect(await readdir(work)).toEqual(['.tidemark-demo']);
  await expect(emptyWorkFolder(await mkdtemp(join(root, 'empty')), null)).resolves.toBeUndefined();
});

test('a folder with anything else in it is refused and keeps it', async () => {
  await writeFile(join(root, 'thesis.txt'), '');
  await expect(emptyWorkFolder(root, null)).rejects.toThrow('holds what the demo has not made');
  expect(existsSync(join(root, 'thesis.txt'))).toBe(true);
});

test('a history in the work folder is refused and stays, also by another name', async () => {
  const work = join(root, 'work');
  await emptyWorkFolder(work, null);
  const history = join(work, '..sample');
  await mkdir(history);
  await symlink(history, join(root, 'link'));
  for (const path of [work, history, join(root, 'link')]) {
    await expect(emptyWorkFolder(work, path)).rejects.toThrow('lies in the work folder');
  }
  expect(existsSync(history)).toBe(true);
});
