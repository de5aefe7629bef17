import type { Measure } from '@tidemark/shared/vocabulary';
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

/** Where actuals come from when they are not pushed. */
export interface ActualsSource {
  /** Length of its buckets, in ms. */
  readonly stepMs: number;
  /** Every bucket asked for of every client and known group, zero and missing told apart. */
  read(question: SourceQuestion): Promise<Iterable<IncomingSeries>>;
}
