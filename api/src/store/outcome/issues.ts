import { type SQL, sql } from 'drizzle-orm';
import { statementsFor } from '../db.ts';
import { integerAt, textAt } from '../pieces.ts';
import type { Outcome } from './outcome.ts';

/** Inserts bands; one that was issued before stays as it was. */
export function issueStatements({ issues }: Outcome): SQL[] {
  return statementsFor(
    issues.map((i) => [i.series, i.origin, i.model, i.servedBy, i.issuedAt, i.firstHorizon, i.laterHorizons]),
    (rows) =>
      sql`INSERT INTO issue (series, origin, model, served_by, issued_at, first_horizon, later_horizons)
          SELECT ${integerAt(0)}, ${integerAt(1)}, ${integerAt(2)}, ${textAt(3)}, ${integerAt(4)}, ${textAt(5)}, ${textAt(6)} FROM json_each(${rows}) j
          WHERE true ON CONFLICT DO NOTHING`,
  );
}
