import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Contacts } from './contacts.ts';

/** Folder of the visual's package. */
export const VISUAL_DIR = resolve(dirname(fileURLToPath(import.meta.url)), '..');
/** Manifest, lockfile and settings of the stand-alone project. */
export const PACKAGING_DIR = join(VISUAL_DIR, 'packaging');
const SHARED_DIR = resolve(VISUAL_DIR, '../shared/src');

/** Every import specifier of a TypeScript source, static ones and re-exports alike. */
const IMPORT = /(\bfrom\s+|\bimport\s+)'([^']+)'/g;

export interface ProjectOptions {
  /** Text form of the model to package with the visual; none by default. */
  readonly modelText?: string;
  /** Whom the package names for help; placeholders by default, which a store refuses. */
  readonly contacts?: Contacts;
}

const OF_THE_VISUAL = ['style', 'assets', 'stringResources', 'pbiviz.json', 'capabilities.json'];
const OF_THE_PROJECT = [
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'eslint.config.mjs',
  'embed-in-sample.mjs',
];

/**
 * Writes the stand-alone pbiviz project: the visual's sources with the reachable files of `shared` copied to
 * `src/shared`, imports spelled as pbiviz understands them, and the files of `visual/packaging`.
 */
export async function writeProject(dir: string, { modelText, contacts }: ProjectOptions = {}): Promise<void> {
  await mkdir(dir, { recursive: true });
  for (const name of ['src', ...OF_THE_VISUAL]) await rm(join(dir, name), { recursive: true, force: true });
  for (const name of OF_THE_VISUAL) await cp(join(VISUAL_DIR, name), join(dir, name), { recursive: true });
  for (const name of OF_THE_PROJECT) await cp(join(PACKAGING_DIR, name), join(dir, name));
  await copySources(dir);
  if (contacts !== undefined) await writeContacts(join(dir, 'pbiviz.json'), contacts);
  if (modelText !== undefined) {
    const source = `export const PACKAGED_MODEL: string | null = ${JSON.stringify(modelText)};\n`;
    await writeFile(join(dir, 'src/packaged-model.ts'), source);
  }
}

async function writeContacts(file: string, { supportUrl, repositoryUrl, email }: Contacts): Promise<void> {
  const project = JSON.parse(await readFile(file, 'utf8'));
  const named = {
    ...project,
    visual: { ...project.visual, supportUrl, gitHubUrl: repositoryUrl },
    author: { ...project.author, email },
  };
  await writeFile(file, `${JSON.stringify(named, null, 2)}\n`);
}

/** Walks the imports from `src/visual.ts` and copies each source it meets. */
async function copySources(dir: string): Promise<void> {
  const waiting = [join(VISUAL_DIR, 'src/visual.ts')];
  const seen = new Set(waiting);
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    const source = await readFile(file, 'utf8');
    const target = join(dir, placeOf(file));
    const rewritten = source.replaceAll(IMPORT, (whole, lead: string, specifier: string) => {
      const imported = resolveImport(file, specifier);
      if (imported === null) return whole;
      if (!seen.has(imported)) {
        seen.add(imported);
        waiting.push(imported);
      }
      const path = relative(dirname(target), join(dir, placeOf(imported)))
        .replaceAll(sep, '/')
        .replace(/\.ts$/, '');
      return `${lead}'${path.startsWith('.') ? path : `./${path}`}'`;
    });
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, rewritten);
  }
}

function resolveImport(from: string, specifier: string): string | null {
  if (specifier.startsWith('@tidemark/shared/')) {
    const room = join(SHARED_DIR, specifier.slice('@tidemark/shared/'.length));
    return existsSync(`${room}.ts`) ? `${room}.ts` : join(room, 'index.ts');
  }
  return specifier.endsWith('.ts') ? resolve(dirname(from), specifier) : null;
}

function placeOf(file: string): string {
  return file.startsWith(SHARED_DIR) ? join('src/shared', relative(SHARED_DIR, file)) : relative(VISUAL_DIR, file);
}
