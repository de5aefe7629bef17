import { guidOf } from '../guid.ts';
import { CULTURES, type Culture, translated } from './translations.ts';
import type { Column, Measure, RefreshPolicy, Role, SemanticModel, SharedQuery, Table } from './types.ts';

/**
 * The files of a semantic model in TMDL, Microsoft's text form of a tabular model, by path below `definition/`.
 * Children are one tab deeper than their parent; the lines of an expression two tabs deeper than what they belong to.
 */
export function tmdlFiles(model: SemanticModel): Map<string, string> {
  const files = new Map<string, string>();
  files.set('database.tmdl', lines(['database', '\tcompatibilityLevel: 1600']));
  files.set('model.tmdl', modelFile(model));
  files.set('expressions.tmdl', blocks(model.sharedQueries.map(sharedQueryLines)));
  files.set('relationships.tmdl', blocks(model.relationships.map(relationshipLines)));
  for (const table of model.tables) files.set(`tables/${table.name}.tmdl`, tableFile(table));
  for (const role of model.roles) files.set(`roles/${role.name}.tmdl`, roleFile(role));
  for (const culture of CULTURES) files.set(`cultures/${culture}.tmdl`, cultureFile(model, culture));
  return files;
}

function modelFile({ tables, sharedQueries, roles }: SemanticModel): string {
  const order = [...sharedQueries, ...tables].map(({ name }) => name);
  return blocks([
    [
      'model Model',
      '\tculture: en-US',
      '\tdefaultPowerBIDataSourceVersion: powerBI_V3',
      '\tdiscourageImplicitMeasures',
      '\tsourceQueryCulture: en-US',
      '\tdataAccessOptions',
      '\t\tlegacyRedirects',
      '\t\treturnErrorValuesAsNull',
    ],
    ['annotation __PBI_TimeIntelligenceEnabled = 0'],
    [`annotation PBI_QueryOrder = ${JSON.stringify(order)}`],
    tables.map(({ name }) => `ref table ${quoted(name)}`),
    CULTURES.map((culture) => `ref cultureInfo ${culture}`),
    roles.map(({ name }) => `ref role ${quoted(name)}`),
  ]);
}

function sharedQueryLines({ name, description, expression, parameter }: SharedQuery): string[] {
  const tags = [
    `\tlineageTag: ${guidOf(`query/${name}`)}`,
    '',
    `\tannotation PBI_ResultType = ${parameter ?? 'Function'}`,
  ];
  if (parameter === undefined) return [`/// ${description}`, `expression ${name} =`, ...deep(expression, 2), ...tags];
  const meta = `meta [IsParameterQuery=true, Type="${parameter}", IsParameterQueryRequired=true]`;
  return [`/// ${description}`, `expression ${name} = ${expression} ${meta}`, ...tags];
}

function relationshipLines({ from, to }: SemanticModel['relationships'][number]): string[] {
  const column = ([table, name]: readonly [string, string]) => `${quoted(table)}.${quoted(name)}`;
  return [
    `relationship ${guidOf(`relationship/${from.join('/')}→${to.join('/')}`)}`,
    `\tfromColumn: ${column(from)}`,
    `\ttoColumn: ${column(to)}`,
  ];
}

function tableFile(table: Table): string {
  const head = [`/// ${table.description}`, `table ${quoted(table.name)}`];
  if (table.hidden) head.push('\tisHidden');
  if (table.calendar) head.push('\tdataCategory: Time');
  head.push(`\tlineageTag: ${guidOf(`table/${table.name}`)}`);
  return blocks([
    head,
    ...(table.measures ?? []).map((measure) => measureLines(table, measure)),
    ...table.columns.map((column) => columnLines(table, column)),
    ...(table.refreshPolicy === undefined ? [] : [policyLines(table.refreshPolicy, table.query)]),
    [`\tpartition ${quoted(table.name)} = m`, '\t\tmode: import', '\t\tsource =', ...deep(table.query, 4)],
    ['\tannotation PBI_ResultType = Table'],
  ]);
}

/** What Power BI makes the partitions of a table by, each with its own `RangeStart` and `RangeEnd`. */
function policyLines({ keptMonths, refreshedDays, daysAhead }: RefreshPolicy, query: string): string[] {
  return [
    '\trefreshPolicy',
    '\t\tpolicyType: basic',
    '\t\trollingWindowGranularity: month',
    `\t\trollingWindowPeriods: ${keptMonths}`,
    '\t\tincrementalGranularity: day',
    `\t\tincrementalPeriods: ${refreshedDays}`,
    `\t\tincrementalPeriodsOffset: ${daysAhead}`,
    '\t\tsourceExpression =',
    ...deep(query, 4),
  ];
}

