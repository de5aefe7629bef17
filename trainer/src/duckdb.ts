import { rename, rm } from 'node:fs/promises';
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue, type JS } from '@duckdb/node-api';

/** A value DuckDB takes for a `?`. */
export type SqlValue = DuckDBValue;

/** One row by column name, in plain JavaScript values (BIGINT as bigint, DECIMAL as number: cast to text to keep it exact). */
export type SqlRow = Record<string, JS>;

/** An embedded DuckDB with one connection; everything in this package that speaks to DuckDB goes through it. */
export interface Duck {
  readonly connection: DuckDBConnection;
  run(sql: string, values?: readonly SqlValue[]): Promise<void>;
  rows<Row extends object = SqlRow>(sql: string, values?: readonly SqlValue[]): Promise<Row[]>;
  /** Writes a query's rows, in its order, as one Parquet file that appears whole or not at all. */
  writeParquet(query: string, file: string): Promise<void>;
  close(): void;
}

/**
 * Opens an in-memory DuckDB. It never loads or installs extensions from the network, and its clock is UTC.
 * `memoryLimit` is DuckDB's text form, for example `512MB`.
 */
export async function openDuck(options: { memoryLimit?: string; threads?: number } = {}): Promise<Duck> {
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    ...(options.memoryLimit ? { memory_limit: options.memoryLimit } : {}),
    ...(options.threads ? { threads: String(options.threads) } : {}),
  });
  const connection = await instance.connect();
  const run = async (sql: string, values: readonly SqlValue[] = []) => {
    await connection.run(sql, [...values]);
  };
  return {
    connection,
    run,
    async rows<Row extends object>(sql: string, values: readonly SqlValue[] = []) {
      const reader = await connection.runAndReadAll(sql, [...values]);
      return reader.getRowObjectsJS() as Row[];
    },
    async writeParquet(query, file) {
      const partial = `${file}.${process.pid}.partial`;
      try {
        await run(`COPY (${query}) TO ${literal(partial)} (FORMAT parquet, COMPRESSION zstd)`);
        await rename(partial, file);
      } finally {
        await rm(partial, { force: true });
      }
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** A text as an SQL string literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as a quoted SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
