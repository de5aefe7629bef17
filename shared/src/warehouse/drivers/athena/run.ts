import { UserError } from '../../../errors.ts';
import { overScanned } from '../../scan-budget.ts';
import type { Statement } from '../../statement.ts';
import type { Athena, Execution, ResultPage } from './client.ts';
import { DEFAULT_RETRY_POLICY, type RetryPolicy, retry, sleep } from './timeout.ts';

/** How one query is to be run. */
export interface RunOptions {
  /** Idempotency token of an attempt, 32 to 128 characters; the same token never pays twice. */
  readonly token: (attempt: number) => Promise<string> | string;
  readonly reuseMinutes: number;
  /** After this the query is stopped and counts as failed. */
  readonly timeoutMs: number;
  /** A query that has scanned more is stopped; Athena bills what it has scanned until then. */
  readonly maxScannedBytes?: number | undefined;
  readonly signal: AbortSignal;
  readonly retryPolicy?: RetryPolicy;
}

/** Attempts at a query that failed in a way that may pass; each pays again. */
const ATTEMPTS = 5;

/**
 * Runs a query to its end. Throttling, server faults and broken connections are waited out; a query that failed in a way
 * that may pass is sent again, and so is one that an earlier run with the same token left failed or cancelled. When the
 * signal is aborted or the time is up, the query is stopped at Athena too: it would go on scanning otherwise.
 * @throws UserError `query-failed` with Athena's reason, `query-timeout`, or `scan-budget`.
 */
export async function runQuery(athena: Athena, statement: Statement, options: RunOptions): Promise<Execution> {
  const retryPolicy = options.retryPolicy ?? DEFAULT_RETRY_POLICY;
  const sinceMs = Date.now();
  for (let attempt = 0; ; attempt++) {
    const token = await options.token(attempt);
    const id = await retry(() => athena.start(statement, token, options.reuseMinutes), retryPolicy, options.signal);
    const execution = await poll(athena, id, options, retryPolicy);
    if (execution.state === 'SUCCEEDED') return execution;
    // A minute for clocks that differ: the token may bring back an execution that an earlier run left behind.
    const leftBehind = execution.submittedMs < sinceMs - 60_000;
    const mayPass = execution.retryable || leftBehind || execution.state === 'CANCELLED';
    if (!mayPass || attempt + 1 >= ATTEMPTS) {
      const what = execution.state === 'CANCELLED' ? 'was cancelled' : 'failed';
      throw new UserError('query-failed', `Athena query ${id} ${what}: ${execution.reason || 'no reason given'}`);
    }
    await sleep(
      Math.min(retryPolicy.lastTryMs, retryPolicy.firstTryMs * 4 ** attempt) * (0.5 + Math.random()),
      options.signal,
    );
  }
}

/** Looks at a query until it has ended, in growing steps with jitter. */
async function poll(athena: Athena, id: string, options: RunOptions, retryPolicy: RetryPolicy): Promise<Execution> {
  const timeout = new AbortController();
  const alarm = setTimeout(() => {
    timeout.abort(
      new UserError(
        'query-timeout',
        `Athena query ${id} took longer than ${options.timeoutMs / 60_000} minutes and was stopped`,
      ),
    );
  }, options.timeoutMs);
  const signal = AbortSignal.any([options.signal, timeout.signal]);
  let overBudget = false;
  try {
    for (let waitMs = retryPolicy.firstPollMs; ; waitMs = Math.min(waitMs * 1.5, retryPolicy.lastPollMs)) {
      const execution = await retry(() => athena.look(id, signal), retryPolicy, signal);
      if (execution.state !== 'QUEUED' && execution.state !== 'RUNNING') return execution;
      if (options.maxScannedBytes !== undefined && execution.scannedBytes > options.maxScannedBytes) {
        overBudget = true;
        throw overScanned(execution.scannedBytes, options.maxScannedBytes);
      }
      await sleep(waitMs * (0.75 + 0.5 * Math.random()), signal);
    }
  } catch (error) {
    // Aborting a request does not stop the query. A failure to stop must not hide why we stop.
    if (signal.aborted || overBudget) await athena.stop(id).catch(() => {});
    throw error;
  } finally {
    clearTimeout(alarm);
  }
}

/** How the rows of a finished query are read. */
export interface ReadOptions {
  readonly signal: AbortSignal;
  readonly retryPolicy?: RetryPolicy;
  /** The first page, where it was read already. */
  readonly first?: ResultPage | undefined;
}

/** All rows of a finished query without the header, page by page; NULL is `null`. */
export async function* resultRows(
  athena: Athena,
  execution: Execution,
  { signal, retryPolicy = DEFAULT_RETRY_POLICY, first }: ReadOptions,
): AsyncGenerator<(string | null)[][]> {
  const read = (next?: string) => retry(() => athena.page(execution.id, next, signal), retryPolicy, signal);
  let page = first ?? (await read());
  yield page.rows.slice(1);
  while (page.next !== undefined) {
    page = await read(page.next);
    yield page.rows;
  }
}