function roleFile({ name, description, rows }: Role): string {
  return blocks([
    [`/// ${description}`, `role ${quoted(name)}`, '\tmodelPermission: read'],
    ...Object.entries(rows).map(([table, condition]) => [`\ttablePermission ${quoted(table)} = ${condition}`]),
    [`\tannotation PBI_Id = ${guidOf(`role/${name}`).replaceAll('-', '')}`],
  ]);
}

/** The names of tables, columns, measures and folders that a person sees who reads in a language. */
function cultureFile({ tables }: SemanticModel, culture: Culture): string {
  const shown = ({ hidden }: { readonly hidden?: boolean }) => hidden !== true;
  const caption = (depth: number, name: string) => `${'\t'.repeat(depth)}caption: ${translated(name, culture)}`;
  const lines = tables
    .filter(shown)
    .flatMap(({ name, columns, measures = [] }) => [
      '',
      `\t\t\ttable ${quoted(name)}`,
      caption(4, name),
      ...columns
        .filter(shown)
        .flatMap((column) => ['', `\t\t\t\tcolumn ${quoted(column.name)}`, caption(5, column.name)]),
      ...measures
        .filter(shown)
        .flatMap((measure) => [
          '',
          `\t\t\t\tmeasure ${quoted(measure.name)}`,
          caption(5, measure.name),
          `\t\t\t\t\tdisplayFolder: ${translated(measure.folder, culture)}`,
        ]),
    ]);
  return blocks([[`cultureInfo ${culture}`], ['\ttranslations', '\t\tmodel Model', ...lines]]);
}

function measureLines(table: Table, { name, description, expression, folder, ...rest }: Measure): string[] {
  const { format, hidden, category } = rest;
  return [
    `\t/// ${description}`,
    ...assigned(`\tmeasure ${quoted(name)}`, expression),
    ...(format === undefined ? [] : [`\t\tformatString: ${format}`]),
    ...(hidden ? ['\t\tisHidden'] : []),
    `\t\tdisplayFolder: ${folder}`,
    `\t\tlineageTag: ${guidOf(`measure/${table.name}/${name}`)}`,
    ...(category === undefined ? [] : [`\t\tdataCategory: ${category}`]),
  ];
}

function columnLines(table: Table, column: Column): string[] {
  const head = `\tcolumn ${quoted(column.name)}`;
  return [
    `\t/// ${column.description}`,
    ...(column.expression === undefined ? [head] : assigned(head, column.expression)),
    `\t\tdataType: ${column.type}`,
    ...(column.hidden ? ['\t\tisHidden'] : []),
    ...(column.key ? ['\t\tisKey'] : []),
    ...(column.category === undefined ? [] : [`\t\tdataCategory: ${column.category}`]),
    ...(column.format === undefined ? [] : [`\t\tformatString: ${column.format}`]),
    `\t\tlineageTag: ${guidOf(`column/${table.name}/${column.name}`)}`,
    '\t\tsummarizeBy: none',
    ...(column.source === null ? [] : [`\t\tsourceColumn: ${column.source}`]),
    ...(column.sortBy === undefined ? [] : [`\t\tsortByColumn: ${quoted(column.sortBy)}`]),
    '',
    '\t\tannotation SummarizationSetBy = User',
  ];
}

/** `head = expression`, on one line where it fits one. */
function assigned(head: string, expression: string): string[] {
  return expression.includes('\n') ? [`${head} =`, ...deep(expression, 3)] : [`${head} = ${expression}`];
}

/** A name as TMDL wants it: in single quotes unless it is plain. */
function quoted(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `'${name.replaceAll("'", "''")}'`;
}

/** The lines of an expression, each `depth` tabs in; its own four-space indentation becomes tabs. */
function deep(expression: string, depth: number): string[] {
  return expression.split('\n').map((line) => {
    const spaces = line.length - line.trimStart().length;
    return line === '' ? '' : '\t'.repeat(depth + spaces / 4) + line.trimStart();
  });
}

function blocks(parts: readonly (readonly string[])[]): string {
  return `${parts.map((part) => part.join('\n')).join('\n\n')}\n`;
}

function lines(part: readonly string[]): string {
  return blocks([part]);
}
