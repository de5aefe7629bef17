import {
  type BucketRange,
  COUNTED,
  elementAt,
  OTHER_VALUES,
  type PartSeries,
  type SeriesCounts,
} from '@tidemark/shared/forecasting';
import type { BucketState } from '@tidemark/shared/vocabulary';
import { type Duck, literal } from '@tidemark/shared/warehouse/duckdb';

/** Values of a dimension that are told apart in one series, those seen most. */
const VALUES_A_SERIES = 10;
/** Shares of attempts below which a value is not worth telling apart. */
const LEAST_SHARE = 0.005;

type CountRow = Record<'bucket' | 'attempts' | 'approved' | 'sales' | 'logSum' | 'logSquares' | 'refunds', number>;
type PartRow = { bucket: number; dimension: string; value: string | null; attempts: number; approved: number };

/**
 * What was counted for a series: the sums of its members' counts in the table `buckets`. A bucket in which nothing
 * happened counts 0, one without a feed `NaN`.
 */
export async function countsOf(
  duck: Duck,
  members: readonly string[],
  range: BucketRange,
  states: readonly BucketState[],
): Promise<SeriesCounts> {
  const where = `client IN (${members.map(literal).join(', ')})`;
  const rows = await duck.rows<CountRow>(
    `SELECT bucket::DOUBLE AS bucket, sum(attempts)::DOUBLE AS attempts, sum(approved)::DOUBLE AS approved, sum(sales)::DOUBLE AS sales,
       sum(log_sum)::DOUBLE AS "logSum", sum(log_squares)::DOUBLE AS "logSquares",
       sum(refunds)::DOUBLE AS refunds FROM buckets WHERE ${where} GROUP BY bucket`,
  );
  const parts = await duck.rows<PartRow>(
    `SELECT bucket::DOUBLE AS bucket, part.dimension, part.value, sum(part.attempts)::DOUBLE AS attempts, sum(part.approved)::DOUBLE AS approved
     FROM (SELECT bucket, unnest(parts) AS part FROM buckets WHERE ${where}) GROUP BY ALL ORDER BY ALL`,
  );
  const empty = () => Float64Array.from(states, (state) => (state === 'missing' ? Number.NaN : 0));
  const counts = {
    attempts: empty(),
    approved: empty(),
    sales: empty(),
    logSum: empty(),
    logSquares: empty(),
    refunds: empty(),
  };
  for (const row of rows) {
    const index = row.bucket - range.first;
    if (index < 0 || index >= states.length) continue;
    for (const name of COUNTED) {
      counts[name][index] = row[name];
    }
  }
  return { ...counts, parts: partsOf(parts, range, empty) };
}

function partsOf(rows: readonly PartRow[], range: BucketRange, empty: () => Float64Array): PartSeries[] {
  const kept = keptValues(rows);
  const parts = new Map<string, PartSeries>();
  for (const { bucket, dimension, value, attempts, approved } of rows) {
    const index = bucket - range.first;
    const name = value !== null && kept.get(dimension)?.has(value) ? value : OTHER_VALUES;
    const key = JSON.stringify([dimension, name]);
    let part = parts.get(key);
    if (!part) {
      part = { dimension, value: name, attempts: empty(), approved: empty() };
      parts.set(key, part);
    }
    if (index < 0 || index >= part.attempts.length) continue;
    part.attempts[index] = elementAt(part.attempts, index) + attempts;
    part.approved[index] = elementAt(part.approved, index) + approved;
  }
  return [...parts.values()].sort((one, other) =>
    one.dimension === other.dimension ? (one.value < other.value ? -1 : 1) : one.dimension < other.dimension ? -1 : 1,
  );
}

/** For each dimension the values that stay apart. */
function keptValues(rows: readonly PartRow[]): Map<string, Set<string>> {
  const totals = new Map<string, Map<string, number>>();
  for (const { dimension, value, attempts } of rows) {
    if (value === null) continue;
    const ofDimension = totals.get(dimension) ?? new Map<string, number>();
    totals.set(dimension, ofDimension);
    ofDimension.set(value, (ofDimension.get(value) ?? 0) + attempts);
  }
  return new Map(
    [...totals].map(([dimension, values]) => {
      const all = [...values.values()].reduce((sum, attempts) => sum + attempts, 0);
      const most = [...values]
        .filter(([, attempts]) => attempts >= LEAST_SHARE * all)
        .sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1))
        .slice(0, VALUES_A_SERIES);
      return [dimension, new Set(most.map(([value]) => value))];
    }),
  );
}

/** What was counted beside money over the whole history. */
export interface CountsReport {
  readonly attempts: number;
  readonly approved: number;
  /** Dimensions with the values that are told apart, most seen first. */
  readonly dimensions: readonly { readonly name: string; readonly values: readonly string[] }[];
  /** What cannot be seen and why, in words for people. */
  readonly unseen: readonly string[];
}

/** What was counted over the whole table `buckets`, and what of it is missing. */
export async function countsReport(duck: Duck, dimensions: readonly string[]): Promise<CountsReport> {
  const [sums] = await duck.rows<{ attempts: number | null; approved: number | null }>(
    'SELECT sum(attempts)::DOUBLE AS attempts, sum(approved)::DOUBLE AS approved FROM buckets',
  );
  const values = await duck.rows<{ dimension: string; value: string; attempts: number }>(
    `SELECT part.dimension, part.value, sum(part.attempts)::DOUBLE AS attempts FROM (SELECT unnest(parts) AS part FROM buckets)
     WHERE part.value IS NOT NULL GROUP BY ALL ORDER BY part.dimension, attempts DESC, part.value`,
  );
  const attempts = sums?.attempts ?? 0;
  const approved = sums?.approved ?? 0;
  const unseen: string[] = [];
  if (attempts === approved) {
    unseen.push(
      'no declined attempt in the log: outages, tickets and shares are watched, approval rates are not; keep declined rows in the transaction table',
    );
  }
  if (dimensions.length === 0) {
    unseen.push(
      'no dimension: what hits one channel or issuer alone is not told apart; name their columns in dimensions',
    );
  }
  return {
    attempts,
    approved,
    dimensions: dimensions.map((name) => ({
      name,
      values: values
        .filter((one) => one.dimension === name)
        .slice(0, VALUES_A_SERIES)
        .map(({ value }) => value),
    })),
    unseen,
  };
}
