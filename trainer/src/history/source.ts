import type { Statement, Window } from '@tidemark/shared/athena';
import type { Duck } from '../duckdb.ts';

/** When a log begins and ends; both instants have a transaction, in epoch ms. */
export interface LogRange {
  readonly firstMs: number;
  readonly lastMs: number;
}

/** A window to be fetched. */
export interface PendingWindow extends Window {
  /**
   * Changes when the window's rows may have: empty for one that has settled, the log's newest transaction for one that
   * late data may still reach. An answer computed for another freshness must not be used.
   */
  readonly freshness: string;
}

/** One window's buckets, waiting in DuckDB: `query` selects `BUCKET_COLUMNS`, its sums still decimal text. */
export interface FetchedWindow {
  readonly window: PendingWindow;
  readonly duck: Duck;
  readonly query: string;
  readonly scannedBytes: number;
  /** What the bill counts: at least 10 MB a query of Athena, nothing for a reused result. */
  readonly billedBytes: number;
}

/** Where payment history comes from. Every source answers the same statements with the same buckets. */
export interface HistorySource {
  readonly kind: 'duckdb' | 'athena';
  /** For people: the folder, or the database. */
  readonly place: string;
  /** The log's extent, or what of it follows `fromMs`; `null` when there is nothing. */
  range(fromMs: number | undefined, signal: AbortSignal): Promise<LogRange | null>;
  /** Statements that `fetch` runs for these windows, to be shown by a dry run. */
  statements(windows: readonly PendingWindow[]): Statement[];
  /** The windows' buckets, in whatever order they are ready. */
  fetch(windows: readonly PendingWindow[], signal: AbortSignal): AsyncIterable<FetchedWindow>;
  close(): Promise<void>;
}
