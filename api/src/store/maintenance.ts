import type { CalendarEntry } from '@tidemark/shared';
import { sql } from 'drizzle-orm';
import { commit, type Db, first } from './db.ts';
import { maintenance } from './schema.ts';

/** A calendar entry with its name and reason. */
export type StoredMaintenance = CalendarEntry & { readonly id: string; readonly reason: string };

export function readMaintenance(db: Db): Promise<StoredMaintenance[]> {
  return db.select().from(maintenance).orderBy(maintenance.from, maintenance.id);
}

/** Stores an entry, replacing the one of the same id. */
export async function putMaintenance(db: Db, entry: StoredMaintenance): Promise<void> {
  const { id, series, from, to, effect, factor, reason } = entry;
  await commit(db, [
    sql`INSERT INTO maintenance (id, series, from_ms, to_ms, effect, factor, reason)
          VALUES (${id}, ${series}, ${from}, ${to}, ${effect}, ${factor}, ${reason})
          ON CONFLICT (id) DO UPDATE SET series = excluded.series, from_ms = excluded.from_ms, to_ms = excluded.to_ms,
            effect = excluded.effect, factor = excluded.factor, reason = excluded.reason`,
  ]);
}

/** @returns whether there was such an entry. */
export async function deleteMaintenance(db: Db, id: string): Promise<boolean> {
  const known = await first<{ id: string }>(db, sql`SELECT id FROM maintenance WHERE id = ${id}`);
  if (!known) return false;
  await commit(db, [sql`DELETE FROM maintenance WHERE id = ${id}`]);
  return true;
}
