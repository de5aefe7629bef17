import type { BucketState, Measure } from '@tidemark/shared';
import { sql } from 'drizzle-orm';
import { commit, type Db, jsonParts } from './db.ts';
import type { BucketRange, StoredActual, StoredSeries } from './rows.ts';
import { series } from './schema.ts';

/** Consecutive or scattered buckets of one series, as a source or a push gives them. */
export interface IncomingSeries {
  readonly id: string;
  readonly measure: Measure;
  readonly scoreFrom: number | null;
  readonly members: readonly string[] | null;
  /** By rising bucket, at least one. */
  readonly buckets: readonly { readonly bucket: number; readonly value: number | null; readonly state: BucketState }[];
}

/**
 * Takes actuals in, each series in one transaction. What is already known stays as it is; an actual that changes, or
 * arrives for a bucket that was passed without one, is logged, waits for its verdict, and makes states computed
 * from the old value unusable. An open bucket never replaces a complete one.
 */
export async function upsertActuals(db: Db, incoming: readonly IncomingSeries[], now: number): Promise<void> {
  for (const one of incoming) {
    const complete = one.buckets.filter(({ state }) => state !== 'open');
    const first = one.buckets[0]?.bucket;
    const newest = complete[complete.length - 1]?.bucket;
    if (first === undefined) continue;
    const statements = [
      sql`INSERT INTO series (id, measure, members, first_bucket, newest_bucket, score_from)
            VALUES (${one.id}, ${one.measure}, ${one.members && JSON.stringify(one.members)}, ${first}, ${newest ?? first - 1}, ${one.scoreFrom})
            ON CONFLICT (id) DO UPDATE SET
              measure = excluded.measure,
              members = COALESCE(excluded.members, members),
              score_from = COALESCE(excluded.score_from, score_from),
              first_bucket = MIN(first_bucket, excluded.first_bucket),
              newest_bucket = MAX(newest_bucket, excluded.newest_bucket)`,
    ];
    for (const part of jsonParts(one.buckets.map(({ bucket, value, state }) => [bucket, value, state]))) {
      // What differs from what is stored, among the buckets that were passed already. The series comes first, so
      // that the rows are not even looked at while nothing was scored.
      const passed = sql`series s CROSS JOIN json_each(${part}) j LEFT JOIN actual a
        ON a.series = s.key AND a.bucket = j.value->>0
        WHERE s.id = ${one.id} AND s.origin IS NOT NULL AND j.value->>0 <= s.origin AND j.value->>2 <> 'open'
        AND (a.bucket IS NULL OR a.state = 'open' OR a.value IS NOT j.value->>1)`;
      statements.push(
        sql`INSERT INTO change (series, bucket, at, subject, before, after)
              SELECT s.key, j.value->>0, ${now}, 'actual', json_object('value', a.value, 'state', COALESCE(a.state, 'unknown')),
                     json_object('value', j.value->>1, 'state', j.value->>2) FROM ${passed}`,
        sql`INSERT OR IGNORE INTO pending (series, bucket) SELECT s.key, j.value->>0 FROM ${passed}`,
        sql`DELETE FROM snapshot WHERE series = (SELECT key FROM series WHERE id = ${one.id})
              AND origin >= (SELECT MIN(j.value->>0) FROM ${passed})`,
        sql`UPDATE series SET corrections = corrections + (SELECT COUNT(*) FROM ${passed}) WHERE id = ${one.id}`,
        sql`INSERT INTO actual (series, bucket, value, state, known_at)
              SELECT s.key, j.value->>0, j.value->>1, j.value->>2, ${now}
              FROM series s CROSS JOIN json_each(${part}) j WHERE s.id = ${one.id}
              ON CONFLICT (series, bucket) DO UPDATE SET value = excluded.value, state = excluded.state, known_at = excluded.known_at
              WHERE (excluded.state <> 'open' OR actual.state = 'open')
                AND (actual.value IS NOT excluded.value OR actual.state <> excluded.state)`,
      );
    }
    await commit(db, statements);
  }
}

/** Actuals of several ranges at once, by series, then by rising bucket. */
export async function readActuals(db: Db, ranges: readonly BucketRange[]): Promise<Map<number, StoredActual[]>> {
  const found = new Map<number, StoredActual[]>();
  for (const part of jsonParts(ranges.map(({ series, from, to }) => [series, from, to]))) {
    const rows = await db.all<{ series: number } & StoredActual>(
      sql`SELECT a.series, a.bucket, a.value, a.state FROM json_each(${part}) j CROSS JOIN actual a
          ON a.series = j.value->>0 AND a.bucket BETWEEN j.value->>1 AND j.value->>2 ORDER BY a.series, a.bucket`,
    );
    for (const { series, ...actual } of rows) {
      const list = found.get(series);
      if (list) list.push(actual);
      else found.set(series, [actual]);
    }
  }
  return found;
}

/** All series, by id in the order of UTF-16 code units. */
export async function readSeries(db: Db): Promise<StoredSeries[]> {
  const all = await db.select().from(series);
  return all.sort((one, other) => (one.id < other.id ? -1 : 1));
}
