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
          AND delivered_at IS NULL AND next_at <= ${now}
        RETURNING id, webhook, event, incident, attempts`,
  );
  const row = await first<{ next: number | null }>(
    db,
    // What was not taken for lack of room is due at once.
    sql`SELECT MIN(next_at) AS next FROM delivery WHERE delivered_at IS NULL AND next_at <> ${until}`,
  );
  return { due, next: row?.next ?? null };
}

export async function markDelivered(db: Db, id: string, now: number): Promise<void> {
  await db.run(
    sql`UPDATE delivery SET delivered_at = ${now}, next_at = NULL, attempts = attempts + 1, error = NULL WHERE id = ${id}`,
  );
}

/** Whether a webhook was sent anything of an incident or storm, or at least tried. */
export async function wasTold(db: Db, webhook: string, incident: string): Promise<boolean> {
  const row = await first<{ tries: number }>(
    db,
    sql`SELECT COALESCE(SUM(attempts), 0) AS tries FROM delivery
        WHERE incident = ${incident} AND webhook = ${webhook} AND event <> 'withdraw'`,
  );
  return (row?.tries ?? 0) > 0;
}

/** Takes a message off the list that nobody needs any more. */
export async function markNeedless(db: Db, id: string, why: string, now: number): Promise<void> {
  await db.run(sql`UPDATE delivery SET delivered_at = ${now}, next_at = NULL, error = ${why} WHERE id = ${id}`);
}

/**
 * Says that a try failed; of a message that somebody else has delivered meanwhile, nothing.
 * @param next when to try again; `null`: never.
 */
export async function markFailed(
  db: Db,
  id: string,
  failure: { readonly error: string; readonly at: number; readonly next: number | null },
): Promise<void> {
  const { error, at, next } = failure;
  await db.run(
    sql`UPDATE delivery SET attempts = attempts + 1, error = ${error}, failed_at = ${at}, next_at = ${next}
        WHERE id = ${id} AND delivered_at IS NULL`,
  );
}

/** Makes all waiting messages due now: their times are those of a clock that was ahead. */
export async function makeDeliveriesDue(db: Db, now: number): Promise<void> {
  await db.run(sql`UPDATE delivery SET next_at = ${now} WHERE delivered_at IS NULL AND next_at > ${now}`);
}
