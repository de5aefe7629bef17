import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { encodeModel, parseArtifact } from '@tidemark/shared/contract/model-file';
import { UserError } from '@tidemark/shared/errors';
import { environmentAt } from './env.ts';
import { installPackagingTools } from './packaging-tools.ts';
import { type ProjectOptions, VISUAL_DIR, writeProject } from './project.ts';

const PACKAGE = join(VISUAL_DIR, 'dist/tidemark.pbiviz');

export interface Packaged {
  /** Path of the `.pbiviz`. */
  readonly path: string;
  /** What `pbiviz package --certification-audit` printed, without colours. */
  readonly output: string;
}

/**
 * Packages the visual with `pbiviz package --certification-audit`, without a certificate. A package made earlier from
 * the same sources is used again; otherwise the packaging tools are installed first, if they are missing.
 * @throws Error with the tool's output when it made no package, or npm's when the tools cannot be installed.
 */
export async function packageVisual(options: ProjectOptions = {}): Promise<Packaged> {
  const release = await lock();
  try {
    return await packageNow(options);
  } finally {
    await release();
  }
}

/** A lock whose holder has not renewed it for this long is dead. */
const STALE_MS = 60_000;

/** Lets one process package at a time; several test files may ask at once, the others then use the same package. */
async function lock(): Promise<() => Promise<void>> {
  const path = join(VISUAL_DIR, '.tmp/lock');
  await mkdir(dirname(path), { recursive: true });
  for (;;) {
    try {
      await mkdir(path);
      const renewal = setInterval(() => utimes(path, new Date(), new Date()).catch(() => undefined), STALE_MS / 6);
      return async () => {
        clearInterval(renewal);
        await rm(path, { recursive: true, force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const held = await stat(path).catch(() => null);
      if (held !== null && Date.now() - held.mtimeMs > STALE_MS) await rm(path, { recursive: true, force: true });
      await new Promise((wake) => setTimeout(wake, 200));
    }
  }
}

async function packageNow(options: ProjectOptions): Promise<Packaged> {
  const project = join(VISUAL_DIR, '.tmp/project');
  await writeProject(project, options);
  const mark = await fingerprint(project);
  const record = join(VISUAL_DIR, 'dist', options.modelText === undefined ? 'package.json' : 'package-with-model.json');
  const path = options.modelText === undefined ? PACKAGE : PACKAGE.replace('.pbiviz', '-with-model.pbiviz');
  if (existsSync(record) && existsSync(path)) {
    const earlier = JSON.parse(await readFile(record, 'utf8'));
    if (earlier.mark === mark) return { path, output: earlier.output };
  }
  // pbiviz looks loaders up by name in the project's own node_modules.
  await rm(join(project, 'node_modules'), { recursive: true, force: true });
  await symlink(await installPackagingTools(), join(project, 'node_modules'), 'junction');
  await mkdir(join(project, '../home'), { recursive: true });
  const built = join(project, 'dist', await builtName(project));
  // The tool leaves an earlier package in place when it fails.
  await rm(built, { force: true });
  const output = await runPbiviz(project);
  if (!existsSync(built)) throw new Error(`pbiviz made no package:\n${output}`);
  await mkdir(dirname(path), { recursive: true });
  await cp(built, `${path}.part`);
  await rename(`${path}.part`, path);
  await writeFile(record, JSON.stringify({ mark, output }));
  return { path, output };
}

async function builtName(project: string): Promise<string> {
  const { visual } = JSON.parse(await readFile(join(project, 'pbiviz.json'), 'utf8'));
  return `${visual.guid}.${visual.version}.pbiviz`;
}

/**
 * Packages the visual with the model in a folder: used wherever neither limits nor a model are bound. The package
 * without a model stays as it is.
 * @throws UserError `no-model` when the folder holds none; what `parseArtifact` throws when it is no good.
 */
export async function packageWithModel(dir: string): Promise<Packaged & { readonly modelText: string }> {
  const modelText = await modelTextOf(resolve(dir));
  return { ...(await packageVisual({ modelText })), modelText };
}

/** Text form of the model in a folder of `model.json` and `weights.bin`. */
async function modelTextOf(dir: string): Promise<string> {
  const read = async (name: string) => {
    try {
      return await readFile(join(dir, name));
    } catch (cause) {
      throw new UserError(
        'no-model',
        `no model in ${dir}: ${name} cannot be read; accepted is a folder with model.json and weights.bin, as \`pnpm trainer train\` writes it`,
        { cause },
      );
    }
  };
  const [modelJson, weights] = [await read('model.json'), await read('weights.bin')];
  return encodeModel(parseArtifact({ modelJson: modelJson.toString(), weights: new Uint8Array(weights) }));
}

/** Digest of every file pbiviz reads, names included. */
async function fingerprint(project: string): Promise<string> {
  const digest = createHash('sha256');
  const names = (await readdir(project, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(project, join(entry.parentPath, entry.name)))
    .filter((name) => !/^(node_modules|dist|\.tmp|webpack\.statistics)/.test(name))
    .sort();
  for (const name of names)
    digest
      .update(name)
      .update('\0')
      .update(await readFile(join(project, name)));
  return digest.digest('hex');
}

function runPbiviz(project: string): Promise<string> {
  const tool = join(project, 'node_modules/powerbi-visuals-tools/bin/pbiviz.js');
  const flags = ['package', '--certification-audit', '--skip-api', '--no-stats', '--verbose', '--compression', '9'];
  return new Promise((done, fail) => {
    // A home of its own: the tool makes a development certificate in the home folder otherwise.
    const child = spawn(process.execPath, [tool, ...flags], {
      cwd: project,
      env: environmentAt(join(project, '../home')),
    });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output += chunk;
    });
    child.on('error', fail);
    child.on('close', () => done(stripVTControlCharacters(output)));
  });
}
