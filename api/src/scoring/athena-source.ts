import type { CountedTables, Statement } from '@tidemark/shared/warehouse';
import {
  type Athena,
  DEFAULT_RETRY_POLICY,
  type RetryPolicy,
  resultRows,
  runQuery,
} from '@tidemark/shared/warehouse/athena';
import type { ActualsSource } from './source.ts';
import { type Answering, statementSource } from './statement-source.ts';

/**
 * Actuals from Athena, see `statementSource`.
 * @param timeoutMs for the whole of a read, tries included.
 */
export function athenaSource(
  athena: Athena,
  tables: CountedTables,
  timeoutMs: number,
  retryPolicy: RetryPolicy = DEFAULT_RETRY_POLICY,
): ActualsSource {
  return statementSource(tables, athenaAnswers(athena, timeoutMs, retryPolicy));
}

/** How statements are asked. */
export interface AskOptions {
  /** Bytes that one may read; more, and it is stopped. */
  readonly maxScannedBytes?: number;
  /** Token of an attempt at a statement; unless given, none is used twice: late payments must show in the next cycle. */
  readonly token?: (statement: Statement, attempt: number) => Promise<string>;
}

/** Athena as what answers statements. */
export function athenaAnswers(
  athena: Athena,
  timeoutMs: number,
  retryPolicy: RetryPolicy = DEFAULT_RETRY_POLICY,
  { maxScannedBytes, token }: AskOptions = {},
): Answering {
  return {
    name: 'Athena',
    timeoutMs,
    async *pages(statement, signal) {
      const run = crypto.randomUUID();
      const execution = await runQuery(athena, statement, {
        token: (attempt) => token?.(statement, attempt) ?? `tidemark-${run}-${attempt}`,
        reuseMinutes: 0,
        timeoutMs,
        maxScannedBytes,
        signal,
        retryPolicy,
      });
      yield* resultRows(athena, execution, { signal, retryPolicy });
    },
  };
}

/**
 * The same token for the same statement: whoever asks it again, because the process that asked first has ended, gets the
 * execution that was begun then, which is paid once.
 */
export async function tokenOf({ sql, parameters }: Statement, attempt: number): Promise<string> {
  const text = new TextEncoder().encode(JSON.stringify([sql, parameters, attempt]));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', text));
  return `tidemark-${Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
