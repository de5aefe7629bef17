import { parseM } from '@tidemark/tools/dashboard/m/evaluate';
import { library } from '@tidemark/tools/dashboard/m/library';
import { committedFiles, committedModel } from '@tidemark/tools/dashboard/project-files';
import { columnPath, readTmdl } from '@tidemark/tools/dashboard/tmdl';
import { describe, expect, test } from 'vitest';
import { daxNames } from './dax.ts';

const { objects, tables, queries } = committedModel();
const columnsOf = (name: string) =>
  new Set(
    tables
      .find((table) => table.name === name)
      ?.children.filter(({ kind }) => kind === 'column')
      .map((column) => column.name),
  );
const measures = tables.flatMap((table) => table.children.filter(({ kind }) => kind === 'measure'));
const measureNames = new Set(measures.map(({ name }) => name));

/** Functions of DAX that the model uses, each looked up in Microsoft's reference. */
const DAX_FUNCTIONS = new Set(
  'ABS ADDCOLUMNS ALL ALLSELECTED AVERAGE BLANK CALCULATE CALCULATETABLE COALESCE CONCATENATEX COUNTROWS DISTINCTCOUNTNOBLANK DIVIDE FILTER FIND FORMAT HASONEVALUE IF ISBLANK ISEMPTY LEFT LEN MAX MIN MAXX MINX RELATED REMOVEFILTERS ROUND SELECTCOLUMNS SELECTEDVALUE SUM SUMMARIZE SUMX SWITCH TOPN USERCULTURE USERPRINCIPALNAME UTCNOW VALUES'.split(
    ' ',
  ),
);

