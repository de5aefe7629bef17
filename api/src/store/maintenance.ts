import type { CalendarEntry } from '@tidemark/shared/detection';
import { type SQL, sql } from 'drizzle-orm';
import { commit, type Db, first } from './db.ts';
import { least } from './pieces.ts';
import { BAND } from './rows.ts';

/** A calendar entry with its name and reason. */
export type StoredMaintenance = CalendarEntry & { readonly id: string; readonly reason: string };

export function readMaintenance(db: Db): Promise<StoredMaintenance[]> {
  return db.all<StoredMaintenance>(
    sql`SELECT id, series, from_ms AS "from", to_ms AS "to", effect, factor, reason FROM maintenance ORDER BY from_ms, id`,
  );
}

/** Grows with every change of the calendar. */
export async function readCalendarEdition(db: Db): Promise<number> {
  return (await first<{ edition: number }>(db, sql`SELECT ${CALENDAR_EDITION} AS edition`))?.edition ?? 0;
}

/** The same, as part of a statement. */
export const CALENDAR_EDITION = sql`COALESCE((SELECT value FROM setting WHERE name = 'calendar'), 0)`;

/** Stores an entry, replacing the one of the same id; what it or the replaced one overlaps waits for a new verdict. */
export async function putMaintenance(db: Db, entry: StoredMaintenance, stepMs: number): Promise<void> {
  const { id, series, from, to, effect, factor, reason } = entry;
  await commit(db, [
    EVERY_SERIES_LOCKED,
    ...judgedAgain(id, stepMs),
    sql`INSERT INTO maintenance (id, series, from_ms, to_ms, effect, factor, reason)
          VALUES (${id}, ${series}, ${from}, ${to}, ${effect}, ${factor}, ${reason})
          ON CONFLICT (id) DO UPDATE SET series = excluded.series, from_ms = excluded.from_ms, to_ms = excluded.to_ms,
            effect = excluded.effect, factor = excluded.factor, reason = excluded.reason`,
    ...judgedAgain(id, stepMs),
    NEXT_EDITION,
  ]);
}

/**
 * Removes an entry; what it overlapped waits for a new verdict.
 * @returns whether there was such an entry.
 */
export async function deleteMaintenance(db: Db, id: string, stepMs: number): Promise<boolean> {
  const known = await first<{ id: string }>(db, sql`SELECT id FROM maintenance WHERE id = ${id}`);
  if (!known) return false;
  await commit(db, [
    EVERY_SERIES_LOCKED,
    ...judgedAgain(id, stepMs),
    sql`DELETE FROM maintenance WHERE id = ${id}`,
    NEXT_EDITION,
  ]);
  return true;
}

/** Waits for whoever scores, and is waited for: verdicts are made by the calendar before or after it. */
const EVERY_SERIES_LOCKED = sql`UPDATE series SET corrections = corrections`;

/** Has the verdicts that an entry overlaps made again, against the bands that were issued for them, and by the detectors. */
function judgedAgain(id: string, stepMs: number): SQL[] {
  const overlaps = sql`b.bucket > m.from_ms / ${stepMs} - 1 AND b.bucket < m.to_ms * 1.0 / ${stepMs}`;
  const watched = sql`maintenance m CROSS JOIN series s CROSS JOIN actual b
    WHERE m.id = ${id} AND (m.series IS NULL OR s.id = m.series) AND b.series = s.key AND ${overlaps} AND b.counts IS NOT NULL AND b.bucket <= (SELECT bucket FROM incident_book)`;
  return [
    sql`INSERT INTO pending (series, bucket)
        SELECT b.series, b.bucket FROM maintenance m CROSS JOIN series s CROSS JOIN verdict b
        WHERE m.id = ${id} AND (m.series IS NULL OR s.id = m.series) AND b.series = s.key AND b.detector = ${BAND}
          AND ${overlaps} ON CONFLICT DO NOTHING`,
    sql`DELETE FROM watch WHERE (series, origin) IN
          (SELECT n.series, n.origin FROM (SELECT s.key AS series, MIN(b.bucket) AS first FROM ${watched} GROUP BY s.key) c
           CROSS JOIN watch n WHERE n.series = c.series AND n.origin >= c.first)`,
    sql`UPDATE series SET corrections = corrections + 1 WHERE key IN (SELECT s.key FROM ${watched})`,
    sql`INSERT INTO recount (series, bucket) SELECT s.key, MIN(b.bucket) FROM ${watched} GROUP BY s.key
        ON CONFLICT (series) DO UPDATE SET bucket = ${least(sql`recount.bucket`, sql`excluded.bucket`)}`,
  ];
}

const NEXT_EDITION = sql`INSERT INTO setting (name, value) VALUES ('calendar', 1)
  ON CONFLICT (name) DO UPDATE SET value = setting.value + 1`;
