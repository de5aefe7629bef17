import { type SQL, sql } from 'drizzle-orm';
import { statementsFor } from '../db.ts';
import { textAt } from '../pieces.ts';
import type { Outcome } from './outcome.ts';

/**
 * Queues the messages that webhooks are to get; one that was queued before is not queued again. That an incident is
 * withdrawn goes to those that have been told of it.
 */
export function deliveryStatements({ deliveries }: Pick<Outcome, 'deliveries'>, now: number): SQL[] {
  return statementsFor(
    deliveries.map((d) => [d.id, d.webhook, d.event, d.incident]),
    (rows) =>
      sql`INSERT INTO delivery (id, webhook, event, incident, next_at)
          SELECT ${textAt(0)}, ${textAt(1)}, ${textAt(2)}, ${textAt(3)}, ${now} FROM json_each(${rows}) j
          WHERE ${textAt(2)} <> 'withdraw'
            OR EXISTS (SELECT 1 FROM delivery d WHERE d.incident = ${textAt(3)} AND d.webhook = ${textAt(1)})
          ON CONFLICT DO NOTHING`,
  );
}
