/** Attempts by one value of a dimension; index `i` is the same bucket as in the series they belong to. */
export interface PartSeries {
  readonly dimension: string;
  readonly value: string;
  readonly attempts: Float64Array;
  readonly approved: Float64Array;
}

/**
 * What was counted beside a series' money; index `i` is bucket `firstBucket + i` of the series. `NaN` where nothing is
 * known of a bucket.
 */
export interface SeriesCounts {
  /** Sales whatever their status; where the log holds approved rows only, as many as `approved`. */
  readonly attempts: Float64Array;
  readonly approved: Float64Array;
  /** Approved sales of more than 0: what the two sums are over. */
  readonly sales: Float64Array;
  /** Σ ln(amount) and Σ ln(amount)² over them. */
  readonly logSum: Float64Array;
  readonly logSquares: Float64Array;
  /** Money given back, positive. */
  readonly refunds: Float64Array;
  /** Of each dimension the values seen most, the rest as one. */
  readonly parts: readonly PartSeries[];
}

/** The six arrays of `SeriesCounts`, in order. */
export const COUNTED = ['attempts', 'approved', 'sales', 'logSum', 'logSquares', 'refunds'] as const;

/** Name of the rest of a dimension's values. */
export const OTHER_VALUES = 'other';
