import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '@tidemark/shared/errors';
import { type Duck, identifier, literal, openDuck } from '@tidemark/shared/warehouse/duckdb';
import { copyToTrino, type TrinoPlace } from '../trino/tables.ts';
import { inTrinosTypes, type TableTypes } from './trino-types.ts';

/** A finished result: every cell is text, NULL is `null`. */
export interface EngineResult {
  readonly columns: readonly string[];
  readonly rows: readonly (string | null)[][];
  readonly scannedBytes: number;
}

/** A column of the data catalog. */
interface CatalogColumn {
  readonly Name: string;
  readonly Type: string;
}

/** A folder of tables, queried in Trino's words. */
export interface Engine {
  run(sql: string): Promise<EngineResult>;
  /** `null` where there is no such table. */
  describe(table: string): Promise<{ columns: CatalogColumn[]; partitions: CatalogColumn[] } | null>;
  close(): Promise<void>;
}

/** Types that columns are to have instead of those of their files, by table and column, in Trino's words: `char(20)`. */
export type ColumnTypes = Readonly<Record<string, Readonly<Record<string, string>>>>;

const TRINO = [
  'CREATE MACRO to_unixtime(instant) AS epoch(instant)',
  'CREATE MACRO from_unixtime(seconds) AS to_timestamp(seconds)',
  'CREATE MACRO approx_distinct(x) AS approx_count_distinct(x)',
  'CREATE MACRO regexp_like(text, pattern) AS regexp_matches(text, pattern)',
];

/** Trino's words for DuckDB's types. */
const TRINO_TYPES: readonly [RegExp, string][] = [
  [/^VARCHAR$/, 'varchar'],
  [/^(HUGEINT|UBIGINT)$/, 'bigint'],
  [/^FLOAT$/, 'real'],
];

const HIVE_TYPES: readonly [RegExp, string][] = [
  [/^TIMESTAMP WITH TIME ZONE$/, 'timestamp with time zone'],
  [/^TIMESTAMP/, 'timestamp'],
  [/^VARCHAR$/, 'string'],
  [/^INTEGER$/, 'int'],
  [/^(U?BIGINT|HUGEINT)$/, 'bigint'],
  [/^DECIMAL/, 'decimal'],
];

/**
 * Opens every table of a folder: `<table>.parquet`, `<table>.csv` or a folder of either with hive partitions.
 * @throws UserError `history-not-found` where there is no such folder, or no table in it
 * @param trino a real Trino that is to run the statements; without one DuckDB runs them, as strict about types.
 */
export async function openEngine(folder: string, types: ColumnTypes = {}, trino?: TrinoPlace): Promise<Engine> {
  const entries = entriesOf(folder);
  const duck = await openDuck();
  for (const macro of TRINO) await duck.run(macro);
  const tables = new Map<string, string[]>();
  for (const entry of entries) {
    const path = join(folder, entry);
    const table = entry.replace(/\.(parquet|csv)$/, '');
    const files = statSync(path).isDirectory() ? filesUnder(path) : [path];
    const parquet = files.filter((file) => file.endsWith('.parquet'));
    const csv = files.filter((file) => file.endsWith('.csv'));
    const list = (of: string[]) => `[${of.map(literal).join(', ')}]`;
    const scan =
      parquet.length > 0
        ? `read_parquet(${list(parquet)}, hive_partitioning = true, hive_types_autocast = false)`
        : csv.length > 0 &&
          `read_csv(${list(csv)}, hive_partitioning = true, hive_types_autocast = false, nullstr = '', allow_quoted_nulls = false)`;
    if (!scan) continue;
    await duck.run(`CREATE VIEW ${identifier(table)} AS SELECT * ${inTypes(types[table])} FROM ${scan}`);
    tables.set(table, parquet.length > 0 ? parquet : csv);
  }
  if (tables.size === 0) {
    duck.close();
    throw new UserError('history-not-found', `no table in ${folder}: name a folder of .parquet or .csv files`);
  }
  const copied = trino ? await copyToTrino(trino, duck, [...tables.keys()], types) : null;
  const known = new Map<string, TableTypes>();
  const columnsOf = (table: string) =>
    duck.rows<{ column_name: string; column_type: string }>(`DESCRIBE ${identifier(table)}`);
  for (const table of tables.keys()) {
    const columns = await columnsOf(table);
    known.set(table, new Map(columns.map((c) => [c.column_name, types[table]?.[c.column_name] ?? trinoType(c)])));
  }
  return {
    async run(sql) {
      const bytes = await scannedBytes(duck, tables, sql);
      if (copied) return { ...(await copied.ask(sql)), scannedBytes: bytes };
      const reader = await duck.read(inTrinosTypes(sql, known));
      const rows = reader.getRowsJson().map((row) => row.map((cell) => (cell === null ? null : String(cell))));
      return { columns: reader.columnNames(), rows, scannedBytes: bytes };
    },
    async describe(table) {
      const files = tables.get(table);
      if (!files) return null;
      const columns = (await columnsOf(table)).map(({ column_name, column_type }) => ({
        Name: column_name,
        Type:
          types[table]?.[column_name] ??
          HIVE_TYPES.find(([pattern]) => pattern.test(column_type))?.[1] ??
          column_type.toLowerCase(),
      }));
      const isPartition = ({ Name }: CatalogColumn) => files.some((file) => file.includes(`/${Name}=`));
      return { columns: columns.filter((column) => !isPartition(column)), partitions: columns.filter(isPartition) };
    },
    async close() {
      await copied?.close();
      duck.close();
    },
  };
}

