import { type SQL, sql } from 'drizzle-orm';
import { statementsFor } from '../db.ts';
import type { StoredStorm } from '../rows.ts';

/** Inserts storms and updates those that changed. */
export function stormStatements(storms: readonly StoredStorm[], now: number): SQL[] {
  return statementsFor(
    storms.map((s) => [
      s.id,
      s.cause,
      s.start,
      s.end,
      s.status,
      s.severity,
      JSON.stringify(s.members),
      s.watched,
      s.observed,
      s.expected,
      s.withdrawnBecause,
    ]),
    (rows) =>
      sql`INSERT INTO storm (id, cause, start, "end", status, severity, members, watched, observed, expected, withdrawn_because, withdrawn_at)
          SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8, value->>9,
                 value->>10, CASE WHEN value->>10 IS NULL THEN NULL ELSE ${now} END
          FROM json_each(${rows}) WHERE true
          ON CONFLICT (id) DO UPDATE SET cause = excluded.cause, "end" = excluded."end", status = excluded.status, severity = excluded.severity,
            members = excluded.members, observed = excluded.observed, expected = excluded.expected,
            withdrawn_because = excluded.withdrawn_because, withdrawn_at = excluded.withdrawn_at`,
  );
}
