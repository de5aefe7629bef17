import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, resolve, sep } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

/**
 * The walls between the packages (see ARCHITECTURE.md), read off every import and manifest.
 * A wall that no file can hit any more fails too: each names what it guards.
 */
const root = resolve(import.meta.dirname, '..');
const packages = ['shared', 'trainer', 'api', 'visual', 'dashboard', 'tests'] as const;
type Package = (typeof packages)[number];

interface Import {
  readonly file: string;
  readonly specifier: string;
}

const sources = packages.flatMap((name) =>
  globSync(`${name}/**/*.{ts,tsx,mts}`, {
    cwd: root,
    exclude: (path) => /(^|[\\/])(node_modules|dist|\.tmp|assembly)([\\/]|$)/.test(String(path)),
  }).map((file) => file.split(sep).join('/')),
);

const imports: Import[] = sources.flatMap((file) =>
  ts
    .preProcessFile(readFileSync(join(root, file), 'utf8'), true, true)
    .importedFiles.map(({ fileName }) => ({ file, specifier: fileName })),
);

const isTest = (file: string) => /\.(test|bench)\.ts$|\/fixtures?\//.test(file) || file.startsWith('tests/');
const packageOf = (file: string) => file.slice(0, file.indexOf('/')) as Package;

/** Imports that satisfy `match`, as `file → specifier`, except from the files allowed. */
function offenders(match: (i: Import) => boolean, allowed: (file: string) => boolean = () => false) {
  return imports.filter((i) => match(i) && !allowed(i.file)).map((i) => `${i.file} → ${i.specifier}`);
}

const importsPackage = (specifier: string, name: string) => specifier === name || specifier.startsWith(`${name}/`);

describe('walls between packages', () => {
  test('sources are found in every package', () => {
    expect(new Set(sources.map(packageOf))).toEqual(new Set(packages));
  });

  test.each(['shared', 'trainer', 'api', 'visual', 'dashboard'] as const)(
    '%s imports no other package but shared',
    (name) => {
      const others = packages.filter((other) => other !== name && other !== 'shared');
      expect(
        offenders(
          ({ file, specifier }) =>
            packageOf(file) === name && others.some((other) => importsPackage(specifier, `@tidemark/${other}`)),
        ),
      ).toEqual([]);
    },
  );

  test('no relative import leaves its package', () => {
    expect(
      offenders(({ file, specifier }) => {
        if (!specifier.startsWith('.')) return false;
        const target = normalize(join(dirname(file), specifier))
          .split(sep)
          .join('/');
        return packageOf(file) !== 'tests' && !target.startsWith(`${packageOf(file)}/`);
      }),
    ).toEqual([]);
  });

  test('the core of shared has no dependency', () => {
    const isCore = (file: string) => file.startsWith('shared/src/') && !/^shared\/src\/(wire|athena)\//.test(file);
    expect(offenders(({ file, specifier }) => isCore(file) && !specifier.startsWith('.'), isTest)).toEqual([]);
    expect(offenders(({ file, specifier }) => isCore(file) && /\/(wire|athena)\//.test(specifier), isTest)).toEqual([]);
  });

  test('the visual reaches neither Node, nor the network, nor a service', () => {
    expect(
      offenders(
        ({ file, specifier }) =>
          file.startsWith('visual/src/') && (specifier.startsWith('node:') || specifier === '@tidemark/shared/athena'),
        isTest,
      ),
    ).toEqual([]);
  });

  test('manifests name the same walls', () => {
    for (const name of ['shared', 'trainer', 'api', 'visual', 'dashboard'] as const) {
      const manifest = JSON.parse(readFileSync(join(root, name, 'package.json'), 'utf8'));
      const named = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
      const ours = named.filter((dependency) => dependency.startsWith('@tidemark/'));
      expect(ours.filter((dependency) => dependency !== '@tidemark/shared')).toEqual([]);
    }
  });
});

describe('doors to the outside', () => {
  const doors: [what: string, specifiers: RegExp, door: RegExp][] = [
    ['the AWS SDK', /^@aws-sdk\//, /^shared\/src\/athena\//],
    ['date-holidays', /^date-holidays/, /^trainer\/src\/calendar\/holidays\.ts$/],
    ['DuckDB', /^@duckdb\//, /^[a-z]+\/src\/(.+\/)?duckdb\.ts$/],
    ['TensorFlow.js', /^@tensorflow\//, /^trainer\/src\/model\//],
    ['the database driver', /^(@libsql\/|drizzle-orm)/, /^api\/src\/store\//],
    ['d3 and the visuals API', /^(d3|d3-.+|powerbi-visuals-.+)$/, /^visual\/src\//],
  ];

  test.each(doors)('%s is imported behind its door only', (_, specifiers, door) => {
    expect(
      offenders(
        ({ specifier }) => specifiers.test(specifier),
        (file) => door.test(file) || isTest(file),
      ),
    ).toEqual([]);
  });

  test('only command-line entries set the exit code', () => {
    expect(mentions(/process\.exit(Code)?\b/, /(^|\/)(cli|node|build|main|export-repo)\.ts$/)).toEqual([]);
  });

  test('only env.ts and config.ts read the environment', () => {
    expect(mentions(/process\.env\b/, /(^|\/)(env|config)\.ts$/)).toEqual([]);
  });

  /** Files outside tests whose text matches, except the allowed. */
  function mentions(pattern: RegExp, allowed: RegExp) {
    return sources.filter(
      (file) => !isTest(file) && !allowed.test(file) && pattern.test(readFileSync(join(root, file), 'utf8')),
    );
  }
});

test('relative imports name a file that exists, so that Node runs them as they are', () => {
  const missing = imports.filter(
    ({ file, specifier }) =>
      specifier.startsWith('.') &&
      !ts.sys.fileExists(join(root, dirname(file), specifier)) &&
      !/\.(wasm|css|less|json)$/.test(specifier),
  );
  expect(missing.map(({ file, specifier }) => `${relative(root, join(root, file))} → ${specifier}`)).toEqual([]);
});
