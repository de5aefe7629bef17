import type { BucketState } from '../../vocabulary.ts';

/** One bucket in which something happened. */
export interface SparseBucket {
  readonly bucket: number;
  readonly value: number;
  readonly transactions: number;
  /** Transactions besides whose amount nobody knows; absent: none. */
  readonly withoutAmount?: number | undefined;
}

/** A bucket of whose transactions more than this share has no amount is not known. */
export const WITHOUT_AMOUNT_SHARE = 0.05;

/** Half-open range of buckets `[first, end)`. */
export interface BucketRange {
  readonly first: number;
  readonly end: number;
}

/** Hole-free buckets: index `i` is bucket `range.first + i`. */
export interface DenseBuckets {
  /** `NaN` exactly where the state is `missing`. */
  readonly values: Float64Array;
  readonly states: BucketState[];
  readonly transactions: Float64Array;
}

/**
 * Sparse buckets laid out without holes. A bucket with nothing in it is `missing` inside a feed gap and `zero`
 * elsewhere; from `openFrom` on every bucket is `open`. Before that, one with too many transactions without an amount
 * (`WITHOUT_AMOUNT_SHARE`) is `missing`: its sum is not what happened. The sum of all other values inside the range is
 * conserved, and several entries of one bucket add up.
 * @example
 * const { values, states } = layOutBuckets(rows, { first, end }, feedGaps(feed, first, stepMs), openFrom);
 */
export function layOutBuckets(
  sparse: Iterable<SparseBucket>,
  range: BucketRange,
  gaps: readonly BucketRange[],
  openFrom: number,
): DenseBuckets {
  const length = Math.max(0, range.end - range.first);
  const values = new Float64Array(length);
  const transactions = new Float64Array(length);
  const unknown = new Float64Array(length);
  for (const { bucket, value, transactions: count, withoutAmount = 0 } of sparse) {
    const index = bucket - range.first;
    if (index < 0 || index >= length) continue;
    values[index] = values[index]! + value;
    transactions[index] = transactions[index]! + count;
    unknown[index] = unknown[index]! + withoutAmount;
  }
  const states = Array.from<unknown, BucketState>({ length }, (_, index) => {
    if (range.first + index >= openFrom) return 'open';
    const all = transactions[index]! + unknown[index]!;
    if (all > 0 && unknown[index]! > WITHOUT_AMOUNT_SHARE * all) return 'missing';
    return transactions[index] === 0 ? 'zero' : 'observed';
  });
  states.forEach((state, index) => {
    if (state === 'missing') values[index] = Number.NaN;
  });
  for (const gap of gaps) {
    for (let bucket = Math.max(gap.first, range.first); bucket < Math.min(gap.end, range.end); bucket++) {
      const index = bucket - range.first;
      if (states[index] !== 'zero') continue;
      states[index] = 'missing';
      values[index] = Number.NaN;
    }
  }
  return { values, states, transactions };
}
