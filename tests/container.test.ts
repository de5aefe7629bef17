import { spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** What the image copies and runs, tried without an engine; `container-engine.test.ts` builds it. */
const root = resolve(import.meta.dirname, '..');

interface Instruction {
  readonly name: string;
  readonly words: string;
}

/** The instructions of a Dockerfile, those of its last stage, comments and line ends taken away. */
function instructionsOf(file: string): Instruction[] {
  return readFileSync(join(root, file), 'utf8')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name = '', words = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
      return { name, words };
    });
}

const all = instructionsOf('Dockerfile');
const last = all.slice(all.findLastIndex(({ name }) => name === 'FROM'));
const wordsOf = (name: string) => last.find((one) => one.name === name)?.words ?? '';
/** What the last stage takes from the repository, as source and target below its folder. */
const copied = last
  .filter(({ name, words }) => name === 'COPY' && !words.startsWith('--from'))
  .map(({ words }) => words.split(/\s+/) as [string, string]);
const entrypoint = JSON.parse(wordsOf('ENTRYPOINT')) as string[];
const healthCheck = JSON.parse(wordsOf('HEALTHCHECK').replace(/^.*CMD /, '')) as string[];
/** `node` in the image. */
const USER = 1000;
/** Whether that user may be tried: root starts it, and it can reach what it runs. A checkout may be its owner's alone. */
const canBeUser = process.getuid?.() === 0 && [root, process.execPath].every(isOpenToOthers);

function isOpenToOthers(path: string): boolean {
  return (statSync(path).mode & 0o001) !== 0 && (path === dirname(path) || isOpenToOthers(dirname(path)));
}

describe('the Dockerfile', () => {
  test('copies only what there is, and what is not kept out of the build', () => {
    const allowed = readFileSync(join(root, '.dockerignore'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const sources = all
      .filter(({ name, words }) => name === 'COPY' && !words.startsWith('--from'))
      .flatMap(({ words }) => words.split(/\s+/).slice(0, -1));
    expect(sources.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    expect(sources.filter((path) => !allowed.includes(path))).toEqual([]);
    // The schema of every engine is read from beside the sources.
    const migrations = readdirSync(join(root, 'api')).filter((name) => name.startsWith('migrations'));
    expect(copied.map(([from]) => from)).toEqual(expect.arrayContaining(migrations.map((name) => `api/${name}`)));
  });

  test('runs as somebody who is not root, by programs that are there, without a shell', () => {
    expect(wordsOf('USER')).toBe('node');
    // As `pnpm api` does.
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: { api: string } };
    expect(entrypoint).toEqual(scripts.api.split(' '));
    expect(healthCheck).toEqual(['node', 'api/src/entry/node.ts', 'health']);
    expect(wordsOf('STOPSIGNAL')).toBe('SIGTERM');
  });
});

describe.runIf(process.platform === 'linux')('the process of the image', () => {
  let folder: string;
  let app: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tidemark-image-'));
    chmodSync(folder, 0o755);
    app = join(folder, 'app');
    mkdirSync(app);
    cpSync(join(root, 'package.json'), join(app, 'package.json'));
    for (const [from, to] of copied) {
      cpSync(join(root, from), join(app, to), { recursive: true, filter: (path) => !path.endsWith('.test.ts') });
    }
    // What the first stage installs.
    for (const name of ['api', 'shared']) {
      cpSync(join(root, name, 'package.json'), join(app, name, 'package.json'));
      linkModules(name);
    }
    mkdirSync(join(folder, 'data'), { mode: 0o777 });
    chmodSync(join(folder, 'data'), 0o777);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function linkModules(name: string): void {
    mkdirSync(join(app, name, 'node_modules', '@tidemark'), { recursive: true });
    const modules = join(root, name, 'node_modules');
    const { dependencies = {} } = JSON.parse(readFileSync(join(root, name, 'package.json'), 'utf8'));
    for (const dependency of Object.keys(dependencies)) {
      const target = join(app, name, 'node_modules', dependency);
      mkdirSync(dirname(target), { recursive: true });
      symlinkSync(dependency === '@tidemark/shared' ? join(app, 'shared') : join(modules, dependency), target);
    }
  }

  /** Starts a command of the image as its user, in a tree that cannot be written. */
  function run(command: readonly string[], environment: Readonly<Record<string, string>>) {
    const [, ...words] = command;
    return spawn(process.execPath, words, {
      cwd: app,
      env: { PATH: process.env.PATH, NODE_ENV: 'production', HOME: folder, ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
      ...(canBeUser ? { uid: USER, gid: USER } : {}),
    });
  }
  const ended = (child: ReturnType<typeof run>) =>
    new Promise<number | null>((done, fail) => child.once('error', fail).once('exit', (code) => done(code)));

  test('starts from what was copied alone, is healthy, and ends with 0 on SIGTERM', async () => {
    const child = run(entrypoint, {
      TIDEMARK_HOST: '127.0.0.1',
      TIDEMARK_PORT: '0',
      TIDEMARK_OPEN: 'true',
      TIDEMARK_DATABASE: join(folder, 'data', 'tidemark.db'),
    });
    let out = '';
    const url = await new Promise<string>((done, fail) => {
      child.once('error', fail);
      child.once('exit', (code) => fail(new Error(`it ended with ${code}: ${out}`)));
      child.stdout.on('data', (chunk) => {
        out += chunk;
        const line = out.split('\n').find((one) => one.includes('"listening"'));
        if (line) done((JSON.parse(line) as { url: string }).url);
      });
    });
    const port = new URL(url).port;
    expect(await ended(run(healthCheck, { TIDEMARK_PORT: port }))).toBe(0);
    const end = ended(child);
    child.kill('SIGTERM');
    expect(await end).toBe(0);
    expect(out).toContain('"stopped"');
    expect(await ended(run(healthCheck, { TIDEMARK_PORT: port }))).toBe(2);
  });
});

test('compose runs the image with a read-only root, no capability, and longer to stop than requests may take', () => {
  const compose = readFileSync(join(root, 'compose.yaml'), 'utf8');
  for (const line of ['read_only: true', '- ALL', '- no-new-privileges:true', 'stop_grace_period: 60s']) {
    expect(compose).toContain(line);
  }
  // Nothing secret stands in it.
  expect(compose).toMatch(/POSTGRES_PASSWORD: \$\{POSTGRES_PASSWORD:\?/);
});

test('compose hands every setting on that has a meaning in a container of its own', () => {
  const settings = readFileSync(join(root, 'api/src/entry/env.ts'), 'utf8').matchAll(/^ {2}(TIDEMARK_\w+):/gm);
  const compose = readFileSync(join(root, 'compose.yaml'), 'utf8');
  const missing = [...settings].map(([, name]) => name).filter((name) => !compose.includes(`      ${name}: `));
  const ownPlace = ['TIDEMARK_OPEN', 'TIDEMARK_WEBHOOKS_LOOPBACK', 'TIDEMARK_FOLDER', 'TIDEMARK_HOST', 'TIDEMARK_PORT'];
  expect(missing.sort()).toEqual(ownPlace.sort());
});
