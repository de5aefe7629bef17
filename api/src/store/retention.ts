import { type SQL, sql } from 'drizzle-orm';
import { commit, type Db } from './db.ts';

/** First buckets to keep. */
export interface Retention {
  /** Of actuals, verdicts, changes, incidents, storms and bands. */
  readonly all: number;
  /** Of the bands of horizons beyond the first. */
  readonly laterHorizons: number;
  /** Epoch ms before which cycles, messages and incidents of the service are forgotten. */
  readonly logs: number;
}

/** A new series brings bands of the past with it: this many buckets before the last time are looked through again. */
const LOOK_BACK = 1_000;

/**
 * Deletes what is older than it has to be kept. Labelled incidents stay: they teach the next model. It reads little more
 * than what it deletes, so it may run often.
 */
export async function applyRetention(db: Db, keep: Retention): Promise<void> {
  const older = (table: SQL, bucket: SQL) =>
    sql`DELETE FROM ${table} WHERE (series, ${bucket}) IN
          (SELECT t.series, t.${bucket} FROM series s CROSS JOIN ${table} t WHERE t.series = s.key AND t.${bucket} < ${keep.all})`;
  const statements = [
    sql`UPDATE issue SET later_horizons = '' WHERE (series, origin) IN
          (SELECT i.series, i.origin FROM series s CROSS JOIN issue i WHERE i.series = s.key AND i.origin < ${keep.laterHorizons}
             AND i.origin >= COALESCE((SELECT value FROM setting WHERE name = 'later horizons removed before'), 0) - ${LOOK_BACK})
          AND later_horizons <> ''`,
    sql`INSERT INTO setting (name, value) VALUES ('later horizons removed before', ${keep.laterHorizons})
          ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    older(sql`issue`, sql`origin`),
    ...['verdict', 'actual', 'pending', 'change'].map((table) => older(sql.raw(table), sql`bucket`)),
    sql`DELETE FROM incident WHERE "end" < ${keep.all} AND label IS NULL`,
    ...['column_answer', 'explanation'].map(
      (table) => sql`DELETE FROM ${sql.raw(table)} WHERE incident NOT IN (SELECT id FROM incident)`,
    ),
    sql`DELETE FROM storm WHERE "end" < ${keep.all} AND id NOT IN (SELECT storm FROM incident WHERE storm IS NOT NULL)`,
    sql`UPDATE series SET first_bucket = ${keep.all} WHERE first_bucket < ${keep.all}`,
    sql`DELETE FROM cycle WHERE started_at < ${keep.logs}`,
    sql`DELETE FROM delivery WHERE delivered_at < ${keep.logs} OR (next_at IS NULL AND failed_at < ${keep.logs})`,
    sql`DELETE FROM service_incident WHERE closed_at < ${keep.logs}`,
  ];
  await commit(db, statements, true);
}
