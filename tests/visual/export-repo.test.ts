import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPackage } from '@tidemark/tools/power-bi-host/package-file';
import { exportRepository } from '@tidemark/visual/export-repo';
import { packageVisual } from '@tidemark/visual/package';
import { afterAll, expect, test } from 'vitest';

const place = await mkdtemp(join(tmpdir(), 'tidemark-visual-'));

afterAll(() => rm(place, { recursive: true, force: true }));

function npm(dir: string, ...args: string[]): string {
  const env = { ...process.env, HOME: place, USERPROFILE: place };
  const ran = spawnSync('npm', args, { cwd: dir, env, encoding: 'utf8', shell: process.platform === 'win32' });
  expect(ran.status, ran.stdout + ran.stderr).toBe(0);
  return ran.stdout;
}

test('the stand-alone repository installs and packages the very same visual with plain npm', async () => {
  const dir = join(place, 'repository');
  await exportRepository(dir);
  expect(await readdir(dir)).toEqual(
    expect.arrayContaining(['package-lock.json', 'LICENSE', 'README.md', 'src', 'pbiviz.json']),
  );
  const lock = JSON.parse(await readFile(join(dir, 'package-lock.json'), 'utf8'));
  expect(Object.values(lock.packages as Record<string, { link?: boolean }>).some((one) => one.link)).toBe(false);
  npm(dir, 'ci', '--no-audit', '--no-fund');
  expect(npm(dir, 'run', 'package')).toContain('Build completed successfully');
  const [made] = (await readdir(join(dir, 'dist'))).filter((name) => name.endsWith('.pbiviz'));
  const [ours, theirs] = await Promise.all([
    packageVisual().then(({ path }) => readPackage(path)),
    readPackage(join(dir, 'dist', made as string)),
  ]);
  expect(theirs.capabilities).toEqual(ours.capabilities);
  expect(theirs.stringResources).toEqual(ours.stringResources);
  // Module numbers follow the folder names; everything else is the same code.
  expect(Math.abs(theirs.js.length - ours.js.length)).toBeLessThan(2_000);
}, 300_000);

test('a folder with something in it is left alone', async () => {
  await writeFile(join(place, 'mine.txt'), 'mine');
  await expect(exportRepository(place)).rejects.toThrow(/folder is not empty/);
});
