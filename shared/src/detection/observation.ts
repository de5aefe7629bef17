import type { Fan } from '../forecasting/calibration/fan.ts';

/** What was counted in one bucket of one series. All are whole numbers but the two sums of logarithms. */
export interface Counts {
  /** Rows of sale types, whatever their status; where the log holds approved rows only, as many as `approved`. */
  readonly attempts: number;
  /** Attempts that were approved, at most `attempts`. */
  readonly approved: number;
  /** Approved sales that have an amount: what the two sums are over. */
  readonly sales: number;
  /** Σ ln(amount) over the sales. */
  readonly logSum: number;
  /** Σ ln(amount)² over the sales. */
  readonly logSquares: number;
}

/** What was counted in one bucket for one value of a configured dimension. */
export interface PartCounts {
  /** The dimension's configured name, such as `channel`. */
  readonly dimension: string;
  /** The value, such as `web`; the rest of many values as one has a name of its own, such as `other`. */
  readonly value: string;
  readonly attempts: number;
  readonly approved: number;
}

/** What is known of one complete bucket of one series, beside its money. */
export interface BucketObservation {
  /** Number of the bucket, see `bucketAt`. */
  readonly bucket: number;
  /** `null` where only money is known: the count detectors then skip the bucket. */
  readonly counts: Counts | null;
  /** Money of approved sales, where known; what incidents cost is worked out from it. */
  readonly gross?: number;
  /** Net money and the fan that was issued for the bucket before it was seen, where there is one. */
  readonly band?: { readonly net: number; readonly fan: Fan };
  /** Values without attempts may be left out. */
  readonly parts?: readonly PartCounts[];
}
