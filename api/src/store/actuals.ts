import type { BucketState, Measure } from '@tidemark/shared/vocabulary';
import { type SQL, sql } from 'drizzle-orm';
import { encodeCounts, type IncomingCounts, keyOf, type PartKeys, partKeys } from './counts.ts';
import { commit, type Db, jsonParts, statementsFor } from './db.ts';
import type { BucketRange, StoredActual, StoredSeries } from './rows.ts';
import { series } from './schema.ts';

/** Consecutive or scattered buckets of one series, as a source or a push gives them. */
export interface IncomingSeries {
  readonly id: string;
  readonly measure: Measure;
  readonly scoreFrom: number | null;
  readonly members: readonly string[] | null;
  /** By rising bucket, at least one. */
  readonly buckets: readonly {
    readonly bucket: number;
    readonly value: number | null;
    readonly state: BucketState;
    /** What was counted beside the money; absent or `null`: not known, and what is stored stays. */
    readonly counts?: IncomingCounts | null;
  }[];
}

/** Buckets taken in by one transaction, unless a single series has more. */
const BUCKETS_AT_ONCE = 20_000;

/**
 * Takes actuals in, each series whole in one transaction. What is already known stays as it is; an actual that changes,
 * or arrives for a bucket that was passed without one, is logged, waits for its verdict, and makes states computed from
 * the old value unusable. An open bucket never replaces a complete one.
 */
export async function upsertActuals(db: Db, incoming: Iterable<IncomingSeries>, now: number): Promise<void> {
  let batch: IncomingSeries[] = [];
  let buckets = 0;
  for (const one of incoming) {
    if (one.buckets.length === 0) continue;
    if (batch.length > 0 && buckets + one.buckets.length > BUCKETS_AT_ONCE) {
      await commit(db, await upserts(db, batch, now));
      batch = [];
      buckets = 0;
    }
    batch.push(one);
    buckets += one.buckets.length;
  }
  await commit(db, await upserts(db, batch, now));
}

async function upserts(db: Db, batch: readonly IncomingSeries[], now: number): Promise<SQL[]> {
  const statements: SQL[] = [];
  const keys = await partKeys(
    db,
    batch.flatMap(({ buckets }) => buckets.map(({ counts }) => counts)),
  );
  const heads = batch.map(({ id, measure, members, scoreFrom, buckets }) => {
    const first = buckets[0]?.bucket ?? 0;
    const newest = buckets.findLast(({ state }) => state !== 'open')?.bucket ?? first - 1;
    return [id, measure, members && JSON.stringify(members), first, newest, scoreFrom];
  });
  for (const part of jsonParts(heads)) {
    statements.push(
      sql`INSERT INTO series (id, measure, members, first_bucket, newest_bucket, score_from)
          SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5 FROM json_each(${part}) WHERE true
          ON CONFLICT (id) DO UPDATE SET
            measure = excluded.measure,
            members = COALESCE(excluded.members, members),
            score_from = COALESCE(excluded.score_from, score_from),
            first_bucket = MIN(first_bucket, excluded.first_bucket),
            newest_bucket = MAX(newest_bucket, excluded.newest_bucket)`,
    );
  }
  const rows = batch.flatMap(({ id, buckets }) =>
    buckets.map(({ bucket, value, state, counts }) => [
      id,
      bucket,
      value,
      state,
      counts ? encodeCounts(counts, keys) : null,
    ]),
  );
  statements.push(...statementsFor(rows, staged), ...storeStaged(now), ...countedSpans(batch, keys));
  return statements;
}

/** Stages what differs from what is stored. An open bucket never replaces a complete one. */
function staged(rows: string): SQL {
  return sql`INSERT INTO staged_actual (series, bucket, value, state, counts, value_before, state_before)
    SELECT s.key, j.value->>1, j.value->>2, j.value->>3, j.value->>4, a.value, a.state
    FROM json_each(${rows}) j CROSS JOIN series s ON s.id = j.value->>0
    LEFT JOIN actual a ON a.series = s.key AND a.bucket = j.value->>1
    WHERE a.bucket IS NULL OR ((j.value->>3 <> 'open' OR a.state = 'open')
      AND (a.value IS NOT j.value->>2 OR a.state <> j.value->>3
        OR (j.value->>4 IS NOT NULL AND a.counts IS NOT j.value->>4)))`;
}

