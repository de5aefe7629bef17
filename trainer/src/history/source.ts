import type { CountedTables, Shape, Statement, Window } from '@tidemark/shared/warehouse';
import type { Duck } from '@tidemark/shared/warehouse/duckdb';
import type { Config } from '../config.ts';

/** A statement's answer: every cell as text, NULL as `null`, without a header. */
interface Answer {
  readonly rows: readonly (string | null)[][];
  readonly scannedBytes: number;
}

/** A column as the source describes it; `type` in the source's own words, lower case. */
export interface ColumnFacts {
  readonly type: string;
  readonly partition: boolean;
  /** Files of the table that lack it, though others have it. */
  readonly absentIn?: readonly string[];
}

/** A window to be fetched. */
export interface PendingWindow extends Window {
  /**
   * Changes when the window's rows may have: empty for one that has settled, the log's newest transaction for one that
   * late data may still reach. An answer computed for another freshness must not be used.
   */
  readonly freshness: string;
}

/** One window's buckets, waiting in DuckDB: `query` selects `BUCKET_COLUMNS`, sums as DECIMAL or as its text. */
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
  /** The configuration that statements are made from: what was given, and what the source knows of its formats. */
  readonly config: Config;
  /** Of `config`, what nobody has configured. */
  readonly assumed?: { readonly amountFormat?: Config['transactions']['amountFormat'] };
  /** Files that are no data and are not read. */
  readonly unread?: readonly string[];
  /** Runs one statement now; never answered from an earlier run. */
  ask(statement: Statement, signal: AbortSignal): Promise<Answer>;
  /** @throws UserError where there is no such table. */
  columns(table: string): Promise<ReadonlyMap<string, ColumnFacts>>;
  /** Where the first transaction is whose column holds a value, for example `2026-01.csv, line 12`; `null` if unknown. */
  locate(column: string, value: string | null): Promise<string | null>;
  /** What a column of the transactions looks like file by file; only where there are files. */
  shapesByFile?(column: string): Promise<readonly { readonly file: string; readonly shapes: readonly Shape[] }[]>;
  /** Statements that `fetch` runs for these windows, to be shown by a dry run. */
  statements(tables: CountedTables, windows: readonly PendingWindow[]): Statement[];
  /** The windows' buckets, in whatever order they are ready. */
  fetch(tables: CountedTables, windows: readonly PendingWindow[], signal: AbortSignal): AsyncIterable<FetchedWindow>;
  close(): Promise<void>;
}
