import { elementAt, OTHER_VALUES, type SparseBucket } from '@tidemark/shared/forecasting';
import type { Measure } from '@tidemark/shared/vocabulary';
import { BUCKET_COLUMNS } from '@tidemark/shared/warehouse';
import type { IncomingCounts } from '../store/counts.ts';

/** One client's bucket as the source gave it: its money, and what was counted. */
export interface CountedBucket extends SparseBucket {
  readonly counts: Sums;
}

/** Counts that are being added up. */
type Sums = { -readonly [Key in keyof Required<IncomingCounts>]: Key extends 'parts' ? MutablePart[] : number };
type MutablePart = { dimension: string; value: string; attempts: number; approved: number };

/** What is gathered of an answer. */
export interface Gathered {
  /** Transactions of all clients per bucket, those without a client included. */
  readonly feed: Float64Array;
  readonly ofClient: Map<string, CountedBucket[]>;
}

const column = (name: (typeof BUCKET_COLUMNS)[number]) => BUCKET_COLUMNS.indexOf(name);

/** No attempt at all. */
export function noCounts(): Sums {
  return { attempts: 0, approved: 0, sales: 0, logSum: 0, logSquares: 0, refunds: 0, parts: [] };
}

/**
 * Adds a page of rows of `bucketStatement` to what is gathered. Rows of one client and bucket follow one another, the one
 * about all of it first.
 * @param dimensions their names, in the order of the statement.
 */
export function gather(
  rows: readonly (readonly (string | null)[])[],
  question: { readonly from: number; readonly measure: Measure; readonly dimensions: readonly string[] },
  { feed, ofClient }: Gathered,
): void {
  const { from, measure, dimensions } = question;
  for (const row of rows) {
    const number = (name: (typeof BUCKET_COLUMNS)[number]) => Number(row[column(name)]);
    const client = row[column('client')] ?? null;
    const bucket = number('bucket');
    const dimension = number('dimension');
    if (dimension === 0) {
      const index = bucket - from;
      // The feed is alive where only declined attempts come through it.
      const seen = Math.max(number('transactions') + number('without_amount'), number('attempts'));
      if (index >= 0 && index < feed.length) feed[index] = elementAt(feed, index) + seen;
    }
    if (client === null) continue;
    const entries = ofClient.get(client) ?? [];
    ofClient.set(client, entries);
    if (dimension === 0) {
      entries.push({
        bucket,
        value: number(measure),
        transactions: number('transactions'),
        withoutAmount: number('without_amount'),
        counts: {
          attempts: number('attempts'),
          approved: number('approved'),
          sales: number('sales'),
          logSum: number('log_sum'),
          logSquares: number('log_squares'),
          refunds: number('refunds'),
          parts: [],
        },
      });
      continue;
    }
    const last = entries.at(-1);
    const attempts = number('attempts');
    if (last?.bucket !== bucket || attempts === 0) continue;
    last.counts.parts.push({
      dimension: dimensions[dimension - 1] ?? '',
      value: row[column('value')] ?? OTHER_VALUES,
      attempts,
      approved: number('approved'),
    });
  }
}

/**
 * Adds counts up, part by part. Of dimensions that have known values, all others go into one.
 * @param known by dimension.
 */
export function addCounts(sums: Sums, more: Sums, known: ReadonlyMap<string, ReadonlySet<string>>): void {
  sums.attempts += more.attempts;
  sums.approved += more.approved;
  sums.sales += more.sales;
  sums.logSum += more.logSum;
  sums.logSquares += more.logSquares;
  sums.refunds += more.refunds;
  for (const { dimension, value: given, attempts, approved } of more.parts) {
    const values = known.get(dimension);
    const value = values && !values.has(given) ? OTHER_VALUES : given;
    const part = sums.parts.find((one) => one.dimension === dimension && one.value === value);
    if (part) {
      part.attempts += attempts;
      part.approved += approved;
    } else sums.parts.push({ dimension, value, attempts, approved });
  }
}
