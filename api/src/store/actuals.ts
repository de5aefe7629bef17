import type { BucketState, Measure } from '@tidemark/shared/vocabulary';
import { type SQL, sql } from 'drizzle-orm';
import {
  encodeCounts,
  encodedParts,
  type IncomingCounts,
  isEncoded,
  type KeyOfPart,
  keyOfPart,
  partKeys,
} from './counts.ts';
import { commit, type Db, jsonParts, MANY_ROWS, statementsFor } from './db.ts';
import { greatest, integerAt, jsonObject, least, realAt, textAt } from './pieces.ts';
import type { BucketRange, StoredActual, StoredSeries } from './rows.ts';
import { readStoredCells } from './stored-cells.ts';

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
  let changes = 0;
  const ids = new Set<string>();
  const store = async () => {
    const { statements, changed } = await upserts(db, batch, now);
    await commit(db, statements);
    changes += changed;
  };
  for (const one of incoming) {
    if (one.buckets.length === 0) continue;
    // Given twice, the second follows the first.
    const isFull = buckets + one.buckets.length > BUCKETS_AT_ONCE || ids.has(one.id);
    if (batch.length > 0 && isFull) {
      await store();
      batch = [];
      buckets = 0;
      ids.clear();
    }
    ids.add(one.id);
    batch.push(one);
    buckets += one.buckets.length;
  }
  await store();
  if (changes >= MANY_ROWS) await db.analyze?.();
}

