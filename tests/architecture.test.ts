import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, resolve, sep } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

/**
 * The walls between the packages (see ARCHITECTURE.md), read off every import and manifest.
 * A wall that no file can hit any more fails too: each names what it guards.
 */
const root = resolve(import.meta.dirname, '..');
const packages = ['shared', 'trainer', 'api', 'visual', 'dashboard', 'tools', 'bench', 'tests'] as const;
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

/** Tests, what packages lend to them, and what is only ever run by people and tests. */
const isTest = (file: string) => /\.test\.ts$|\/src\/testing\//.test(file) || /^(tests|tools|bench)\//.test(file);
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
        return !target.startsWith(`${packageOf(file)}/`);
      }),
    ).toEqual([]);
  });

  test('packages lend test parts through ./testing, and only tests, tools and benchmarks borrow them', () => {
    const borrows = ({ specifier }: Import) => /^@tidemark\/[a-z]+\/testing(\/|$)/.test(specifier);
    expect(offenders(borrows, isTest)).toEqual([]);
  });

  test('the visual reaches neither Node, nor the network, nor a service', () => {
    expect(
      offenders(
        ({ file, specifier }) =>
          file.startsWith('visual/src/') &&
          (specifier.startsWith('node:') || specifier.startsWith('@tidemark/shared/warehouse')),
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

describe('rooms of shared', () => {
  const rooms = ['forecasting', 'detection', 'contract', 'warehouse'] as const;
  const roomOf = (path: string) => path.match(/^shared\/src\/([^/.]+)\//)?.[1];
  /** Rooms that each room may import; files beside the rooms (errors, vocabulary, palette) have no room and are open to all. */
  const may: Record<(typeof rooms)[number], readonly string[]> = {
    forecasting: [],
    detection: ['forecasting'],
    contract: ['forecasting', 'detection'],
    warehouse: ['forecasting'],
  };

  test('every source of shared lies in a room or directly beside them', () => {
    const elsewhere = sources.filter(
      (file) => /^shared\/src\/.+\//.test(file) && !rooms.includes(roomOf(file) as (typeof rooms)[number]),
    );
    expect(elsewhere).toEqual([]);
  });

  test.each(rooms)('%s imports only the rooms before it', (room) => {
    const crossing = ({ file, specifier }: Import) => {
      if (roomOf(file) !== room || !specifier.startsWith('.')) return false;
      const target = roomOf(
        normalize(join(dirname(file), specifier))
          .split(sep)
          .join('/'),
      );
      return target !== undefined && target !== room && !may[room].includes(target);
    };
    expect(offenders(crossing, isTest)).toEqual([]);
  });

  test('files beside the rooms import nothing but each other', () => {
    const enters = ({ file, specifier }: Import) => /^shared\/src\/[^/]+$/.test(file) && !/^\.\/[^/]+$/.test(specifier);
    expect(offenders(enters, isTest)).toEqual([]);
  });

  test('forecasting and detection have no dependency at all; zod is used in contract, the AWS SDK and DuckDB in the drivers of warehouse', () => {
    const outside = (allowed: RegExp, room: RegExp) =>
      offenders(
        ({ file, specifier }) => room.test(file) && !specifier.startsWith('.') && !allowed.test(specifier),
        isTest,
      );
    expect(outside(/^$/, /^shared\/src\/((forecasting|detection)\/|[^/]+$)/)).toEqual([]);
    expect(outside(/^zod(\/|$)/, /^shared\/src\/contract\//)).toEqual([]);
    expect(
      outside(/^(@aws-sdk\/|@duckdb\/|csv-parse$|p-(queue|timeout)$|node:)/, /^shared\/src\/warehouse\/drivers\//),
    ).toEqual([]);
    expect(outside(/^$/, /^shared\/src\/warehouse\/(?!drivers\/)/)).toEqual([]);
  });

  test('no circle of imports, in any package', () => {
    const targets = new Map<string, string[]>();
    for (const { file, specifier } of imports) {
      if (!specifier.startsWith('.')) continue;
      const target = normalize(join(dirname(file), specifier))
        .split(sep)
        .join('/');
      targets.set(file, [...(targets.get(file) ?? []), target]);
    }
    const done = new Set<string>();
    const walk = (file: string, path: readonly string[]): string[] | null => {
      if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
      if (done.has(file)) return null;
      for (const target of targets.get(file) ?? []) {
        const circle = walk(target, [...path, file]);
        if (circle) return circle;
      }
      done.add(file);
      return null;
    };
    expect([...targets.keys()].map((file) => walk(file, [])).filter((circle) => circle !== null)).toEqual([]);
  });

  test('nothing is exported with a star', () => {
    const starred = sources.filter((file) => /^export \*/m.test(readFileSync(join(root, file), 'utf8')));
    expect(starred).toEqual([]);
  });
});

describe('the core', () => {
  const core = ['forecasting', 'detection'].flatMap((room) => {
    const index = `shared/src/${room}/index.ts`;
    return parsed(index).statements.flatMap((statement) => {
      if (!ts.isExportDeclaration(statement) || !statement.exportClause || !ts.isNamedExports(statement.exportClause))
        return [];
      const file = join(dirname(index), (statement.moduleSpecifier as ts.StringLiteral).text);
      const names = statement.exportClause.elements.map(({ name, propertyName }) => (propertyName ?? name).text);
      return parsed(file).statements.filter(
        (one): one is ts.FunctionDeclaration =>
          ts.isFunctionDeclaration(one) && one.name !== undefined && names.includes(one.name.text),
      );
    });
  });

  test('its exported functions have a docstring with an example', () => {
    expect(core.length).toBeGreaterThan(30);
    const bare = core.filter(
      (one) => !/\/\*\*[\s\S]*@example/.test(ts.getJSDocCommentsAndTags(one)[0]?.getText() ?? ''),
    );
    expect(bare.map(({ name }) => name?.text)).toEqual([]);
  });

  test('no cast hides a wrong index or claims a number: numeric folders read lists by !, others by elementAt', () => {
    const casts = sources.filter(
      (file) =>
        /^(shared|trainer|api|dashboard)\/src\//.test(file) &&
        !isTest(file) &&
        parsed(file).statements.some(function isCast(node: ts.Node): boolean {
          const isWrong =
            ts.isAsExpression(node) &&
            (node.type.kind === ts.SyntaxKind.NumberKeyword || ts.isElementAccessExpression(node.expression));
          return isWrong || ts.forEachChild(node, (child) => isCast(child) || undefined) === true;
        }),
    );
    expect(casts).toEqual([]);
  });

  test('the lengths of an hour and a day stand once', () => {
    const copies = sources.filter(
      (file) =>
        /^(shared|trainer|api|visual|dashboard)\/src\//.test(file) &&
        !isTest(file) &&
        file !== 'shared/src/forecasting/time/duration.ts' &&
        /^(?!\s*(\*|\/\*|\/\/)).*\b(86_400_000|3_600_000|86400000|3600000)\b/m.test(
          readFileSync(join(root, file), 'utf8'),
        ),
    );
    expect(copies).toEqual([]);
  });

  test('no comment goes on in the next one', () => {
    const begun = sources.filter((file) =>
      /(\/\*\*|\/\/) … |, …( \*\/)?$/m.test(
        readFileSync(join(root, file), 'utf8').replaceAll(/\/\*\* `[^\n]*, … \*\/$/gm, ''),
      ),
    );
    expect(begun).toEqual([]);
  });

  test('no function of the product is longer than 100 lines', () => {
    const long = sources
      .filter((file) => /^(shared|trainer|api|visual|dashboard)\/src\//.test(file) && !isTest(file))
      .flatMap((file) => {
        const source = parsed(file);
        const lineAt = (position: number) => source.getLineAndCharacterOfPosition(position).line;
        const found: string[] = [];
        const visit = (node: ts.Node) => {
          const begin = node.getStart(source);
          if (ts.isFunctionLike(node) && lineAt(node.end) - lineAt(begin) >= 100)
            found.push(`${file}:${lineAt(begin) + 1}`);
          ts.forEachChild(node, visit);
        };
        visit(source);
        return found;
      });
    expect(long).toEqual([]);
  });

  function parsed(file: string): ts.SourceFile {
    return ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
  }
});

describe('adapters', () => {
  const adapters: [what: string, specifiers: RegExp, adapter: RegExp][] = [
    ['the AWS SDK', /^@aws-sdk\//, /^shared\/src\/warehouse\/drivers\//],
    ['date-holidays', /^date-holidays/, /^trainer\/src\/calendar\/holidays\.ts$/],
    ['DuckDB', /^@duckdb\//, /^shared\/src\/warehouse\/drivers\/duckdb\/duckdb\.ts$/],
    ['TensorFlow.js', /^@tensorflow\//, /^trainer\/src\/network\//],
    ['the database driver', /^(@libsql\/|libsql$|drizzle-orm|pg$)/, /^api\/src\/store\//],
    ['the visuals API', /^powerbi-visuals-.+$/, /^visual\/src\//],
    ['d3', /^(d3|d3-.+)$/, /^(visual\/src|trainer\/src\/report)\//],
  ];

  test.each(adapters)('%s is imported by its adapter only', (_, specifiers, adapter) => {
    expect(
      offenders(
        ({ specifier }) => specifiers.test(specifier),
        (file) => adapter.test(file) || isTest(file),
      ),
    ).toEqual([]);
  });

  test('nothing that a Worker loads reaches DuckDB', () => {
    const reached = new Set(['api/src/entry/worker.ts']);
    for (const file of reached) {
      for (const { file: from, specifier } of imports) {
        if (from !== file || !specifier.startsWith('.')) continue;
        reached.add(
          normalize(join(dirname(file), specifier))
            .split(sep)
            .join('/'),
        );
      }
    }
    expect(reached.size).toBeGreaterThan(50);
    expect(offenders(({ file, specifier }) => reached.has(file) && /warehouse\/duckdb$/.test(specifier))).toEqual([]);
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