describe('the text of the semantic model', () => {
  test('every table the model refers to has a file, and every file is referred to', () => {
    const references = objects.filter(({ kind }) => kind === 'ref table').map(({ name }) => name);
    expect(references.sort()).toEqual(tables.map(({ name }) => name).sort());
  });

  test('no parameter or function has the name of a table: they are queries of one list', () => {
    const names = [...objects.filter(({ kind }) => kind === 'expression'), ...tables].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  test('every lineage tag is there once', () => {
    const tags = [...objects, ...tables.flatMap(({ children }) => children)].flatMap(
      ({ properties }) => properties.get('lineageTag') ?? [],
    );
    expect(tags.length).toBeGreaterThan(80);
    expect(new Set(tags).size).toBe(tags.length);
  });

  test('every table, column, measure and query says what it is', () => {
    const silent = [...objects, ...tables.flatMap(({ children }) => children)].filter(
      ({ kind, description }) => ['table', 'column', 'measure', 'expression'].includes(kind) && description === '',
    );
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  test('relationships join columns that exist, and the one side is a key', () => {
    const relationships = objects.filter(({ kind }) => kind === 'relationship');
    expect(relationships.length).toBe(7);
    for (const { properties } of relationships) {
      const from = columnPath(properties.get('fromColumn') as string);
      const to = columnPath(properties.get('toColumn') as string);
      expect(columnsOf(from[0])).toContain(from[1]);
      expect(columnsOf(to[0])).toContain(to[1]);
      const key = tables
        .find(({ name }) => name === to[0])
        ?.children.find(({ kind, name }) => kind === 'column' && name === to[1]);
      expect(key?.properties.get('isKey')).toBe('true');
    }
  });

  test('columns are sorted by columns of their own table', () => {
    for (const table of tables) {
      for (const { properties } of table.children) {
        const by = properties.get('sortByColumn');
        if (by !== undefined) expect(columnsOf(table.name)).toContain(by.replaceAll("'", ''));
      }
    }
  });
});

describe('measures and computed columns', () => {
  const conditions = objects
    .filter(({ kind }) => kind === 'role')
    .flatMap(({ children }) =>
      children
        .filter(({ kind }) => kind === 'tablePermission')
        .map(({ name, expression }) => [`role: ${name}`, expression as string] as const),
    );
  const expressions = tables.flatMap((table) =>
    table.children
      .filter(({ kind, expression }) => (kind === 'measure' || kind === 'column') && expression !== null)
      .map(({ name, expression }) => [`${table.name}[${name}]`, expression as string] as const),
  );

  test.each([...expressions, ...conditions])('%s names only what exists', (_, expression) => {
    const names = daxNames(expression);
    for (const [table, column] of names.columns) expect(columnsOf(table), `${table}[${column}]`).toContain(column);
    for (const table of names.tables) expect(tables.map(({ name }) => name)).toContain(table);
    for (const name of names.measures) {
      if (name.startsWith('@')) expect(expression).toContain(`"${name}"`);
      else expect(measureNames).toContain(name);
    }
    for (const name of names.functions) expect(DAX_FUNCTIONS).toContain(name);
  });

  test('no variable is a word that DAX or MDX keeps for itself', () => {
    const kept = new Set([
      'NAME',
      'FIRST',
      'OPEN',
      'BOTH',
      'CURRENT',
      'MEMBERS',
      'SELF',
      'PARENT',
      'COUNT',
      'RANK',
      'ORDER',
      'VALUE',
      'MEASURE',
      'LAST',
      'AFTER',
      'BEFORE',
      'ROOT',
      'TOTALS',
      'CAPTION',
      'DATE',
      'INDEX',
      'LEVELS',
      'NODE',
      'PROPERTY',
      'TAIL',
      'HEAD',
      'USER',
      'USERS',
    ]);
    for (const [name, expression] of expressions) {
      const used = [...expression.matchAll(/\bVAR\s+(\w+)/g)].map((match) => String(match[1]));
      expect(
        used.filter((variable) => kept.has(variable.toUpperCase())),
        name,
      ).toEqual([]);
    }
  });

  test('every measure has a folder, and every number a format', () => {
    expect(measures.filter(({ properties }) => !properties.get('displayFolder')).map(({ name }) => name)).toEqual([]);
    const texts = measures
      .filter(({ name, properties }) => !properties.has('formatString') && !/^(Title|Button) /.test(name))
      .map(({ name }) => name);
    expect(texts.sort()).toEqual(
      [
        'Severity colour',
        'Bucket severity',
        'Model version',
        'Model text',
        'Client state',
        'Client colour',
        'Clients title',
        'Client line',
        'Client promise',
        'Alarm page',
        'Bucket page',
        'Incident title',
        'Incident sentence',
        'Incident id',
        'Incident link',
        'Earlier label',
        'Members that moved',
        'Feed trouble',
        'Storms',
        'Status',
        'Status detail',
        'Status colour',
        'Status detail colour',
        'Bucket reason',
        'Bucket side',
        'Alarm rules in force',
        'Bucket state',
        'Bucket fan',
      ].sort(),
    );
  });

  test('no measure has the name of another measure or of a column beside it', () => {
    expect(measureNames.size).toBe(measures.length);
    for (const name of columnsOf('Figures')) expect(measureNames).not.toContain(name);
  });
});

describe('queries', () => {
  test.each([...queries])('%s is M by Microsoft’s parser, and every name in it is known', async (_, text) => {
    const known = new Set([...library(() => 0).keys(), ...queries.keys(), 'Web.Contents', '_']);
    const declared = new Set<string>();
    const used = new Set<string>();
    walk(await parseM(text), (node) => {
      if (node.kind === 'IdentifierPairedExpression') declared.add((node.key as { literal: string }).literal);
      if (node.kind === 'Parameter') declared.add((node.name as { literal: string }).literal);
      if (node.kind === 'IdentifierExpression') used.add((node.identifier as { literal: string }).literal);
    });
    expect([...used].filter((name) => !known.has(name) && !declared.has(name))).toEqual([]);
  });

  test('the source is reached from one place, with a fixed address and the key from the credential', () => {
    const callers = [...queries].filter(([, text]) => text.includes('Web.Contents'));
    expect(callers.map(([name]) => name)).toEqual(['GetCsv']);
    expect(callers[0]?.[1]).toMatch(/Web\.Contents\(BaseUrl, \[RelativePath = path, Query = .*ApiKeyName = "key"/);
  });

  test.each([
    ['Bands', 'bucket_start'],
    ['Alarms', 'start'],
  ])('%s are refreshed incrementally: the range is asked of the API, and days ahead are kept', (name, time) => {
    expect(queries.get(name)).toContain(`>= RangeStart and [${time}] < RangeEnd`);
    expect(queries.get(name)).toMatch(/List\.Max\(\{RangeStart,[\s\S]*from = Iso\(From\), to = Iso\(To\)/);
    const policy = tables.find((table) => table.name === name)?.properties;
    expect(policy?.get('policyType')).toBe('basic');
    expect(Number(policy?.get('incrementalPeriodsOffset'))).toBe(3);
    expect(policy?.get('sourceExpression')).toBe(queries.get(name));
    for (const parameter of ['RangeStart', 'RangeEnd'])
      expect(queries.get(parameter)).toMatch(/^#datetime\(.*Type="DateTime"/);
  });
});

describe('other languages', () => {
  const cultures = objects.filter(({ kind }) => kind === 'cultureInfo').map(({ name }) => name);

  test.each(['es-ES', 'pt-BR'])('%s names every table, column and measure that people see', (culture) => {
    expect(cultures).toContain(culture);
    const text = committedFiles().get(`Tidemark.SemanticModel/definition/cultures/${culture}.tmdl`) as string;
    const captions = text.split('\n').filter((line) => line.includes('caption: '));
    const shown = tables.filter(({ properties }) => !properties.has('isHidden'));
    const fields = shown.flatMap(({ children }) =>
      children.filter(({ kind, properties }) => /column|measure/.test(kind) && !properties.has('isHidden')),
    );
    expect(captions.length).toBe(shown.length + fields.length);
  });
});

describe('the reader of the text', () => {
  test.each([
    ['table A\n\t\tcolumn B\n', 'not one tab below its parent'],
    ['table A\n  column B\n', 'other than tabs'],
    ['table A\n\t=3\n', 'neither an object nor a property'],
  ])('refuses %j', (text, message) => {
    expect(() => readTmdl(text)).toThrow(message);
  });
});

function walk(node: unknown, visit: (node: Record<string, unknown>) => void) {
  if (typeof node !== 'object' || node === null) return;
  if ('kind' in node) visit(node as Record<string, unknown>);
  for (const child of Object.values(node)) walk(child, visit);
}
