import { existsSync, statSync } from 'node:fs';
import { UserError } from '@tidemark/shared/errors';
import { bucketStatement, type CountedTables, type Statement } from '@tidemark/shared/warehouse';
import { type Config, stepMsOf } from '../config.ts';
import { type Duck, identifier, openDuck } from '../duckdb.ts';
import { dataError } from './files/data-error.ts';
import { type FileTables, openFileTables } from './files/file-tables.ts';
import { runsOf } from './runs.ts';
import type { ColumnFacts, HistorySource, PendingWindow } from './source.ts';

/** Trino's functions in our statements that DuckDB calls otherwise. */
const TRINO_MACROS = [
  'CREATE MACRO to_unixtime(instant) AS epoch(instant)',
  'CREATE MACRO regexp_like(text, pattern) AS regexp_matches(text, pattern)',
];

/**
 * History from files on disk: `<table>.parquet`, `<table>.csv`, or a folder `<table>/` of either, for the transaction and
 * the merchant table; CSV also packed by gzip. Runs the same statements as Athena, over consecutive windows in one scan.
 * @throws UserError `history-not-found`, or what `openFileTables` refuses.
 */
export async function duckdbSource(folder: string, given: Config): Promise<HistorySource> {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new UserError('history-not-found', `no history folder: ${folder}`);
  }
  const duck = await openDuck({ memoryLimit: '768MB' });
  let tables: FileTables;
  try {
    for (const macro of TRINO_MACROS) await duck.run(macro);
    tables = await openFileTables(duck, folder, given);
  } catch (error) {
    duck.close();
    throw dataError(error, (path) => path) ?? error;
  }
  const { config } = tables;
  /** What fails because of the files is the user's to correct. */
  const reading = async <T>(task: () => Promise<T>): Promise<T> => {
    try {
      return await task();
    } catch (error) {
      throw dataError(error, tables.nameOf) ?? error;
    }
  };
  let staged = 0;
  return {
    kind: 'duckdb',
    place: folder,
    config,
    assumed: given.transactions.amountFormat ? {} : { amountFormat: config.transactions.amountFormat },
    unread: tables.other,
    ask: ({ sql, parameters }) =>
      reading(async () => {
        // As JSON, DECIMAL and BIGINT are exact text.
        const rows = (await duck.read(sql, parameters)).getRowsJson();
        return { rows: rows.map((row) => row.map((cell) => (cell === null ? null : String(cell)))), scannedBytes: 0 };
      }),
    columns: (table) => reading(() => columnsOf(duck, table, tables.absentIn(table))),
    locate: (column, value) => reading(() => tables.locate(config.transactions.table, column, value)),
    shapesByFile: (column) => reading(() => tables.shapesByFile(column)),
    statements: (counted, windows) => runsOf(windows).map((run) => statementOf(counted, run)),
    async *fetch(counted, windows, signal) {
      const stop = () => duck.interrupt();
      signal.addEventListener('abort', stop);
      try {
        for (const run of runsOf(windows)) {
          signal.throwIfAborted();
          const { sql, parameters } = statementOf(counted, run);
          const table = `staged_${staged++}`;
          await reading(() => duck.run(`CREATE TEMP TABLE ${table} AS ${sql}`, parameters));
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
      await tables.close();
    },
  };
}

function statementOf(tables: CountedTables, run: readonly PendingWindow[]): Statement {
  return bucketStatement(tables, run[0]?.fromMs ?? 0, run.at(-1)?.toMs ?? 0);
}

async function columnsOf(
  duck: Duck,
  table: string,
  absent: ReadonlyMap<string, readonly string[]>,
): Promise<ReadonlyMap<string, ColumnFacts>> {
  const view = table.split('.').map(identifier).join('.');
  const columns = await duck.rows<{ column_name: string; column_type: string }>(`DESCRIBE ${view}`);
  return new Map(
    columns.map(({ column_name, column_type }) => [
      column_name,
      { type: column_type.toLowerCase(), partition: false, absentIn: absent.get(column_name.toLowerCase()) ?? [] },
    ]),
  );
}
