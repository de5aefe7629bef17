import type { ColumnCount } from '@tidemark/shared/detection';
import type { Measure } from '@tidemark/shared/vocabulary';
import type { TimeRange } from '@tidemark/shared/warehouse';
import type { IncomingSeries } from '../store/actuals.ts';

/** A series that is stored already. */
export interface KnownSeries {
  readonly id: string;
  /** For a group: the clients it sums; empty: all there are. */
  readonly members: readonly string[] | null;
  /** Values of dimensions it has been counted by: others are added up as one. */
  readonly parts?: readonly { readonly dimension: string; readonly value: string }[];
}

/** What a source is asked for. */
export interface SourceQuestion {
  /** First and last bucket, inclusive; all of them complete. */
  readonly from: number;
  readonly to: number;
  readonly measure: Measure;
  /** These get their buckets even where the source has nothing of them. */
  readonly known: readonly KnownSeries[];
  /** Aborted when nobody waits for the answer any longer: the read then fails at once. */
  readonly signal: AbortSignal;
}

/** What is asked of columns that are not counted in every cycle. */
export interface ColumnQuestion {
  readonly clients: 'all' | readonly string[];
  /** On edges of buckets; the first is asked about, the others are what it is compared with. */
  readonly windows: readonly TimeRange[];
  readonly signal: AbortSignal;
}

/** Where actuals come from when they are not pushed. */
export interface ActualsSource {
  /** Length of its buckets, in ms. */
  readonly stepMs: number;
  /** Longest that one answer takes, in ms: then it fails. Unless given, it is not asked about columns. */
  readonly timeoutMs?: number;
  /** Every bucket asked for of every client and known group, zero and missing told apart. */
  read(question: SourceQuestion): Promise<Iterable<IncomingSeries>>;
  /**
   * What some windows sold, as a whole and by the values of the columns that are configured for it, and of pairs of the
   * dimensions; absent where nothing is.
   * @throws UserError `scan-budget` when that would read more than it may, and what the source throws.
   */
  readonly askColumns?: ((question: ColumnQuestion) => Promise<ColumnCount[]>) | undefined;
}
