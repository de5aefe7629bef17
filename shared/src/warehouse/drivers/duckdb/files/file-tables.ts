import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import PQueue from 'p-queue';
import { UserError } from '../../../../errors.ts';
import { elementAt } from '../../../../forecasting/series/element-at.ts';
import { PLAIN_AMOUNT } from '../../../amount-text.ts';
import { shapesStatement } from '../../../inspect.ts';
import { type Shape, shapesOf } from '../../../shapes.ts';
import type { PaymentTables } from '../../../tables.ts';
import type { TimeRange } from '../../../time-column.ts';
import { type Duck, identifier, literal } from '../duckdb.ts';
import { type CsvFile, lineOf, openCsv } from './csv-table.ts';
import { type Inventory, inventory, type TableFiles } from './inventory.ts';
import { scanBytes } from './scan-bytes.ts';
import { transcode } from './text-file.ts';

/** Column of the views `<table>$files` with the file that a row is from. */
const FILE = 'file$';
const ROW = 'row$';

/** What has to be known of tables to find and read them in a folder. */
export interface FolderTables extends Pick<PaymentTables, 'transactions' | 'merchants'> {
  readonly files: {
    /** Of CSV files that are neither UTF-8 nor begin with a byte order mark. */
    readonly encoding?: string | undefined;
    /** Files that are not to be read; `*` stands for anything. */
    readonly ignore: readonly string[];
  };
}

/** A history folder's tables, open in DuckDB as views of their names. */
export interface FileTables<Tables extends FolderTables> {
  /** The configuration with what text files leave open: their cells are text, amounts plain unless a format is set. */
  readonly config: Tables;
  /** Files that are no data, and so not read. */
  readonly other: readonly string[];
  /** Files of a table that lack a column which others have, by column in lower case. */
  absentIn(table: string): ReadonlyMap<string, readonly string[]>;
  /** Where the first row is whose column holds the value: `file, line 12`; `null` where there is none. */
  locate(table: string, column: string, value: string | null): Promise<string | null>;
  /** What a column of the transactions looks like in each of its files. */
  shapesByFile(column: string): Promise<{ readonly file: string; readonly shapes: readonly Shape[] }[]>;
  /** Bytes on disk of what a statement over some columns and windows would read, at most; see `scanBytes`. */
  scanBytes(columns: readonly string[], windows: readonly TimeRange[]): Promise<number>;
  /** A path in one of DuckDB's messages as the person knows it. */
  nameOf(path: string): string;
  close(): Promise<void>;
}

interface OpenTable {
  readonly files: TableFiles;
  readonly csv: readonly CsvFile[];
  readonly absent: ReadonlyMap<string, readonly string[]>;
}

/**
 * Opens the transaction and the merchant table of a folder. CSV files are read as text, each by its own delimiter and
 * header; those in another encoding than UTF-8 by way of a temporary copy.
 * @throws UserError for what `inventory` and `openCsv` refuse.
 */
