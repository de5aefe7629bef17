import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '@tidemark/shared/errors';
import { bucketStatement, type CountedTables, type Statement } from '@tidemark/shared/warehouse';
import { type Config, stepMsOf } from '../config.ts';
import { type Duck, identifier, literal, openDuck } from '../duckdb.ts';
import { refuseUnfit, unfitColumns } from './columns.ts';
import type { ColumnFacts, HistorySource, PendingWindow } from './source.ts';

/** Trino's functions in our statements that DuckDB calls otherwise. */
const TRINO_MACROS = ['CREATE MACRO to_unixtime(instant) AS epoch(instant)'];

/**
 * History from Parquet or CSV files on disk: `<table>.parquet`, `<table>.csv`, or a folder `<table>/` of either, for the
 * transaction and the merchant table. Runs the same statements as Athena, over consecutive windows in one scan.
 * @throws UserError `history-not-found`, `empty-history`, `missing-column` or `wrong-column-type`.
 */
export async function duckdbSource(folder: string, config: Config): Promise<HistorySource> {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new UserError('history-not-found', `no history folder: ${folder}`);
  }
  const duck = await openDuck({ memoryLimit: '768MB' });
  try {
    for (const macro of TRINO_MACROS) await duck.run(macro);
    await openTable(duck, folder, config.transactions.table, config.transactions.partition?.type === 'string');
    await openTable(duck, folder, config.merchants.table);
    for (const table of [config.transactions.table, config.merchants.table]) {
      refuseUnfit(unfitColumns(table, config, await columnsOf(duck, table)));
    }
  } catch (error) {
    duck.close();
    throw error;
  }
  let staged = 0;
  return {
    kind: 'duckdb',
    place: folder,
    async ask({ sql, parameters }) {
      const rows = await duck.rows<Record<string, unknown>>(sql, parameters);
      const text = (cell: unknown) => (cell === null || cell === undefined ? null : String(cell));
      return { rows: rows.map((row) => Object.values(row).map(text)), scannedBytes: 0 };
    },
    columns: (table) => columnsOf(duck, table),
    statements: (tables, windows) => runsOf(windows).map((run) => statementOf(tables, run)),
    async *fetch(tables, windows, signal) {
      const stop = () => duck.interrupt();
      signal.addEventListener('abort', stop);
      try {
        for (const run of runsOf(windows)) {
          signal.throwIfAborted();
          const { sql, parameters } = statementOf(tables, run);
          const table = `staged_${staged++}`;
          await duck.run(`CREATE TEMP TABLE ${table} AS ${sql}`, parameters);
          for (const window of run) {
            const [first, end] = [window.fromMs / stepMsOf(config), window.toMs / stepMsOf(config)];
            const query = `SELECT * FROM ${table} WHERE bucket >= ${first} AND bucket < ${end}`;
            yield { window, duck, query, scannedBytes: 0, billedBytes: 0 };
          }
          await duck.run(`DROP TABLE ${table}`);
        }
      } finally {
        signal.removeEventListener('abort', stop);
      }
    },
    async close() {
      duck.close();
    },
  };
}

/** Consecutive windows together, so that an unsorted file is read once and not once a month. */
function runsOf(windows: readonly PendingWindow[]): PendingWindow[][] {
  const runs: PendingWindow[][] = [];
  for (const window of windows) {
    const last = runs.at(-1);
    if (last?.at(-1)?.toMs === window.fromMs) last.push(window);
    else runs.push([window]);
  }
  return runs;
}

function statementOf(tables: CountedTables, run: readonly PendingWindow[]): Statement {
  return bucketStatement(tables, run[0]?.fromMs ?? 0, run.at(-1)?.toMs ?? 0);
}

async function openTable(duck: Duck, folder: string, table: string, textPartitions = false): Promise<void> {
  const name = table.split('.').at(-1) as string;
  const schema = table.split('.').slice(0, -1).map(identifier).join('.');
  if (schema) await duck.run(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
  const scan = scanOf(folder, name, textPartitions);
  const view = schema ? `${schema}.${identifier(name)}` : identifier(name);
  await duck.run(`CREATE VIEW ${view} AS SELECT * FROM ${scan}`).catch((cause: Error) => {
    throw new UserError('unreadable-table', `cannot read table ${name} in ${folder}: ${firstLine(cause.message)}`, {
      cause,
    });
  });
}

// An empty cell is NULL, a quoted empty text is a text: what Athena's tables of CSV hold too.
const CSV = `nullstr = '', allow_quoted_nulls = false`;

function scanOf(folder: string, table: string, textPartitions: boolean): string {
  const parquet = join(folder, `${table}.parquet`);
  const csv = join(folder, `${table}.csv`);
  const nested = join(folder, table);
  if (existsSync(parquet)) return `read_parquet(${literal(parquet)})`;
  if (existsSync(csv)) return `read_csv(${literal(csv)}, ${CSV})`;
  if (existsSync(nested)) {
    const files = readdirSync(nested, { recursive: true }).map(String);
    const hive = `hive_partitioning = true, hive_types_autocast = ${!textPartitions}, union_by_name = true`;
    if (files.some((file) => file.endsWith('.parquet')))
      return `read_parquet(${literal(`${nested}/**/*.parquet`)}, ${hive})`;
    if (files.some((file) => file.endsWith('.csv')))
      return `read_csv(${literal(`${nested}/**/*.csv`)}, ${CSV}, ${hive})`;
  }
  throw new UserError(
    'history-not-found',
    `no table ${table} in ${folder}; expected ${table}.parquet, ${table}.csv or a folder ${table}/ of such files`,
  );
}

async function columnsOf(duck: Duck, table: string): Promise<ReadonlyMap<string, ColumnFacts>> {
  const view = table.split('.').map(identifier).join('.');
  const columns = await duck.rows<{ column_name: string; column_type: string }>(`DESCRIBE ${view}`);
  return new Map(
    columns.map(({ column_name, column_type }) => [column_name, { type: column_type.toLowerCase(), partition: false }]),
  );
}

function firstLine(message: string): string {
  return message.split('\n')[0] as string;
}
