import { bucketStatement, type CountedTables, type Statement } from '@tidemark/shared/warehouse';
import { type Duck, identifier, openFolder } from '@tidemark/shared/warehouse/duckdb';
import { type Config, stepMsOf } from '../config.ts';
import { runsOf } from './runs.ts';
import type { ColumnFacts, HistorySource, PendingWindow } from './source.ts';

/**
 * History from files on disk: `<table>.parquet`, `<table>.csv`, or a folder `<table>/` of either, for the transaction and
 * the merchant table; CSV also packed by gzip. Runs the same statements as Athena, over consecutive windows in one scan.
 * @throws UserError `history-not-found`, or what `openFileTables` refuses.
 */
export async function duckdbSource(place: string, given: Config): Promise<HistorySource> {
  const folder = await openFolder(place, given);
  const { duck, tables, reading } = folder;
  const { config } = tables;
  let staged = 0;
  return {
    kind: 'duckdb',
    place,
    config,
    assumed: given.transactions.amountFormat ? {} : { amountFormat: config.transactions.amountFormat },
    unread: tables.other,
    ask: async (statement, signal) => ({
      rows: await interruptible(duck, signal, () => folder.ask(statement)),
      scannedBytes: 0,
    }),
    columns: (table) => reading(() => columnsOf(duck, table, tables.absentIn(table))),
    locate: (column, value) => reading(() => tables.locate(config.transactions.table, column, value)),
    shapesByFile: (column) => reading(() => tables.shapesByFile(column)),
    statements: (counted, windows) => runsOf(windows).map((run) => statementOf(counted, run)),
    async *fetch(counted, windows, signal) {
      for (const run of runsOf(windows)) {
        const { sql, parameters } = statementOf(counted, run);
        const table = `staged_${staged++}`;
        await interruptible(duck, signal, () =>
          reading(() => duck.run(`CREATE TEMP TABLE ${table} AS ${sql}`, parameters)),
        );
        for (const window of run) {
          signal.throwIfAborted();
          const [first, end] = [window.fromMs / stepMsOf(config), window.toMs / stepMsOf(config)];
          const query = `SELECT * FROM ${table} WHERE bucket >= ${first} AND bucket < ${end}`;
          yield { window, duck, query, scannedBytes: 0, billedBytes: 0 };
        }
        await duck.run(`DROP TABLE ${table}`);
      }
    },
    close: () => folder.close(),
  };
}

/**
 * Does something with a DuckDB, which is broken off when the signal comes.
 * @throws the signal's reason where it came before.
 */
async function interruptible<T>(duck: Duck, signal: AbortSignal, task: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const stop = () => duck.interrupt();
  signal.addEventListener('abort', stop);
  try {
    return await task();
  } finally {
    signal.removeEventListener('abort', stop);
  }
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
