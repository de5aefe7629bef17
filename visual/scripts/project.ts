import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the visual's package. */
export const VISUAL_DIR = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const SHARED_DIR = resolve(VISUAL_DIR, '../shared/src');

/** Every import specifier of a TypeScript source, static ones and re-exports alike. */
const IMPORT = /(\bfrom\s+|\bimport\s+)'([^']+)'/g;

export interface ProjectOptions {
  /** Text form of the model to package with the visual; none by default. */
  readonly modelText?: string;
}

/**
 * Writes the stand-alone pbiviz project: the visual's sources with the shared core copied to
 * `src/shared`, reachable files only, and the packaging tool's own spelling of imports.
 */
export async function writeProject(dir: string, { modelText }: ProjectOptions = {}): Promise<void> {
  await mkdir(dir, { recursive: true });
  for (const name of [
    'src',
    'style',
    'assets',
    'stringResources',
    'pbiviz.json',
    'capabilities.json',
    'tsconfig.json',
  ]) {
    await rm(join(dir, name), { recursive: true, force: true });
  }
  for (const name of ['style', 'assets', 'stringResources', 'pbiviz.json', 'capabilities.json']) {
    if (existsSync(join(VISUAL_DIR, name))) await cp(join(VISUAL_DIR, name), join(dir, name), { recursive: true });
  }
  await writeFile(join(dir, 'tsconfig.json'), `${JSON.stringify(TSCONFIG, null, 2)}\n`);
  await writeFile(join(dir, 'package.json'), `${JSON.stringify(await packageJson(), null, 2)}\n`);
  await writeFile(join(dir, 'eslint.config.mjs'), ESLINT_CONFIG);
  await copySources(dir);
  if (modelText !== undefined) {
    const source = `export const PACKAGED_MODEL: string | null = ${JSON.stringify(modelText)};\n`;
    await writeFile(join(dir, 'src/packaged-model.ts'), source);
  }
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

const TSCONFIG = {
  compilerOptions: {
    target: 'es2022',
    module: 'esnext',
    moduleResolution: 'bundler',
    lib: ['es2023', 'dom', 'dom.iterable'],
    types: [],
    strict: true,
    sourceMap: true,
    outDir: './.tmp/build/',
    skipLibCheck: true,
  },
  files: ['./src/visual.ts'],
};

const ESLINT_CONFIG = `import powerbiVisuals from 'eslint-plugin-powerbi-visuals';

export default [powerbiVisuals.configs.recommended, { ignores: ['node_modules/**', 'dist/**', '.tmp/**'] }];
`;

/** What the stand-alone project needs from npm, each at the version installed here. */
async function packageJson(): Promise<object> {
  const own = JSON.parse(await readFile(join(VISUAL_DIR, 'package.json'), 'utf8'));
  const { visual } = JSON.parse(await readFile(join(VISUAL_DIR, 'pbiviz.json'), 'utf8'));
  const wanted = (names: string[]) =>
    Promise.all(names.map(async (name) => [name, (await manifestOf(name, VISUAL_DIR)).version as string]));
  return {
    name: 'tidemark-visual',
    version: own.version,
    description: visual.description,
    license: own.license,
    private: true,
    sideEffects: ['*.less'],
    scripts: { package: 'pbiviz package --certification-audit', lint: 'eslint src' },
    dependencies: Object.fromEntries(await wanted(RUNTIME)),
    devDependencies: Object.fromEntries(await wanted(TOOLS)),
  };
}

const RUNTIME = [
  'd3',
  'powerbi-visuals-api',
  'powerbi-visuals-utils-formattingmodel',
  'powerbi-visuals-utils-formattingutils',
];
const TOOLS = [
  '@types/d3',
  'powerbi-visuals-tools',
  'eslint',
  'eslint-plugin-powerbi-visuals',
  'typescript',
  'ts-loader',
  'css-loader',
  'less-loader',
  'less',
  'json-loader',
];

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

async function manifestOf(name: string, from: string): Promise<Manifest & { readonly dir: string }> {
  const places = createRequire(join(from, 'package.json')).resolve.paths(name) ?? [];
  const place = places.map((path) => join(path, name)).find((path) => existsSync(join(path, 'package.json')));
  if (place === undefined) throw new Error(`package not installed: ${name}, needed by ${from}`);
  return { ...JSON.parse(await readFile(join(place, 'package.json'), 'utf8')), dir: place };
}

/**
 * Gives the project the flat `node_modules` pbiviz expects, as links to what is installed here:
 * it looks loaders and transitive packages up by bare name from the project's root.
 */
export async function linkPackages(dir: string): Promise<void> {
  const { realpath } = await import('node:fs/promises');
  const modules = join(dir, 'node_modules');
  await rm(modules, { recursive: true, force: true });
  const linked = new Set<string>();
  const waiting = [...RUNTIME, ...TOOLS].map((name) => ({ name, from: VISUAL_DIR }));
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (linked.has(next.name)) continue;
    linked.add(next.name);
    const manifest = await manifestOf(next.name, next.from);
    const real = await realpath(manifest.dir);
    await mkdir(dirname(join(modules, next.name)), { recursive: true });
    await symlink(real, join(modules, next.name), 'dir');
    if (TOOLS.includes(next.name) && !next.name.startsWith('@types/')) continue;
    waiting.push(...Object.keys(manifest.dependencies ?? {}).map((name) => ({ name, from: real })));
  }
}
