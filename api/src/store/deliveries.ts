import type { IncidentEventKind } from '@tidemark/shared/vocabulary';
import { sql } from 'drizzle-orm';
import { type Db, first } from './db.ts';

export interface DueDelivery {
  readonly id: string;
  readonly webhook: string;
  readonly event: IncidentEventKind;
  readonly incident: string;
  readonly attempts: number;
}

/** Takes the messages that are due, so that nobody else sends them before `until`; and says when the next is due. */
export async function claimDeliveries(
  db: Db,
  now: number,
  until: number,
): Promise<{ due: DueDelivery[]; next: number | null }> {
  const due = await db.all<DueDelivery>(
    sql`UPDATE delivery SET next_at = ${until} WHERE id IN
          (SELECT id FROM delivery WHERE delivered_at IS NULL AND next_at <= ${now} ORDER BY next_at LIMIT 50)
        RETURNING id, webhook, event, incident, attempts`,
  );
  const row = await first<{ next: number | null }>(
    db,
    sql`SELECT MIN(next_at) AS next FROM delivery WHERE delivered_at IS NULL AND next_at > ${until}`,
  );
  return { due, next: row?.next ?? null };
}

export async function markDelivered(db: Db, id: string, now: number): Promise<void> {
  await db.run(
    sql`UPDATE delivery SET delivered_at = ${now}, next_at = NULL, attempts = attempts + 1, error = NULL WHERE id = ${id}`,
  );
}

/** @param next when to try again; `null`: never. */
export async function markFailed(db: Db, id: string, error: string, next: number | null): Promise<void> {
  await db.run(sql`UPDATE delivery SET attempts = attempts + 1, error = ${error}, next_at = ${next} WHERE id = ${id}`);
}

/** Makes all waiting messages due now: their times are those of a clock that was ahead. */
export async function makeDeliveriesDue(db: Db, now: number): Promise<void> {
  await db.run(sql`UPDATE delivery SET next_at = ${now} WHERE delivered_at IS NULL AND next_at > ${now}`);
}
