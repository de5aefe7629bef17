import { Buffer } from 'node:buffer';
import { STEP_MS, WEEK } from '@tidemark/api/testing/service';
import { commit } from '@tidemark/api/testing/store';
import { createWatch, encodeWatchState, startBook } from '@tidemark/shared/detection';
import { zoneClock } from '@tidemark/shared/forecasting';
import { sql } from 'drizzle-orm';

/** Two dimensions of four values: eight parts a client. */
const DIMENSIONS = [
  { name: 'channel', values: ['app', 'moto', 'pos', 'web'] },
  { name: 'issuer', values: ['E1', 'E2', 'E3', 'E4'] },
];

/** What was counted in a bucket, by the hour of the day. */
export function countsAt(bucket: number) {
  const attempts = 36 + (bucket % 12);
  const approved = attempts - 2;
  const parts = DIMENSIONS.flatMap(({ name: dimension, values }) =>
    values.map((value, k) => ({
      dimension,
      value,
      attempts: k === 0 ? attempts - 27 : 9,
      approved: k === 0 ? approved - 27 : 9,
    })),
  );
  const rounded = (sum: number) => Math.round(sum * 1e4) / 1e4;
  return {
    attempts,
    approved,
    sales: approved,
    logSum: rounded(3.4 * approved),
    logSquares: rounded(11.9 * approved),
    parts,
  };
}

/** Counts as they are stored, see `encodeCounts`; the key of a part is its place from 1. */
function storedAt(bucket: number): string {
  const { attempts, approved, sales, logSum, logSquares, parts } = countsAt(bucket);
  const whole = [attempts, approved, sales, logSum, logSquares].join();
  return [whole, ...parts.map((part, k) => [k + 1, part.attempts, part.approved].join())].join(';');
}

/** Gives every series of a history counts, and detectors that have seen them up to its newest bucket. */
export async function layCounts(db: Parameters<typeof commit>[0], newest: number): Promise<void> {
  const watch = createWatch({
    stepMs: STEP_MS,
    clock: zoneClock('America/Lima'),
    dimensions: DIMENSIONS,
    falsePerSeriesWeek: 0.1,
  });
  const state = watch.start();
  for (let bucket = newest - 12 * WEEK + 1; bucket <= newest; bucket++) {
    const { parts, ...counts } = countsAt(bucket);
    watch.observe(state, { bucket, counts, parts });
  }
  const encoded = Buffer.from(encodeWatchState(state)).toString('base64');
  const book = JSON.stringify({ book: { ...startBook(), last: newest }, recordFrom: newest });
  const byHour = JSON.stringify(Array.from({ length: 12 }, (_, hour) => storedAt(hour)));
  const parts = JSON.stringify(countsAt(0).parts.map(({ dimension, value }, k) => [k + 1, dimension, value]));
  await commit(db, [
    sql`INSERT INTO part (key, dimension, value) SELECT value->>0, value->>1, value->>2 FROM json_each(${parts})`,
    sql`INSERT INTO series_part (series, part) SELECT s.key, p.key FROM series s CROSS JOIN part p`,
    sql`UPDATE actual SET counts = json_extract(${byHour}, '$[' || (bucket % 12) || ']')`,
    sql`UPDATE series SET counted_from = first_bucket, counted_to = newest_bucket, outage_noticed_at_worst = 4`,
    sql`INSERT INTO watch (series, origin, state) SELECT key, ${newest}, ${encoded} FROM series`,
    sql`INSERT INTO incident_book (id, bucket, state) VALUES (1, ${newest}, ${book})`,
  ]);
}