/**
 * Stores what is staged, after all that follows from it. Rows come in by tens of thousands and nearly all are as they
 * were, so they are compared with what is stored once, and the rest looks at those that differ only.
 */
function storeStaged(now: number): SQL[] {
  // Money of buckets that were passed: new, complete at last, or another sum.
  const passed = sql`staged_actual d CROSS JOIN series s ON s.key = d.series
    WHERE d.bucket <= s.origin AND d.state <> 'open'
    AND (d.state_before IS NULL OR d.state_before = 'open' OR d.value IS NOT d.value_before)`;
  const recounted = sql`staged_actual d CROSS JOIN series s ON s.key = d.series
    WHERE s.counted_from IS NOT NULL AND d.state <> 'open' AND d.bucket <= (SELECT bucket FROM incident_book)`;
  return [
    sql`INSERT INTO change (series, bucket, at, subject, before, after)
        SELECT d.series, d.bucket, ${now}, 'actual',
               json_object('value', d.value_before, 'state', COALESCE(d.state_before, 'unknown')),
               json_object('value', d.value, 'state', d.state) FROM ${passed}`,
    sql`INSERT OR IGNORE INTO pending (series, bucket) SELECT d.series, d.bucket FROM ${passed}`,
    sql`DELETE FROM snapshot WHERE (series, origin) IN
          (SELECT n.series, n.origin FROM (SELECT d.series, MIN(d.bucket) AS first FROM ${passed} GROUP BY d.series) c
           CROSS JOIN snapshot n ON n.series = c.series AND n.origin >= c.first)`,
    // Counts or money that change where the detectors have passed make their states since then unusable, and are looked at again.
    sql`INSERT INTO recount (series, bucket) SELECT d.series, MIN(d.bucket) FROM ${recounted} GROUP BY d.series
        ON CONFLICT (series) DO UPDATE SET bucket = MIN(recount.bucket, excluded.bucket)`,
    sql`DELETE FROM watch WHERE (series, origin) IN
          (SELECT n.series, n.origin FROM recount r CROSS JOIN watch n ON n.series = r.series AND n.origin >= r.bucket)`,
    sql`UPDATE series SET corrections = corrections + 1
        WHERE key IN (SELECT d.series FROM ${passed} UNION SELECT series FROM recount)`,
    sql`INSERT INTO actual (series, bucket, value, state, known_at, counts)
        SELECT series, bucket, value, state, ${now}, counts FROM staged_actual WHERE true
        ON CONFLICT (series, bucket) DO UPDATE SET value = excluded.value, state = excluded.state,
          known_at = excluded.known_at, counts = COALESCE(excluded.counts, actual.counts)`,
    sql`DELETE FROM staged_actual`,
  ];
}

/** From when to when series have counts, and by which parts. */
function countedSpans(batch: readonly IncomingSeries[], keys: PartKeys): SQL[] {
  const spans: unknown[][] = [];
  const parts: unknown[][] = [];
  for (const { id, buckets } of batch) {
    const counted = buckets.filter(({ counts, state }) => counts && state !== 'open');
    const first = counted[0];
    const last = counted[counted.length - 1];
    if (!first || !last) continue;
    spans.push([id, first.bucket, last.bucket]);
    const seen = new Set<number>();
    for (const { counts } of counted) {
      for (const part of counts?.parts ?? []) {
        const key = keyOf(keys, part);
        if (key !== undefined) seen.add(key);
      }
    }
    for (const key of seen) parts.push([id, key]);
  }
  return [
    ...statementsFor(
      spans,
      (rows) =>
        sql`UPDATE series SET counted_from = MIN(COALESCE(counted_from, j.value->>1), j.value->>1),
              counted_to = MAX(COALESCE(counted_to, j.value->>2), j.value->>2)
            FROM json_each(${rows}) j WHERE series.id = j.value->>0`,
    ),
    ...statementsFor(
      parts,
      (rows) =>
        sql`INSERT OR IGNORE INTO series_part (series, part)
            SELECT s.key, j.value->>1 FROM json_each(${rows}) j CROSS JOIN series s ON s.id = j.value->>0`,
    ),
  ];
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
