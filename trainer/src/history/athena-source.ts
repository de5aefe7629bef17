import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '@tidemark/shared/errors';
import { BUCKET_COLUMNS, bucketStatement, type CountedTables, type Statement } from '@tidemark/shared/warehouse';
import {
  type Athena,
  type AthenaSettings,
  DEFAULT_RETRY_POLICY,
  type Execution,
  isGone,
  openAthena,
  type RetryPolicy,
  resultRows,
  retry,
  runQuery,
} from '@tidemark/shared/warehouse/athena';
import { type Duck, literal, openDuck } from '@tidemark/shared/warehouse/duckdb';
import PQueue from 'p-queue';
import type { Config } from '../config.ts';
import { inOrderOfEnding } from './in-order-of-ending.ts';
import type { FetchedWindow, HistorySource, PendingWindow } from './source.ts';

/** Athena bills a query for at least this much. */
const LEAST_BILLED_BYTES = 10_000_000;

/**
 * History from Amazon Athena: one aggregating query per window, `athena.concurrency` of them at once.
 * @throws UserError `invalid-output-location` before anything is sent.
 */
export async function athenaSource(
  config: Config,
  settings: AthenaSettings,
  retryPolicy: RetryPolicy = DEFAULT_RETRY_POLICY,
): Promise<HistorySource & { readonly athena: Athena }> {
  if (settings.output !== undefined && !/^s3:\/\/[^/]+/.test(settings.output)) {
    throw new UserError(
      'invalid-output-location',
      `invalid ATHENA_OUTPUT_LOCATION; not s3://bucket/path/: ${settings.output}`,
    );
  }
  const opened: OpenedAthena = {
    settings,
    athena: openAthena(settings),
    duck: await openDuck({ threads: 1 }),
    folder: await mkdtemp(join(tmpdir(), 'tidemark-athena-')),
    reuseMinutes: config.athena.reuseMinutes,
    timeoutMs: config.athena.timeoutMinutes * 60_000,
    retryPolicy,
    staged: 0,
  };
  const { athena, duck, folder } = opened;
  return {
    kind: 'athena',
    place: `${settings.catalog}.${settings.database}`,
    config,
    // Athena's `$path` would cost another scan.
    locate: async () => null,
    ask: (statement, signal) => ask(opened, statement, signal),
    columns: (table) => retry(() => athena.columns(table), retryPolicy, new AbortController().signal),
    athena,
    statements: (tables, windows) => windows.map(({ fromMs, toMs }) => bucketStatement(tables, fromMs, toMs)),
    fetch: (tables, windows, signal) => fetchWindows(opened, config.athena.concurrency, { tables, windows, signal }),
    async close() {
      athena.close();
      duck.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What an open source holds: its connection, the DuckDB that results are staged in, and how queries are run. */
interface OpenedAthena {
  readonly settings: AthenaSettings;
  readonly athena: Athena;
  readonly duck: Duck;
  /** Where result files are put down for DuckDB to read. */
  readonly folder: string;
  readonly reuseMinutes: number;
  readonly timeoutMs: number;
  readonly retryPolicy: RetryPolicy;
  /** Tables staged so far: the number of the next one. */
  staged: number;
}

/** The rows of one statement, computed anew. */
async function ask(opened: OpenedAthena, statement: Statement, signal: AbortSignal) {
  const { athena, timeoutMs, retryPolicy } = opened;
  const token = () => randomUUID();
  const execution = await runQuery(athena, statement, { timeoutMs, retryPolicy, reuseMinutes: 0, token, signal });
  const rows: (string | null)[][] = [];
  for await (const page of resultRows(athena, execution, { signal, retryPolicy })) rows.push(...page);
  return { rows, scannedBytes: execution.scannedBytes };
}

interface WindowsAsked {
  readonly tables: CountedTables;
  readonly windows: readonly PendingWindow[];
  readonly signal: AbortSignal;
}

/** Windows in the order in which their queries end; a table is dropped once the window has been taken. */
async function* fetchWindows(
  opened: OpenedAthena,
  concurrency: number,
  { tables, windows, signal }: WindowsAsked,
): AsyncGenerator<FetchedWindow> {
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  const queue = new PQueue({ concurrency });
  const tasks = windows.map((window) =>
    queue.add(async () => {
      either.throwIfAborted();
      return fetchWindow(opened, tables, window, either);
    }),
  );
  try {
    for await (const fetched of inOrderOfEnding(tasks)) {
      yield fetched;
      await opened.duck.run(`DROP TABLE ${fetched.table}`);
    }
  } finally {
    // Whoever leaves early leaves no query running.
    failure.abort(signal.reason ?? new Error('another window failed'));
    queue.clear();
    await queue.onIdle();
  }
}

/** One window, its result staged in a DuckDB table of its own. */
async function fetchWindow(
  opened: OpenedAthena,
  tables: CountedTables,
  window: PendingWindow,
  signal: AbortSignal,
): Promise<FetchedWindow & { readonly table: string }> {
  const { settings, athena, duck, timeoutMs, retryPolicy } = opened;
  const statement = bucketStatement(tables, window.fromMs, window.toMs);
  // An older answer will do only where late data can no longer change it.
  const reuseMinutes = window.freshness === '' ? opened.reuseMinutes : 0;
  for (let round = 0; ; round++) {
    const token = (attempt: number) => tokenOf(settings, statement, { freshness: window.freshness, round, attempt });
    const execution = await runQuery(athena, statement, { timeoutMs, retryPolicy, reuseMinutes, token, signal });
    const table = `staged_${opened.staged++}`;
    try {
      await stage(opened, execution, table, signal);
    } catch (error) {
      // An execution that an earlier run paid for may have lost its result since: then it is computed once more.
      if (isGone(error) && round === 0) continue;
      throw error;
    }
    return {
      window,
      duck,
      table,
      query: `SELECT * FROM ${table}`,
      scannedBytes: execution.scannedBytes,
      billedBytes: execution.reused ? 0 : Math.max(LEAST_BILLED_BYTES, execution.scannedBytes),
    };
  }
}

/**
 * The same window asked again gives the same token and so, within Athena's memory, the same execution: a crash never
 * pays twice. `freshness` keeps late data from being answered with an old result.
 */
function tokenOf(
  settings: AthenaSettings,
  statement: Statement,
  { freshness, round, attempt }: { readonly freshness: string; readonly round: number; readonly attempt: number },
): string {
  return createHash('sha256')
    .update(JSON.stringify([settings, statement, freshness, round, attempt]))
    .digest('hex');
}

/** Brings a result into a DuckDB table: one page directly, more from the result file where there is one. */
async function stage(
  { athena, duck, folder, retryPolicy }: OpenedAthena,
  execution: Execution,
  table: string,
  signal: AbortSignal,
): Promise<void> {
  const columns = BUCKET_COLUMNS.map((column) => `${column} VARCHAR`).join(', ');
  await duck.run(`CREATE TABLE ${table} (${columns})`);
  const first = await retry(() => athena.page(execution.id, undefined, signal), retryPolicy, signal);
  if (first.next !== undefined && execution.resultFile !== null) {
    const bytes = await resultFile(athena, execution.resultFile, signal, retryPolicy);
    if (bytes !== null) {
      const file = join(folder, `${table}.csv`);
      await writeFile(file, bytes);
      // NULL is an empty cell, an empty text is `""`.
      const types = BUCKET_COLUMNS.map((column) => `${literal(column)}: 'VARCHAR'`).join(', ');
      await duck.run(
        `INSERT INTO ${table} SELECT * FROM read_csv(${literal(file)}, header = true, delim = ',', quote = '"', escape = '"',
           nullstr = '', allow_quoted_nulls = false, columns = {${types}})`,
      );
      await rm(file);
      return;
    }
  }
  const rows: (string | null)[][] = [];
  for await (const page of resultRows(athena, execution, { signal, retryPolicy, first })) rows.push(...page);
  await duck.append(table, (appender) => {
    for (const row of rows) {
      for (const cell of row) {
        if (cell === null) appender.appendNull();
        else appender.appendVarchar(cell);
      }
      appender.endRow();
    }
  });
}

/** The result file, or `null` where the credentials may query but not read the result location. */
async function resultFile(
  athena: Athena,
  location: string,
  signal: AbortSignal,
  retryPolicy: RetryPolicy,
): Promise<Uint8Array | null> {
  try {
    return await retry(() => athena.file(location, signal), retryPolicy, signal);
  } catch (error) {
    if (error instanceof UserError && error.code === 'access-denied') return null;
    throw error;
  }
}
