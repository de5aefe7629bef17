import { type SQL, sql } from 'drizzle-orm';
import { statementsFor } from '../db.ts';
import { integerAt, textAt } from '../pieces.ts';
import type { Outcome } from './outcome.ts';

/** Queues the messages that webhooks are to get; one that was queued before is not queued again. */
export function deliveryStatements({ deliveries }: Pick<Outcome, 'deliveries'>, now: number): SQL[] {
  return statementsFor(
    deliveries.map((d) => [d.id, d.webhook, d.event, d.incident, d.onlyIfTold ? 1 : 0]),
    (rows) =>
      sql`INSERT INTO delivery (id, webhook, event, incident, next_at)
          SELECT ${textAt(0)}, ${textAt(1)}, ${textAt(2)}, ${textAt(3)}, ${now} FROM json_each(${rows}) j
          WHERE ${integerAt(4)} = 0
            OR EXISTS (SELECT 1 FROM delivery d WHERE d.incident = ${textAt(3)} AND d.webhook = ${textAt(1)})
          ON CONFLICT DO NOTHING`,
  );
}
