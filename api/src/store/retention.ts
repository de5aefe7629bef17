import { sql } from 'drizzle-orm';
import { commit, type Db } from './db.ts';

/** First buckets to keep. */
export interface Retention {
  /** Of actuals, verdicts, changes, incidents and bands. */
  readonly all: number;
  /** Of the bands of horizons beyond the first. */
  readonly far: number;
  /** Epoch ms before which cycles and delivered messages are forgotten. */
  readonly logs: number;
}

/** Deletes what is older than it has to be kept. Labelled incidents stay: they teach the next model. */
export async function applyRetention(db: Db, keep: Retention): Promise<void> {
  await commit(db, [
    sql`UPDATE issue SET far = '' WHERE origin < ${keep.far} AND far <> ''`,
    sql`DELETE FROM issue WHERE origin < ${keep.all}`,
    sql`DELETE FROM verdict WHERE bucket < ${keep.all}`,
    sql`DELETE FROM actual WHERE bucket < ${keep.all}`,
    sql`DELETE FROM pending WHERE bucket < ${keep.all}`,
    sql`DELETE FROM change WHERE bucket < ${keep.all}`,
    sql`DELETE FROM incident WHERE "end" < ${keep.all} AND label IS NULL`,
    sql`UPDATE series SET first_bucket = MAX(first_bucket, ${keep.all})`,
    sql`DELETE FROM cycle WHERE started_at < ${keep.logs}`,
    sql`DELETE FROM delivery WHERE delivered_at < ${keep.logs}`,
  ]);
}