async function upserts(
  db: Db,
  batch: readonly IncomingSeries[],
  now: number,
): Promise<{ statements: SQL[]; changed: number }> {
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
          SELECT ${textAt(0)}, ${textAt(1)}, ${textAt(2)}, ${integerAt(3)}, ${integerAt(4)}, ${integerAt(5)} FROM json_each(${part}) j WHERE true
          ON CONFLICT (id) DO UPDATE SET
            measure = excluded.measure,
            members = COALESCE(excluded.members, series.members),
            score_from = COALESCE(excluded.score_from, series.score_from),
            first_bucket = ${least(sql`series.first_bucket`, sql`excluded.first_bucket`)},
            newest_bucket = ${greatest(sql`series.newest_bucket`, sql`excluded.newest_bucket`)}`,
    );
  }
  const keyOf = keyOfPart(keys);
  const changed = await changedOf(db, batch, keyOf);
  const rows = changed.flatMap(({ id, buckets }) =>
    buckets.map(({ bucket, value, state, text }) => [id, bucket, value, state, text]),
  );
  statements.push(...statementsFor(rows, staged), ...storeStaged(now), ...countedSpans(changed, keyOf));
  return { statements, changed: rows.length };
}

/** Buckets of a series that may have to be stored, with the text of their counts. */
interface ChangedSeries {
  readonly id: string;
  readonly buckets: readonly (IncomingSeries['buckets'][number] & { readonly text: string | null })[];
  /** Counts that are stored of one of its buckets, as text; empty where there are none. */
  readonly knownCounts: string;
}

/**
 * What is not stored already as it comes: of the tens of thousands of rows that a source gives again and again, hardly
 * any. Should another process change one of the rest in this very moment, its change is the later one.
 */
async function changedOf(db: Db, batch: readonly IncomingSeries[], keyOf: KeyOfPart): Promise<ChangedSeries[]> {
  const cells = await readStoredCells(
    db,
    batch.map(({ id, buckets }) => ({ id, buckets: buckets.map(({ bucket }) => bucket) })),
  );
  return batch.flatMap(({ id, buckets }) => {
    const stored = cells.get(id);
    const changed: ChangedSeries['buckets'][number][] = [];
    let knownCounts = '';
    for (const one of buckets) {
      const { bucket, value, state, counts } = one;
      const cell = stored?.get(bucket);
      const isSame =
        cell?.value === value && cell.state === state && (!counts || isEncoded(cell.counts ?? '', counts, keyOf));
      if (!isSame) changed.push({ ...one, text: counts ? encodeCounts(counts, keyOf) : null });
      if (cell?.counts && cell.state !== 'open') knownCounts = cell.counts;
    }
    return changed.length === 0 ? [] : [{ id, buckets: changed, knownCounts }];
  });
}

/** Stages what differs from what is stored. An open bucket never replaces a complete one. */
function staged(rows: string): SQL {
  return sql`INSERT INTO staged_actual (series, bucket, value, state, counts, value_before, state_before)
    SELECT s.key, ${integerAt(1)}, ${realAt(2)}, ${textAt(3)}, ${textAt(4)}, a.value, a.state
    FROM json_each(${rows}) j CROSS JOIN series s
    LEFT JOIN actual a ON a.series = s.key AND a.bucket = ${integerAt(1)}
    WHERE s.id = ${textAt(0)} AND (a.bucket IS NULL OR ((${textAt(3)} <> 'open' OR a.state = 'open')
      AND (a.value IS DISTINCT FROM ${realAt(2)} OR a.state <> ${textAt(3)}
        OR (${textAt(4)} IS NOT NULL AND a.counts IS DISTINCT FROM ${textAt(4)}))))`;
}

/** Stores what is staged, after all that follows from it. */
function storeStaged(now: number): SQL[] {
  // Money of buckets that were passed: new, complete at last, or another sum.
  const passed = sql`staged_actual d CROSS JOIN series s
    WHERE s.key = d.series AND d.bucket <= s.origin AND d.state <> 'open'
    AND (d.state_before IS NULL OR d.state_before = 'open' OR d.value IS DISTINCT FROM d.value_before)`;
  const recounted = sql`staged_actual d CROSS JOIN series s
    WHERE s.key = d.series AND s.counted_from IS NOT NULL AND d.state <> 'open'
    AND d.bucket <= (SELECT bucket FROM incident_book)`;
  const before = jsonObject({
    value: { number: sql`d.value_before` },
    state: { text: sql`COALESCE(d.state_before, 'unknown')` },
  });
  const after = jsonObject({ value: { number: sql`d.value` }, state: { text: sql`d.state` } });
  return [
    sql`INSERT INTO change (series, bucket, at, subject, before, after)
        SELECT d.series, d.bucket, ${now}, 'actual', ${before}, ${after} FROM ${passed}`,
    sql`INSERT INTO pending (series, bucket) SELECT d.series, d.bucket FROM ${passed} ON CONFLICT DO NOTHING`,
    sql`DELETE FROM snapshot WHERE (series, origin) IN
          (SELECT n.series, n.origin FROM (SELECT d.series, MIN(d.bucket) AS first FROM ${passed} GROUP BY d.series) c
           CROSS JOIN snapshot n WHERE n.series = c.series AND n.origin >= c.first)`,
    // Counts or money that change where the detectors have passed make their states since then unusable, and are looked at again.
    sql`INSERT INTO recount (series, bucket) SELECT d.series, MIN(d.bucket) FROM ${recounted} GROUP BY d.series
        ON CONFLICT (series) DO UPDATE SET bucket = ${least(sql`recount.bucket`, sql`excluded.bucket`)}`,
    sql`DELETE FROM watch WHERE (series, origin) IN
          (SELECT n.series, n.origin FROM recount r CROSS JOIN watch n WHERE n.series = r.series AND n.origin >= r.bucket)`,
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
function countedSpans(batch: readonly ChangedSeries[], keyOf: KeyOfPart): SQL[] {
  const spans: unknown[][] = [];
  const parts: unknown[][] = [];
  for (const { id, buckets, knownCounts } of batch) {
    const counted = buckets.filter(({ counts, state }) => counts && state !== 'open');
    const first = counted[0];
    const last = counted[counted.length - 1];
    if (!first || !last) continue;
    spans.push([id, first.bucket, last.bucket]);
    // A new bucket seldom brings a part that the one before had not.
    const known = encodedParts(knownCounts);
    const seen = new Set<number>();
    for (const { counts } of counted) {
      counts?.parts.forEach((part, place) => {
        const key = keyOf(part, place);
        if (key !== undefined && !known.has(key)) seen.add(key);
      });
    }
    for (const key of seen) parts.push([id, key]);
  }
  return [
    ...statementsFor(
      spans,
      (rows) =>
        sql`UPDATE series SET counted_from = ${least(sql`COALESCE(counted_from, ${integerAt(1)})`, integerAt(1))},
              counted_to = ${greatest(sql`COALESCE(counted_to, ${integerAt(2)})`, integerAt(2))}
            FROM json_each(${rows}) j WHERE series.id = ${textAt(0)}`,
    ),
    ...statementsFor(
      parts,
      (rows) =>
        sql`INSERT INTO series_part (series, part)
            SELECT s.key, ${integerAt(1)} FROM json_each(${rows}) j CROSS JOIN series s WHERE s.id = ${textAt(0)}
            ON CONFLICT DO NOTHING`,
    ),
  ];
}

/** Actuals of several ranges at once, by series, then by rising bucket. */
export async function readActuals(db: Db, ranges: readonly BucketRange[]): Promise<Map<number, StoredActual[]>> {
  const found = new Map<number, StoredActual[]>();
  for (const part of jsonParts(ranges.map(({ series, from, to }) => [series, from, to]))) {
    const rows = await db.all<{ series: number } & StoredActual>(
      sql`SELECT a.series, a.bucket, a.value, a.state FROM json_each(${part}) j CROSS JOIN actual a
          WHERE a.series = ${integerAt(0)} AND a.bucket BETWEEN ${integerAt(1)} AND ${integerAt(2)} ORDER BY a.series, a.bucket`,
    );
    for (const { series, ...actual } of rows) {
      const list = found.get(series);
      if (list) list.push(actual);
      else found.set(series, [actual]);
    }
  }
  return found;
}

/** All series, or those of some keys, by id in the order of UTF-16 code units. */
export async function readSeries(db: Db, keys?: readonly number[]): Promise<StoredSeries[]> {
  const rows: (Omit<StoredSeries, 'members'> & { members: string | null })[] = [];
  const conditions =
    keys === undefined
      ? [sql``]
      : statementsFor(
          keys.map((key) => [key]),
          (part) => sql` WHERE key IN (SELECT ${integerAt(0)} FROM json_each(${part}) j)`,
        );
  for (const condition of conditions) {
    const found = await db.all<(typeof rows)[number]>(
      sql`SELECT key, id, measure, members, first_bucket AS "firstBucket", newest_bucket AS "newestBucket",
               score_from AS "scoreFrom", origin, corrections, counted_from AS "countedFrom", counted_to AS "countedTo",
               outage_noticed AS "outageNoticed", outage_noticed_at_worst AS "outageNoticedAtWorst" FROM series${condition}`,
    );
    rows.push(...found);
  }
  const all = rows.map(
    ({ members, ...one }): StoredSeries => ({
      ...one,
      members: members === null ? null : (JSON.parse(members) as string[]),
    }),
  );
  return all.sort((one, other) => (one.id < other.id ? -1 : 1));
}
