import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { SAMPLE_COLUMNS, sampleRows } from './sample-rows.ts';

const NAME = 'Tidemark sample';
const SCHEMAS = 'https://developer.microsoft.com/json-schemas/fabric';
const DEFINITION = `${SCHEMAS}/item/report/definition`;

/**
 * Writes a report that shows the visual on rows of its own, as a Power BI project: a folder Power BI Desktop opens. The
 * packaged visual is put into it by `npm run sample` of the stand-alone repository.
 * @param guid of the visual
 */
export async function writeSampleReport(dir: string, guid: string): Promise<void> {
  for (const [path, content] of Object.entries(sampleFiles(guid))) {
    const file = join(dir, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`);
  }
}

function sampleFiles(guid: string): Record<string, object | string> {
  const report = `${NAME}.Report`;
  const model = `${NAME}.SemanticModel`;
  const pages = { clients: clientsPage(guid), one: onePage(guid) };
  return {
    [`${NAME}.pbip`]: {
      $schema: `${SCHEMAS}/pbip/pbipProperties/1.0.0/schema.json`,
      version: '1.0',
      artifacts: [{ report: { path: report } }],
      settings: { enableAutoRecovery: true },
    },
    [`${report}/.platform`]: platform('Report', 'b0c5a1de-5b7b-4d0e-9a55-6f0d6b1f7a01'),
    [`${report}/definition.pbir`]: {
      $schema: `${SCHEMAS}/item/report/definitionProperties/2.0.0/schema.json`,
      version: '4.0',
      datasetReference: { byPath: { path: `../${model}` } },
    },
    [`${report}/definition/version.json`]: {
      $schema: `${DEFINITION}/versionMetadata/1.0.0/schema.json`,
      version: '2.0.0',
    },
    [`${report}/definition/report.json`]: reportOf(guid),
    [`${report}/definition/pages/pages.json`]: {
      $schema: `${DEFINITION}/pagesMetadata/1.1.0/schema.json`,
      pageOrder: Object.keys(pages),
      activePageName: 'clients',
    },
    ...Object.fromEntries(
      Object.entries(pages).flatMap(([name, { displayName, visual }]) => [
        [`${report}/definition/pages/${name}/page.json`, pageOf(name, displayName)],
        [`${report}/definition/pages/${name}/visuals/bands/visual.json`, visual],
      ]),
    ),
    [`${model}/.platform`]: platform('SemanticModel', 'b0c5a1de-5b7b-4d0e-9a55-6f0d6b1f7a02'),
    [`${model}/definition.pbism`]: {
      $schema: `${SCHEMAS}/item/semanticModel/definitionProperties/1.0.0/schema.json`,
      version: '4.2',
      settings: {},
    },
    [`${model}/definition/database.tmdl`]: 'database\n\tcompatibilityLevel: 1600\n',
    [`${model}/definition/model.tmdl`]: MODEL,
    [`${model}/definition/tables/Buckets.tmdl`]: bucketsTable(),
  };
}

function platform(type: string, logicalId: string): object {
  return {
    $schema: `${SCHEMAS}/gitIntegration/platformProperties/2.0.0/schema.json`,
    metadata: { type, displayName: NAME },
    config: { version: '2.0', logicalId },
  };
}

function reportOf(guid: string): object {
  const item = `${guid}.pbiviz.json`;
  return {
    $schema: `${DEFINITION}/report/3.3.0/schema.json`,
    themeCollection: {
      baseTheme: {
        name: 'CY24SU10',
        reportVersionAtImport: { visual: '2.9.0', report: '3.3.0', page: '2.1.0' },
        type: 'SharedResources',
      },
    },
    resourcePackages: [
      { name: guid, type: 'CustomVisual', items: [{ name: item, path: item, type: 'CustomVisualMetadata' }] },
    ],
    settings: { useStylableVisualContainerHeader: true, useEnhancedTooltips: true },
  };
}

function pageOf(name: string, displayName: string): object {
  return {
    $schema: `${DEFINITION}/page/2.1.0/schema.json`,
    name,
    displayName,
    displayOption: 'FitToPage',
    height: 720,
    width: 1280,
  };
}

const WELLS = {
  actual: 'Volume',
  forecast: 'Expected',
  lower: 'Minimum',
  upper: 'Maximum',
  severity: 'Severity',
  state: 'State',
} as const;

function clientsPage(guid: string) {
  return {
    displayName: 'Clients',
    visual: visualOf(guid, { time: [column('Bucket start')], series: [column('Client')] }),
  };
}

/** One series by itself: the sum of all clients has no range, so the page is filtered to one. */
function onePage(guid: string) {
  const client = { Column: { Expression: { SourceRef: { Source: 'b' } }, Property: 'Client' } };
  const filter = {
    name: 'only-borealis',
    field: column('Client').field,
    type: 'Categorical',
    filter: {
      Version: 2,
      From: [{ Name: 'b', Entity: 'Buckets', Type: 0 }],
      Where: [{ Condition: { In: { Expressions: [client], Values: [[{ Literal: { Value: "'Borealis'" } }]] } } }],
    },
  };
  const visual = visualOf(guid, { time: [column('Bucket start')] });
  return { displayName: 'One client', visual: { ...visual, filterConfig: { filters: [filter] } } };
}

function visualOf(guid: string, columns: Record<string, readonly object[]>) {
  const measures = Object.entries(WELLS).map(([role, name]) => [role, [measure(name)]] as const);
  const wells = [...Object.entries(columns), ...measures];
  return {
    $schema: `${DEFINITION}/visualContainer/2.9.0/schema.json`,
    name: 'bands',
    position: { x: 16, y: 16, z: 1000, height: 688, width: 1248, tabOrder: 1000 },
    visual: {
      visualType: guid,
      query: { queryState: Object.fromEntries(wells.map(([role, projections]) => [role, { projections }])) },
      drillFilterOtherVisuals: true,
    },
  };
}

function column(name: string) {
  const field = { Column: { Expression: { SourceRef: { Entity: 'Buckets' } }, Property: name } };
  return { field, queryRef: `Buckets.${name}`, nativeQueryRef: name, active: true };
}

function measure(name: string) {
  const field = { Measure: { Expression: { SourceRef: { Entity: 'Buckets' } }, Property: name } };
  return { field, queryRef: `Buckets.${name}`, nativeQueryRef: name };
}

const MODEL = `model Model
\tculture: en-US
\tdefaultPowerBIDataSourceVersion: powerBI_V3
\tdiscourageImplicitMeasures
\tsourceQueryCulture: en-US
\tdataAccessOptions
\t\tlegacyRedirects
\t\treturnErrorValuesAsNull

annotation __PBI_TimeIntelligenceEnabled = 0

ref table Buckets
`;

/** The one table: its rows are in the file, as those that somebody enters by hand are, and end with the hour of the refresh. */
function bucketsTable(): string {
  const rows = deflateRawSync(JSON.stringify(sampleRows())).toString('base64');
  const types = SAMPLE_COLUMNS.map((name) => `#"${name}" = nullable text`).join(', ');
  const amounts = ['Volume', 'Expected', 'Minimum', 'Maximum'];
  const numbers = ['Day', 'Hour', ...amounts].map((name) => `{"${name}", type number}`).join(', ');
  const measures = amounts.map(
    (name) => `\tmeasure ${name} = SUM ( Buckets[${name} amount] )\n\t\tformatString: #,0\n`,
  );
  const words = ['Severity', 'State'].map((name) => `\tmeasure ${name} = MAX ( Buckets[${name} word] )\n`);
  const columns = [
    ['Client', 'string', 'Client'],
    ['Bucket start', 'dateTime', 'Start'],
    ...amounts.map((name) => [`${name} amount`, 'double', name === 'Volume' ? 'Known volume' : name]),
    ['Severity word', 'string', 'Known severity'],
    ['State word', 'string', 'State'],
  ].map(
    ([name, type, source]) =>
      `\tcolumn '${name}'\n\t\tdataType: ${type}\n${name === source || type === 'dateTime' ? '' : '\t\tisHidden\n'}\t\tsummarizeBy: none\n\t\tsourceColumn: ${source}\n`,
  );
  return `/// Payment volume by two hours and client, with the range it was expected in
table Buckets

${[...measures, ...words, ...columns].join('\n')}
\tpartition Buckets = m
\t\tmode: import
\t\tsource =
\t\t\t\tlet
\t\t\t\t\tEntered = Table.FromRows(Json.Document(Binary.Decompress(Binary.FromText("${rows}", BinaryEncoding.Base64), Compression.Deflate)), type table [${types}]),
\t\t\t\t\tTyped = Table.TransformColumnTypes(Entered, {${numbers}}, "en-US"),
\t\t\t\t\tToday = DateTime.From(Date.From(DateTime.LocalNow())),
\t\t\t\t\tPlaced = Table.AddColumn(Typed, "Start", each Today + #duration([Day], [Hour], 0, 0), type datetime),
\t\t\t\t\tNow = DateTime.LocalNow(),
\t\t\t\t\tStated = Table.AddColumn(Placed, "State", each if [Start] + #duration(0, 2, 0, 0) <= Now then "observed" else "future", type text),
\t\t\t\t\tKnown = Table.AddColumn(Stated, "Known volume", each if [State] = "future" then null else [Volume], type number),
\t\t\t\t\tJudged = Table.AddColumn(Known, "Known severity", each if [State] = "future" or [Severity] = "" then null else [Severity], type text)
\t\t\t\tin
\t\t\t\t\tTable.RemoveColumns(Judged, {"Day", "Hour", "Volume", "Severity"})

\tannotation PBI_ResultType = Table
`;
}
