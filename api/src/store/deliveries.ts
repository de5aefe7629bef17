import type { IncidentEventKind } from '@tidemark/shared/vocabulary';
import { type SQL, sql } from 'drizzle-orm';
import { type Db, first } from './db.ts';

export interface DueDelivery {
  readonly id: string;
  readonly webhook: string;
  readonly event: IncidentEventKind;
  readonly incident: string;
  readonly attempts: number;
}

/** Place of a message among those of one incident: it opens, gets worse, is over, or is withdrawn. */
const placeOf = (event: SQL) =>
  sql`CASE ${event} WHEN 'open' THEN 0 WHEN 'escalate' THEN 1 WHEN 'close' THEN 2 ELSE 3 END`;

/**
 * Takes the messages that are due, so that nobody else sends them before `until`. One that waits for long after it failed
 * is due with what comes after it.
 */
export async function claimDeliveries(db: Db, now: number, until: number): Promise<DueDelivery[]> {
  const isDue = sql`delivered_at IS NULL AND (next_at <= ${now} OR (next_at > ${until} AND EXISTS
          (SELECT 1 FROM delivery d WHERE d.incident = delivery.incident AND d.webhook = delivery.webhook
            AND d.delivered_at IS NULL AND d.next_at <= ${now}
            AND ${placeOf(sql`d.event`)} > ${placeOf(sql`delivery.event`)})))`;
  return db.all<DueDelivery>(
    sql`UPDATE delivery SET next_at = ${until} WHERE id IN
          (SELECT id FROM delivery WHERE ${isDue} ORDER BY next_at LIMIT 50) AND ${isDue}
        RETURNING id, webhook, event, incident, attempts`,
  );
}

/** When the next message is due; `null`: none waits. */
export async function nextDelivery(db: Db): Promise<number | null> {
  const row = await first<{ next: number | null }>(
    db,
    sql`SELECT MIN(next_at) AS next FROM delivery WHERE delivered_at IS NULL`,
  );
  return row?.next ?? null;
}

/** When a message to the same receiver that comes before one in the same story is sent; `null`: none waits. */
export async function sentBefore(db: Db, { webhook, incident, event }: DueDelivery): Promise<number | null> {
  const row = await first<{ next: number | null }>(
    db,
    sql`SELECT MAX(next_at) AS next FROM delivery WHERE incident = ${incident} AND webhook = ${webhook}
          AND delivered_at IS NULL AND ${placeOf(sql`event`)} < ${placeOf(sql`CAST(${event} AS text)`)}`,
  );
  return row?.next ?? null;
}

/** Has messages wait that were not tried. */
export async function putOff(db: Db, ids: readonly string[], next: number): Promise<void> {
  for (const id of ids) {
    await db.run(sql`UPDATE delivery SET next_at = ${next} WHERE id = ${id} AND delivered_at IS NULL`);
  }
}

/** Makes due what waits for a receiver that takes messages again; `until`: as far ahead others have taken some. */
export async function hasten(db: Db, webhook: string, now: number, until: number): Promise<void> {
  await db.run(
    sql`UPDATE delivery SET next_at = ${now} WHERE webhook = ${webhook} AND delivered_at IS NULL AND next_at > ${until}`,
  );
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
