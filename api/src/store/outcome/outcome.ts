import type { IncidentEventKind } from '@tidemark/shared/vocabulary';
import type { CountedChunk } from '../cycles.ts';
import type { StoredIncident, StoredIssue, StoredVerdict } from '../rows.ts';
import type { StoredSnapshot } from '../scoring-reads.ts';

/** A message that a webhook is owed. */
export interface PendingDelivery {
  readonly id: string;
  readonly webhook: string;
  readonly event: IncidentEventKind;
  readonly incident: string;
  /** Whether it goes only to a webhook that has been told of the incident before. */
  readonly onlyIfTold: boolean;
}

/** All that scoring some series has brought, to be written as one. */
export interface Outcome {
  readonly origins: readonly {
    readonly series: number;
    /** Before; buckets after it were judged. */
    readonly from: number;
    readonly origin: number;
    readonly corrections: number;
  }[];
  readonly issues: readonly StoredIssue[];
  readonly verdicts: readonly StoredVerdict[];
  /** Corrected buckets that are now judged, with the value they were judged by (`null`: missing, no verdict). */
  readonly settled: readonly { readonly series: number; readonly bucket: number; readonly value: number | null }[];
  readonly snapshots: readonly StoredSnapshot[];
  readonly incidents: readonly StoredIncident[];
  readonly deliveries: readonly PendingDelivery[];
  /** Series that their model could not score, and what served them instead (`null`: nothing could). */
  readonly faults: readonly { readonly series: number; readonly reason: string; readonly servedBy: string | null }[];
  /** Of the calendar that was read for the judgements. */
  readonly calendarEdition: number;
  /** What is counted of it, with the cycle that it belongs to; `null` where it belongs to none. */
  readonly counted: CountedChunk | null;
}
