import { existsSync, statSync } from 'node:fs';
import { UserError } from '../../../errors.ts';
import type { Statement } from '../../statement.ts';
import { type Duck, openDuck } from './duckdb.ts';
import { dataError } from './files/data-error.ts';
import { type FileTables, type FolderTables, openFileTables } from './files/file-tables.ts';

/** Trino's functions in our statements that DuckDB calls otherwise. */
const TRINO_MACROS = [
  'CREATE MACRO to_unixtime(instant) AS epoch(instant)',
  'CREATE MACRO regexp_like(text, pattern) AS regexp_matches(text, pattern)',
];
const MEMORY_LIMIT = '768MB';

/** A folder of payment tables, open in an embedded DuckDB that answers the statements that Athena does. */
export interface Folder<Tables extends FolderTables> {
  readonly duck: Duck;
  readonly tables: FileTables<Tables>;
  /** All rows of a statement, every cell as text, NULL as `null`. */
  ask(statement: Statement): Promise<(string | null)[][]>;
  /** What a task gives; what fails because of the files is the user's to correct. */
  reading<T>(task: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * Opens the tables that lie in a folder as `<table>.parquet`, `<table>.csv`, or a folder `<table>/` of either; CSV also
 * packed by gzip.
 * @throws UserError `history-not-found`, or what `openFileTables` refuses.
 */
export async function openFolder<Tables extends FolderTables>(path: string, given: Tables): Promise<Folder<Tables>> {
  if (!existsSync(path) || !statSync(path).isDirectory()) {
    throw new UserError('history-not-found', `no history folder: ${path}`);
  }
  const duck = await openDuck({ memoryLimit: MEMORY_LIMIT });
  let tables: FileTables<Tables>;
  try {
    for (const macro of TRINO_MACROS) await duck.run(macro);
    tables = await openFileTables(duck, path, given);
  } catch (error) {
    duck.close();
    throw dataError(error, (file) => file) ?? error;
  }
  const reading = async <T>(task: () => Promise<T>): Promise<T> => {
    try {
      return await task();
    } catch (error) {
      throw dataError(error, tables.nameOf) ?? error;
    }
  };
  return {
    duck,
    tables,
    reading,
    ask: ({ sql, parameters }) =>
      reading(async () => {
        // As JSON, DECIMAL and BIGINT are exact text.
        const rows = (await duck.read(sql, parameters)).getRowsJson();
        return rows.map((row) => row.map((cell) => (cell === null ? null : String(cell))));
      }),
    async close() {
      duck.close();
      await tables.close();
    },
  };
}
