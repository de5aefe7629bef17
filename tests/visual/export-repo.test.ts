import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPackage } from '@tidemark/tools/power-bi-host/package-file';
import { exportRepository } from '@tidemark/visual/export-repo';
import { packageVisual } from '@tidemark/visual/package';
import { installPackagingTools } from '@tidemark/visual/packaging-tools';
import { PACKAGING_DIR, VISUAL_DIR } from '@tidemark/visual/project';
import { afterAll, expect, test } from 'vitest';

const place = await mkdtemp(join(tmpdir(), 'tidemark-visual-'));

afterAll(() => rm(place, { recursive: true, force: true }));

function npm(dir: string, ...args: string[]): string {
  const env = { ...process.env, HOME: place, USERPROFILE: place };
  const ran = spawnSync('npm', args, { cwd: dir, env, encoding: 'utf8', shell: process.platform === 'win32' });
  expect(ran.status, ran.stdout + ran.stderr).toBe(0);
  return ran.stdout;
}

interface Manifest {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const manifest = (dir: string): Manifest => JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));

test('the stand-alone repository packages the very same visual with plain npm', async () => {
  const dir = join(place, 'repository');
  const contacts = {
    supportUrl: 'https://help.tidemark.dev',
    repositoryUrl: 'https://github.com/tidemark/visual',
    email: 'visual@tidemark.dev',
  };
  await exportRepository(dir, contacts);
  expect(JSON.parse(readFileSync(join(dir, 'pbiviz.json'), 'utf8'))).toMatchObject({
    visual: { supportUrl: contacts.supportUrl, gitHubUrl: contacts.repositoryUrl },
    author: { email: contacts.email },
  });
  expect(await readdir(dir)).toEqual(
    expect.arrayContaining(['package-lock.json', 'LICENSE', 'README.md', 'src', 'pbiviz.json']),
  );
  // What `npm ci` gives there: the manifest and the lockfile are those that were installed here.
  await symlink(await installPackagingTools(), join(dir, 'node_modules'), 'junction');
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
}, 600_000);

test('the lockfile of the packaging holds the versions that the visual is tested with', () => {
  const { dependencies, devDependencies } = manifest(PACKAGING_DIR);
  const installed = Object.keys({ ...dependencies, ...devDependencies })
    .filter((name) => existsSync(join(VISUAL_DIR, 'node_modules', name)))
    .map((name) => [name, manifest(join(VISUAL_DIR, 'node_modules', name)).version]);
  expect(installed.map(([name]) => name)).toEqual(expect.arrayContaining(Object.keys(dependencies ?? {})));
  expect({ ...dependencies, ...devDependencies }).toMatchObject(Object.fromEntries(installed));
});

test('a folder with something in it is left alone', async () => {
  await writeFile(join(place, 'mine.txt'), 'mine');
  await expect(exportRepository(place)).rejects.toThrow(/folder is not empty/);
});