export async function openFileTables<Tables extends FolderTables>(
  duck: Duck,
  folder: string,
  config: Tables,
): Promise<FileTables<Tables>> {
  const names = [config.transactions.table, config.merchants.table];
  const found: Inventory = inventory(folder, names.map(lastPart), config.files.ignore, [
    config.transactions.time.column,
    config.transactions.merchant,
    config.transactions.amount,
  ]);
  const copies = await mkdtemp(join(tmpdir(), 'tidemark-files-'));
  const originals = new Map<string, string>();
  const close = () => rm(copies, { recursive: true, force: true });
  try {
    const tables = new Map<string, OpenTable>();
    for (const table of names) {
      const files = found.tables.get(lastPart(table)) as TableFiles;
      const wanted = wantedNames(table, config);
      const textPartitions = table === config.transactions.table && config.transactions.partition?.type === 'string';
      if (files.kind === 'parquet') {
        await refuseWideDecimals(duck, files, wanted);
        tables.set(table, { files, csv: [], absent: absentIn(await parquetColumns(duck, files, wanted)) });
        await createView(duck, table, parquetScan(files, textPartitions));
        continue;
      }
      const csv = await new PQueue({ concurrency: 8 }).addAll(
        files.files.map((file) => () => openCsv(file, config.files.encoding)),
      );
      const readable: CsvFile[] = [];
      for (const one of csv) readable.push(await asUtf8(one, copies, originals));
      tables.set(table, { files, csv, absent: absentInCsv(csv) });
      await createView(duck, table, csvScan(readable, wanted, textPartitions));
    }
    await joinAsText(duck, config);
    const nameOf = (path: string) => relative(folder, originals.get(path) ?? path) || path;
    return {
      config: resolved(config, (tables.get(config.transactions.table) as OpenTable).files.kind),
      other: found.other,
      absentIn: (table) =>
        new Map([...(tables.get(table)?.absent ?? [])].map(([column, files]) => [column, files.map(nameOf)])),
      locate: (table, column, value) =>
        locate(duck, tables.get(table) as OpenTable, { table, column, value, nameOf, originals }),
      shapesByFile: (column) => shapesByFile(duck, config.transactions.table, column, nameOf),
      async scanBytes(columns, windows) {
        const all = [
          ...columns,
          ...wantedNames(config.transactions.table, config),
          ...wantedNames(config.merchants.table, config),
        ];
        let bytes = 0;
        for (const [table, { files }] of tables) {
          const time = table === config.transactions.table ? config.transactions.time.column : null;
          bytes += await scanBytes(duck, files, { columns: all, time, windows });
        }
        return bytes;
      },
      nameOf,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function resolved<Tables extends FolderTables>(config: Tables, kind: TableFiles['kind']): Tables {
  if (kind === 'parquet') return config;
  const { transactions } = config;
  return {
    ...config,
    transactions: {
      ...transactions,
      amountFormat: transactions.amountFormat ?? PLAIN_AMOUNT,
      time: { ...transactions.time, asText: true },
    },
  };
}

function lastPart(table: string): string {
  return table.split('.').at(-1) as string;
}

/** A file that DuckDB reads: itself, or a copy in UTF-8 with one kind of line ends. */
async function asUtf8(csv: CsvFile, copies: string, originals: Map<string, string>): Promise<CsvFile> {
  // DuckDB tells gzip by a lower-case name.
  if (csv.encoding === 'utf-8' && !csv.mixedEnds && !/\.GZ$/.test(csv.file)) return csv;
  const partitions = csv.file.split('/').filter((part) => /^[^=]+=/.test(part));
  const copyFolder = join(copies, String(originals.size), ...partitions);
  await mkdir(copyFolder, { recursive: true });
  const copy = join(copyFolder, 'copy.csv');
  await transcode(csv.file, csv.encoding, copy);
  originals.set(copy, csv.file);
  return { ...csv, file: copy };
}

// An empty cell is NULL, a quoted empty text is a text: what Athena's tables of CSV hold too.
const CSV = `header = true, auto_detect = false, quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false`;

/** SQL of all rows, as text; files of one header are read together. */
function csvScan(files: readonly CsvFile[], wanted: readonly string[], textPartitions: boolean): string {
  const spelling = new Map(wanted.map((name) => [name.toLowerCase(), name]));
  const groups = new Map<string, CsvFile[]>();
  for (const file of files) {
    const form = JSON.stringify([file.delimiter, file.skip, file.header]);
    groups.set(form, [...(groups.get(form) ?? []), file]);
  }
  const scans = [...groups.values()].map((group) => {
    const { delimiter, skip, header } = elementAt(group, 0);
    const columns = header.map((name, index) => `${literal(name || `column ${index + 1}`)}: 'VARCHAR'`).join(', ');
    const renamed = header.map((name, index) => {
      const known = spelling.get(name.toLowerCase()) ?? (name || `column ${index + 1}`);
      spelling.set(name.toLowerCase(), known);
      return `${identifier(name || `column ${index + 1}`)} AS ${identifier(known)}`;
    });
    const paths = group.map(({ file }) => literal(file)).join(', ');
    const hive = group.some(({ file }) => /\/[^/=]+=[^/]*\//.test(file));
    const more = hive
      ? `, hive_partitioning = true, hive_types_autocast = ${!textPartitions}`
      : ', hive_partitioning = false';
    const scan = `read_csv([${paths}], ${CSV}, delim = ${literal(delimiter)}, skip = ${skip}, columns = {${columns}}, filename = '${FILE}'${more})`;
    const rest = `* EXCLUDE (${header.map((name, index) => identifier(name || `column ${index + 1}`)).join(', ')})`;
    return `SELECT ${renamed.join(', ')}, ${rest} FROM ${scan}`;
  });
  return scans.join(' UNION ALL BY NAME ');
}

function parquetScan({ files }: TableFiles, textPartitions: boolean): string {
  const hive = files.some((file) => /\/[^/=]+=[^/]*\//.test(file));
  const more = hive
    ? `, hive_partitioning = true, hive_types_autocast = ${!textPartitions}`
    : ', hive_partitioning = false';
  return `SELECT * EXCLUDE (file_row_number), file_row_number AS "${ROW}" FROM read_parquet([${files.map(literal).join(', ')}], union_by_name = true, filename = '${FILE}', file_row_number = true${more})`;
}

/** `<table>$files` with the file of each row, `<table>` without. */
async function createView(duck: Duck, table: string, scan: string): Promise<void> {
  const schema = table.split('.').slice(0, -1).map(identifier).join('.');
  if (schema) await duck.run(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
  await duck.run(`CREATE VIEW ${viewOf(`${table}$files`)} AS ${scan}`);
  const hidden = (await duck.rows<{ column_name: string }>(`DESCRIBE ${viewOf(`${table}$files`)}`))
    .map(({ column_name }) => column_name)
    .filter((name) => name === FILE || name === ROW);
  await duck.run(
    `CREATE VIEW ${viewOf(table)} AS SELECT * EXCLUDE (${hidden.map(identifier).join(', ')}) FROM ${viewOf(`${table}$files`)}`,
  );
}

/** Makes the columns that the tables are joined by texts without blanks around them, where one of them is text. */
async function joinAsText(duck: Duck, { transactions, merchants }: FolderTables): Promise<void> {
  const sides = [
    { table: transactions.table, column: transactions.merchant },
    { table: merchants.table, column: merchants.key },
  ];
  const types = await Promise.all(
    sides.map(async ({ table, column }) => {
      const columns = await duck.rows<{ column_name: string; column_type: string }>(`DESCRIBE ${viewOf(table)}`);
      return columns.find(({ column_name }) => column_name.toLowerCase() === column.toLowerCase());
    }),
  );
  if (!types.some((type) => type?.column_type === 'VARCHAR')) return;
  for (const [index, { table }] of sides.entries()) {
    const type = types[index];
    if (!type) continue;
    const name = identifier(type.column_name);
    const visible = `SELECT COLUMNS(name -> name NOT IN ('${FILE}', '${ROW}')) FROM ${viewOf(`${table}$files`)}`;
    await duck.run(
      `CREATE OR REPLACE VIEW ${viewOf(table)} AS SELECT * REPLACE (trim(CAST(${name} AS VARCHAR)) AS ${name}) FROM (${visible})`,
    );
  }
}

function viewOf(table: string): string {
  return table.split('.').map(identifier).join('.');
}

/** Columns that statements name, by their configured spelling: one rule of looking a column up, whatever the file's case. */
function wantedNames(table: string, { transactions, merchants }: FolderTables): string[] {
  if (table === merchants.table) return [merchants.key, merchants.client];
  const { time, merchant, amount, id, status, type, partition } = transactions;
  return [time.column, merchant, amount, id, status?.column, type?.column, partition?.column].filter(
    (name) => name != null,
  );
}

function absentInCsv(files: readonly CsvFile[]): Map<string, string[]> {
  return absentIn(files.map(({ file, header }) => [file, header.map((name) => name.toLowerCase())]));
}

/**
 * Columns of each Parquet file, in lower case.
 * @throws UserError `ambiguous-table` where one that is wanted stands there twice but for case: DuckDB takes the first.
 */
async function parquetColumns(
  duck: Duck,
  { files }: TableFiles,
  wanted: readonly string[],
): Promise<[file: string, columns: string[]][]> {
  const rows = await duck.rows<{ file: string; names: string[]; children: number[] }>(
    `SELECT file_name AS file, list(name ORDER BY place) AS names, list(children ORDER BY place) AS children
     FROM (SELECT file_name, name, coalesce(num_children, 0)::INTEGER AS children, row_number() OVER () AS place
           FROM parquet_schema([${files.map(literal).join(', ')}])) GROUP BY 1 ORDER BY 1`,
  );
  return rows.map(({ file, names, children }) => {
    const columns = topLevel(names, children);
    for (const name of wanted) {
      const found = columns.filter((column) => column.toLowerCase() === name.toLowerCase());
      if (found.length > 1)
        throw new UserError(
          'ambiguous-table',
          `${file} has column ${name} ${found.length} times, as ${found.join(' and ')}: columns are found whatever their case; drop or rename all but one`,
        );
    }
    return [file, columns.map((column) => column.toLowerCase())];
  });
}

/** Digits of the widest DECIMAL of DuckDB. It reads wider ones as floating-point numbers, and wrongly. */
const MOST_DIGITS = 38;

/** @throws UserError `unreadable-file` where a column that is wanted has more digits than can be read. */
async function refuseWideDecimals(duck: Duck, { files }: TableFiles, wanted: readonly string[]): Promise<void> {
  const [wide] = await duck.rows<{ file: string; name: string; precision: number; scale: number }>(
    `SELECT file_name AS file, name, precision::INTEGER AS precision, scale::INTEGER AS scale
     FROM parquet_schema([${files.map(literal).join(', ')}])
     WHERE precision > ${MOST_DIGITS} AND lower(name) IN (${wanted.map((name) => literal(name.toLowerCase())).join(', ')})
     ORDER BY 1 LIMIT 1`,
  );
  if (!wide) return;
  const { file, name, precision, scale } = wide;
  throw new UserError(
    'unreadable-file',
    `${file} has ${name} as DECIMAL(${precision}, ${scale}); at most ${MOST_DIGITS} digits are read: write it as DECIMAL(${MOST_DIGITS}, ${Math.min(scale, 10)})`,
  );
}

/** Names of a Parquet schema that lie directly under its root; each node is followed by its children. */
function topLevel(names: readonly string[], children: readonly number[]): string[] {
  let nested = 0;
  return names.filter((_, index) => {
    if (index === 0) return false;
    const top = nested === 0;
    nested += elementAt(children, index) - (top ? 0 : 1);
    return top;
  });
}

function absentIn(files: readonly (readonly [file: string, columns: readonly string[]])[]): Map<string, string[]> {
  const all = new Set(files.flatMap(([, columns]) => columns));
  const lacking = (column: string) => files.flatMap(([file, columns]) => (columns.includes(column) ? [] : [file]));
  return new Map([...all].map((column) => [column, lacking(column)]));
}

async function shapesByFile(duck: Duck, table: string, column: string, nameOf: (path: string) => string) {
  const { sql } = shapesStatement(`${table}$files`, column, FILE);
  const byFile = new Map<string, (string | null)[][]>();
  for (const row of await duck.rows<Record<string, unknown>>(sql)) {
    const [file, ...rest] = Object.values(row).map((cell) => (cell === null ? null : String(cell)));
    const name = nameOf(file ?? '');
    byFile.set(name, [...(byFile.get(name) ?? []), rest]);
  }
  return [...byFile].map(([file, rows]) => ({ file, shapes: shapesOf(rows) }));
}

interface Wanted {
  readonly table: string;
  readonly column: string;
  readonly value: string | null;
  readonly nameOf: (path: string) => string;
  readonly originals: ReadonlyMap<string, string>;
}

async function locate(duck: Duck, { csv, files }: OpenTable, wanted: Wanted): Promise<string | null> {
  const { table, column, value, nameOf, originals } = wanted;
  const where = value === null ? `${identifier(column)} IS NULL` : `CAST(${identifier(column)} AS VARCHAR) = ?`;
  const order = files.kind === 'parquet' ? `, "${ROW}"` : '';
  const [row] = await duck.rows<{ file: string; row?: bigint }>(
    `SELECT "${FILE}" AS file${files.kind === 'parquet' ? `, "${ROW}" AS row` : ''} FROM ${viewOf(`${table}$files`)} WHERE ${where} ORDER BY "${FILE}"${order} LIMIT 1`,
    value === null ? [] : [value],
  );
  if (!row) return null;
  if (row.row !== undefined) return `${nameOf(row.file)}, row ${row.row + 1n}`;
  const found = csv.find(({ file }) => file === (originals.get(row.file) ?? row.file)) as CsvFile;
  const at = found.header.findIndex((name) => name.toLowerCase() === column.toLowerCase());
  const line = await lineOf(found, (record) => (record[at] ?? '') === (value ?? ''));
  return line === null ? nameOf(row.file) : `${nameOf(row.file)}, line ${line}`;
}
