import { type SQL, sql } from 'drizzle-orm';
import { statementsFor } from '../db.ts';
import type { Outcome } from './outcome.ts';

/** Inserts bands; one that was issued before stays as it was. */
export function issueStatements({ issues }: Outcome): SQL[] {
  return statementsFor(
    issues.map((i) => [i.series, i.origin, i.model, i.servedBy, i.issuedAt, i.firstHorizon, i.laterHorizons]),
    (rows) =>
      sql`INSERT OR IGNORE INTO issue (series, origin, model, served_by, issued_at, first_horizon, later_horizons)
          SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6 FROM json_each(${rows})`,
  );
}
