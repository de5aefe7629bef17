import { rename, rm } from 'node:fs/promises';
import type { DuckDBAppender, DuckDBResultReader, DuckDBValue, JS } from '@duckdb/node-api';

/** A value DuckDB takes for a `?`. */
type SqlValue = DuckDBValue;

/** One row by column name, in plain JavaScript values (BIGINT as bigint, DECIMAL as number: cast to text to keep it exact). */
type SqlRow = Record<string, JS>;

/** An embedded DuckDB; everything in this package that speaks to DuckDB goes through it. Calls take turns. */
export interface Duck {
  run(sql: string, values?: readonly SqlValue[]): Promise<void>;
  rows<Row extends object = SqlRow>(sql: string, values?: readonly SqlValue[]): Promise<Row[]>;
  /** Hands a query's rows over by column, in its order, some thousands at a time: all at once take ten times their size. */
  chunks<Columns extends unknown[][]>(sql: string, take: (columns: Columns) => void): Promise<void>;
  /** All rows with their columns' names and types, for who wants them in another form. */
  read(sql: string, values?: readonly SqlValue[]): Promise<DuckDBResultReader>;
  /** Fills a table row by row, much faster than by INSERT. */
  append(table: string, fill: (appender: DuckDBAppender) => void): Promise<void>;
  /** Writes a query's rows, in its order, as one Parquet file that appears whole or not at all. */
  writeParquet(query: string, file: string): Promise<void>;
  /** The same as CSV with a header; NULL is an empty cell. */
  writeCsv(query: string, file: string): Promise<void>;
  /** Breaks off what is running; it fails. */
  interrupt(): void;
  close(): void;
}

/**
 * Opens an in-memory DuckDB. It never loads or installs extensions from the network.
 * `memoryLimit` is DuckDB's text form, for example `512MB`.
 */
export async function openDuck(options: { memoryLimit?: string; threads?: number } = {}): Promise<Duck> {
  // Loaded when it is needed: most commands and services never ask it anything.
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    ...(options.memoryLimit ? { memory_limit: options.memoryLimit } : {}),
    ...(options.threads ? { threads: String(options.threads) } : {}),
  });
  const connection = await instance.connect();
  // A connection does one thing at a time, and says so only by failing in odd ways.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
    const turn = last.then(task, task);
    last = turn.catch(() => {});
    return turn;
  };
  const copyTo = async (query: string, file: string, how: string) => {
    const partial = `${file}.${process.pid}.partial`;
    try {
      await duck.run(`COPY (${query}) TO ${literal(partial)} (${how})`);
      await rename(partial, file);
    } finally {
      await rm(partial, { force: true });
    }
  };
  const duck: Duck = {
    run: (sql, values = []) =>
      inTurn(async () => {
        await connection.run(sql, [...values]);
      }),
    rows: <Row extends object>(sql: string, values: readonly SqlValue[] = []) =>
      inTurn(async () => (await connection.runAndReadAll(sql, [...values])).getRowObjectsJS() as Row[]),
    chunks: <Columns extends unknown[][]>(sql: string, take: (columns: Columns) => void) =>
      inTurn(async () => {
        const result = await connection.stream(sql);
        for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
          take(chunk.getColumns() as unknown[][] as Columns);
        }
      }),
    read: (sql, values = []) => inTurn(() => connection.runAndReadAll(sql, [...values])),
    append: (table, fill) =>
      inTurn(async () => {
        const appender = await connection.createAppender(table);
        fill(appender);
        appender.closeSync();
      }),
    writeParquet: (query, file) => copyTo(query, file, 'FORMAT parquet, COMPRESSION zstd'),
    writeCsv: (query, file) => copyTo(query, file, 'FORMAT csv, HEADER'),
    interrupt: () => connection.interrupt(),
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
  return duck;
}

/** A file that this process alone has, or what is known of the one that has it. */
export type FileLock = { readonly release: () => void } | { readonly heldBy: number | null };

/** What DuckDB says where another process has a database file open: on Linux and macOS, and on Windows. */
const HELD = /Could not set lock on file|used by another process/;

/**
 * Takes a file for this process, by DuckDB's lock on a database file: the operating system lifts it when the process
 * ends, however it ends. The file stays, empty. `heldBy` is the id of the process that has it, `null` where it is not known.
 */
export async function lockFile(file: string): Promise<FileLock> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  try {
    const instance = await DuckDBInstance.create(file);
    return { release: () => instance.closeSync() };
  } catch (error) {
    const { message } = error as Error;
    if (!HELD.test(message)) throw error;
    const pid = /\(PID (\d+)\)/.exec(message)?.[1];
    return { heldBy: pid === undefined ? null : Number(pid) };
  }
}

/** A text as an SQL string literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as a quoted SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
