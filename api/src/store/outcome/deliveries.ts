import { type SQL, sql } from 'drizzle-orm';
import { statementsFor } from '../db.ts';
import type { Outcome } from './outcome.ts';

/**
 * Queues the messages that webhooks are to get; one that was queued before is not queued again. That an incident is
 * withdrawn goes to those that have been told of it.
 */
export function deliveryStatements({ deliveries }: Pick<Outcome, 'deliveries'>, now: number): SQL[] {
  return statementsFor(
    deliveries.map((d) => [d.id, d.webhook, d.event, d.incident]),
    (rows) =>
      sql`INSERT OR IGNORE INTO delivery (id, webhook, event, incident, next_at)
          SELECT value->>0, value->>1, value->>2, value->>3, ${now} FROM json_each(${rows})
          WHERE value->>2 <> 'withdraw'
            OR EXISTS (SELECT 1 FROM delivery d WHERE d.incident = value->>3 AND d.webhook = value->>1)`,
  );
}
