import { decodeFan } from '@tidemark/shared/contract/fan-text';
import type { Fan } from '@tidemark/shared/forecasting';
import { sql } from 'drizzle-orm';
import { commit, type Db, first } from './db.ts';

/** One bucket of a series around an incident. */
export interface StoryBucket {
  readonly bucket: number;
  /** `null` where nothing is known. */
  readonly actual: number | null;
  /** The bands that were issued for it one bucket before; `null` for none. */
  readonly fan: Fan | null;
}

/** Buckets of a series with what was issued for them, by rising number; those of which neither is known are left out. */
export async function readStory(db: Db, series: number, from: number, to: number): Promise<StoryBucket[]> {
  const rows = await db.all<{ bucket: number; value: number | null; fan: string | null }>(
    sql`SELECT b.bucket, a.value, i.first_horizon AS fan FROM
          (SELECT bucket FROM actual WHERE series = ${series} AND bucket BETWEEN ${from} AND ${to}
           UNION SELECT origin + 1 FROM issue WHERE series = ${series} AND origin BETWEEN ${from - 1} AND ${to - 1}) b
        LEFT JOIN actual a ON a.series = ${series} AND a.bucket = b.bucket AND a.state <> 'open'
        LEFT JOIN issue i ON i.series = ${series} AND i.origin = b.bucket - 1
        ORDER BY b.bucket`,
  );
  return rows.map(({ bucket, value, fan }) => ({ bucket, actual: value, fan: fan === null ? null : decodeFan(fan) }));
}

/** What a series sold in some buckets; `null` where one of them is not known. */
export async function sumActuals(db: Db, series: number, from: number, to: number): Promise<number | null> {
  const row = await first<{ known: number; money: number | null }>(
    db,
    sql`SELECT COUNT(value) AS known, SUM(value) AS money FROM actual
        WHERE series = ${series} AND bucket BETWEEN ${from} AND ${to} AND state <> 'open'`,
  );
  return row?.known === to - from + 1 ? row.money : null;
}

/** How many actuals of a series were changed after they were first known, in some buckets. */
export async function countCorrections(db: Db, series: number, from: number, to: number): Promise<number> {
  const row = await first<{ count: number }>(
    db,
    sql`SELECT COUNT(DISTINCT bucket) AS count FROM change
        WHERE series = ${series} AND bucket BETWEEN ${from} AND ${to} AND subject = 'actual' AND before NOT LIKE '%"state":"unknown"%'`,
  );
  return row?.count ?? 0;
}

/** Writes a note beside what else is said of an incident, or takes it away. */
export async function noteIncident(db: Db, id: string, note: string | null): Promise<void> {
  await commit(db, [sql`UPDATE incident SET note = ${note} WHERE id = ${id}`]);
}
