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
import PQueue from 'p-queue';
import type { Config } from '../config.ts';
import { type Duck, literal, openDuck } from '../duckdb.ts';
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
  const athena = openAthena(settings);
  const duck = await openDuck({ threads: 1 });
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-athena-'));
  const options = {
    reuseMinutes: config.athena.reuseMinutes,
    timeoutMs: config.athena.timeoutMinutes * 60_000,
    retryPolicy,
  };
  let staged = 0;

  async function fetchWindow(
    tables: CountedTables,
    window: PendingWindow,
    signal: AbortSignal,
  ): Promise<FetchedWindow & { table: string }> {
    const statement = bucketStatement(tables, window.fromMs, window.toMs);
    for (let round = 0; ; round++) {
      const token = (attempt: number) => tokenOf(settings, statement, window.freshness, round, attempt);
      // An older answer will do only where late data can no longer change it.
      const reuseMinutes = window.freshness === '' ? options.reuseMinutes : 0;
      const execution = await runQuery(athena, statement, { ...options, reuseMinutes, token, signal });
      const table = `staged_${staged++}`;
      try {
        await stage(athena, execution, duck, table, join(folder, `${table}.csv`), signal, retryPolicy);
      } catch (error) {
        // An execution that an earlier run paid for may have lost its result since: then it is computed once more.
        if (isGone(error) && round === 0) continue;
        throw error;
      }
      const billedBytes = execution.reused ? 0 : Math.max(LEAST_BILLED_BYTES, execution.scannedBytes);
      return {
        window,
        duck,
        table,
        query: `SELECT * FROM ${table}`,
        scannedBytes: execution.scannedBytes,
        billedBytes,
      };
    }
  }

  return {
    kind: 'athena',
    place: `${settings.catalog}.${settings.database}`,
    config,
    // Athena's `$path` would cost another scan.
    locate: async () => null,
    async ask(statement, signal) {
      const execution = await runQuery(athena, statement, {
        ...options,
        reuseMinutes: 0,
        token: () => randomUUID(),
        signal,
      });
      const rows: (string | null)[][] = [];
      for await (const page of resultRows(athena, execution, signal, retryPolicy)) rows.push(...page);
      return { rows, scannedBytes: execution.scannedBytes };
    },
    columns: (table) => retry(() => athena.columns(table), retryPolicy, new AbortController().signal),
    athena,
    statements: (tables, windows) => windows.map(({ fromMs, toMs }) => bucketStatement(tables, fromMs, toMs)),
    async *fetch(tables, windows, signal) {
      const failure = new AbortController();
      const either = AbortSignal.any([signal, failure.signal]);
      const queue = new PQueue({ concurrency: config.athena.concurrency });
      const tasks = windows.map((window) =>
        queue.add(async () => {
          either.throwIfAborted();
          return fetchWindow(tables, window, either);
        }),
      );
      try {
        for await (const fetched of inOrderOfEnding(tasks)) {
          yield fetched;
          await duck.run(`DROP TABLE ${fetched.table}`);
        }
      } finally {
        // Whoever leaves early leaves no query running.
        failure.abort(signal.reason ?? new Error('another window failed'));
        queue.clear();
        await queue.onIdle();
      }
    },
    async close() {
      athena.close();
      duck.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * The same window asked again gives the same token and so, within Athena's memory, the same execution: a crash never
 * pays twice. `freshness` keeps late data from being answered with an old result.
 */
function tokenOf(
  settings: AthenaSettings,
  statement: Statement,
  freshness: string,
  round: number,
  attempt: number,
): string {
  return createHash('sha256')
    .update(JSON.stringify([settings, statement, freshness, round, attempt]))
    .digest('hex');
}

/** Brings a result into a DuckDB table: one page directly, more from the result file where there is one. */
async function stage(
  athena: Athena,
  execution: Execution,
  duck: Duck,
  table: string,
  file: string,
  signal: AbortSignal,
  retryPolicy: RetryPolicy,
): Promise<void> {
  const columns = BUCKET_COLUMNS.map((column) => `${column} VARCHAR`).join(', ');
  await duck.run(`CREATE TABLE ${table} (${columns})`);
  const first = await retry(() => athena.page(execution.id, undefined, signal), retryPolicy, signal);
  if (first.next !== undefined && execution.resultFile !== null) {
    const bytes = await resultFile(athena, execution.resultFile, signal, retryPolicy);
    if (bytes !== null) {
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
  for await (const page of resultRows(athena, execution, signal, retryPolicy, first)) rows.push(...page);
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
