import type { CountedTables } from '@tidemark/shared/warehouse';
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

/** Athena as what answers statements, each of which may read so many bytes. */
export function athenaAnswers(
  athena: Athena,
  timeoutMs: number,
  retryPolicy: RetryPolicy = DEFAULT_RETRY_POLICY,
  maxScannedBytes?: number,
): Answering {
  return {
    name: 'Athena',
    timeoutMs,
    async *pages(statement, signal) {
      // No token is used twice: late payments must show in the next cycle.
      const run = crypto.randomUUID();
      const token = (attempt: number) => `tidemark-${run}-${attempt}`;
      const execution = await runQuery(athena, statement, {
        token,
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