/** Values as columns of other types hold them: CHAR(n) padded with blanks. */
function inTypes(types: Readonly<Record<string, string>> = {}): string {
  const replaced = Object.entries(types).map(([column, type]) => {
    const length = /^char\((\d+)\)$/.exec(type)?.[1];
    const name = identifier(column);
    const value = length ? `rpad(CAST(${name} AS VARCHAR), ${length}, ' ')` : `CAST(${name} AS ${type})`;
    return `${value} AS ${name}`;
  });
  return replaced.length > 0 ? `REPLACE (${replaced.join(', ')})` : '';
}

function trinoType({ column_type: type }: { readonly column_type: string }): string {
  return TRINO_TYPES.find(([pattern]) => pattern.test(type))?.[1] ?? type.toLowerCase();
}

function entriesOf(folder: string): string[] {
  if (!(existsSync(folder) && statSync(folder).isDirectory())) {
    throw new UserError('history-not-found', `no such folder: ${folder}`);
  }
  return readdirSync(folder);
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => existsSync(path) && statSync(path).isFile())
    .sort();
}

/**
 * Bytes that a columnar engine reads for a statement: the compressed chunks of the columns it names, without the files
 * and row groups that its plain ranges (`"column" >= … AND "column" < …`) rule out.
 */
async function scannedBytes(duck: Duck, tables: Map<string, string[]>, sql: string): Promise<number> {
  const ranges = [...sql.matchAll(/"([^"]+)" (>=|<=|<|>) (?:CAST\()?'([^']*)'/g)].map(
    ([, column, operator, value]) => ({
      column: column as string,
      low: operator?.startsWith('>') ?? false,
      value: (value as string).replace(' UTC', ''),
    }),
  );
  const ruledOut = (column: string, least: string, most: string) =>
    ranges.some((range) => range.column === column && (range.low ? most < range.value : least > range.value));
  let bytes = 0;
  for (const [table, files] of tables) {
    if (!sql.includes(`"${table}"`)) continue;
    for (const file of files) {
      const inPath = [...file.matchAll(/\/([^/=]+)=([^/]+)/g)];
      if (inPath.some(([, column, value]) => ruledOut(column as string, value as string, value as string))) continue;
      if (!file.endsWith('.parquet')) {
        bytes += statSync(file).size;
        continue;
      }
      const chunks = await duck.rows<{ group: number; column: string; least: string; most: string; bytes: number }>(
        `SELECT row_group_id::DOUBLE AS "group", path_in_schema AS "column", stats_min_value AS least, stats_max_value AS most,
           total_compressed_size::DOUBLE AS bytes FROM parquet_metadata(${literal(file)})`,
      );
      const out = new Set(chunks.filter((c) => c.least && ruledOut(c.column, c.least, c.most)).map((c) => c.group));
      for (const chunk of chunks) {
        if (!out.has(chunk.group) && sql.includes(`"${chunk.column}"`)) bytes += chunk.bytes;
      }
    }
  }
  return bytes;
}
