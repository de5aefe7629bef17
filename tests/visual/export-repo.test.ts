import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { readPackage } from '@tidemark/tools/power-bi-host/package-file';
import { STORE_SCENES } from '@tidemark/tools/scenes/store';
import { exportRepository } from '@tidemark/visual/export-repo';
import { packageVisual } from '@tidemark/visual/package';
import { installPackagingTools } from '@tidemark/visual/packaging-tools';
import { PACKAGING_DIR, VISUAL_DIR } from '@tidemark/visual/project';
import { SAMPLE_COLUMNS, sampleRows } from '@tidemark/visual/sample-rows';
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
  // The sample report holds the very package that has just been made.
  expect(npm(dir, 'run', 'sample')).toContain('Tidemark sample.pbip shows');
  const visuals = join(dir, 'sample/Tidemark sample.Report/CustomVisuals');
  const [guid] = await readdir(visuals);
  const report = JSON.parse(readFileSync(join(visuals, guid as string, `resources/${guid}.pbiviz.json`), 'utf8'));
  expect(report.visual).toMatchObject({ guid, supportUrl: contacts.supportUrl });
  const [ours, theirs] = await Promise.all([
    packageVisual().then(({ path }) => readPackage(path)),
    readPackage(join(dir, 'dist', made as string)),
  ]);
  expect(theirs.capabilities).toEqual(ours.capabilities);
  expect(theirs.stringResources).toEqual(ours.stringResources);
  expect(report.content.js).toBe(theirs.js);
  // Numbers of modules follow the folders of the tools, also those written as 6e3; every word of the code is the same.
  const words = (js: string) =>
    js
      .match(/(?<![\w$])[A-Za-z_$][\w$]*/g)
      ?.sort()
      .join(' ');
  expect(words(theirs.js)).toBe(words(ours.js));
  expect(theirs.css).toBe(ours.css);
}, 600_000);

test('the stand-alone repository carries what a store asks for, without an address that nobody owns', async () => {
  const dir = join(place, 'for-the-store');
  const contacts = { supportUrl: 'https://a.dev', repositoryUrl: 'https://github.com/a/b', email: 'a@b.dev' };
  await exportRepository(dir, contacts);
  const files = (await readdir(dir, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const paths = files.map((file) => relative(dir, join(file.parentPath, file.name)).replaceAll('\\', '/'));
  expect(paths).toEqual(
    expect.arrayContaining([
      ...['CERTIFICATION', 'LISTING', 'PRIVACY', 'EULA'].map((name) => `store/${name}.md`),
      ...STORE_SCENES.map(({ name }) => `store/screenshots/${name}.png`),
      'sample/Tidemark sample.pbip',
      'embed-in-sample.mjs',
    ]),
  );
  const words = paths.filter((path) => /\.(md|json|tmdl|pbip|mjs)$/.test(path) && path !== 'package-lock.json');
  for (const path of words) {
    expect(readFileSync(join(dir, path), 'utf8'), path).not.toMatch(/\btidemark\.example\b|https?:\/\/localhost/);
  }
  // JSON as Power BI reads it, and every picture and page the words speak of is there.
  for (const path of paths.filter((name) => /^sample\/.*(\.json|\.pbip|\.platform|\.pbir|\.pbism)$/.test(name))) {
    JSON.parse(readFileSync(join(dir, path), 'utf8'));
  }
  const said = readFileSync(join(dir, 'store/LISTING.md'), 'utf8').matchAll(/screenshots\/[\w-]+\.png/g);
  for (const [path] of said) expect(paths).toContain(`store/${path}`);
});

test('the rows of the sample lie in their range but where trouble is told, and end with the buckets to come', () => {
  const at = (row: string[], name: (typeof SAMPLE_COLUMNS)[number]) => row[SAMPLE_COLUMNS.indexOf(name)] as string;
  for (const row of sampleRows()) {
    const [volume, low, high] = (['Volume', 'Minimum', 'Maximum'] as const).map((name) => Number(at(row, name)));
    const isInside = (volume as number) >= (low as number) && (volume as number) <= (high as number);
    expect(isInside, row.join(' ')).toBe(at(row, 'Severity') === '');
  }
  expect(Math.max(...sampleRows().map((row) => Number(at(row, 'Day'))))).toBe(1);
});

test('every package that packages the visual takes Node 20.19 and 22.13: npm warns of none', () => {
  const { satisfies } = createRequire(join(PACKAGING_DIR, 'package.json'))('semver') as {
    satisfies(version: string, range: string): boolean;
  };
  const { packages } = JSON.parse(readFileSync(join(PACKAGING_DIR, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { engines?: { node?: string } }>;
  };
  const picky = Object.entries(packages).filter(([, { engines }]) =>
    ['20.19.0', '22.13.0', '24.0.0'].some((version) => !satisfies(version, engines?.node ?? '*')),
  );
  expect(picky.map(([path]) => path)).toEqual([]);
});

test('the lockfile of the packaging holds the versions that the visual is tested with', () => {
  const { dependencies, devDependencies } = manifest(PACKAGING_DIR);
  const installed = Object.keys({ ...dependencies, ...devDependencies })
    .filter((name) => existsSync(join(VISUAL_DIR, 'node_modules', name)))
    .map((name) => [name, manifest(join(VISUAL_DIR, 'node_modules', name)).version]);
  expect(installed.map(([name]) => name)).toEqual(expect.arrayContaining(Object.keys(dependencies ?? {})));
  expect({ ...dependencies, ...devDependencies }).toMatchObject(Object.fromEntries(installed));
});

test('its command prints help, and says of an unknown option what is accepted', () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [join(VISUAL_DIR, 'scripts/export-repo.ts'), ...args], { encoding: 'utf8' });
  const help = run('--help');
  expect([help.status, help.stderr]).toEqual([0, '']);
  expect(help.stdout).toMatch(/^Usage: pnpm visual:export-repo <folder>/);
  const unknown = run('--mail', 'a@b.dev');
  expect([unknown.status, unknown.stdout]).toEqual([2, '']);
  expect(unknown.stderr).toContain("Unknown option '--mail'");
  expect(unknown.stderr).toContain('Usage: pnpm visual:export-repo');
});

test('a folder with something in it is left alone', async () => {
  await writeFile(join(place, 'mine.txt'), 'mine');
  await expect(exportRepository(place)).rejects.toThrow(/folder is not empty/);
});
