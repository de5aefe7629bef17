import { type SQL, sql } from 'drizzle-orm';
import { statementsFor } from '../db.ts';
import { integerAt, realAt, textAt } from '../pieces.ts';
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
      s.detector,
    ]),
    (rows) =>
      sql`INSERT INTO storm (id, cause, start, "end", status, severity, members, watched, observed, expected, withdrawn_because, withdrawn_at, detector)
          SELECT ${textAt(0)}, ${textAt(1)}, ${integerAt(2)}, ${integerAt(3)}, ${textAt(4)}, ${textAt(5)}, ${textAt(6)}, ${integerAt(7)}, ${realAt(8)}, ${realAt(9)},
                 ${textAt(10)}, CASE WHEN ${textAt(10)} IS NULL THEN NULL ELSE CAST(${now} AS bigint) END, ${textAt(11)}
          FROM json_each(${rows}) j WHERE true
          ON CONFLICT (id) DO UPDATE SET cause = excluded.cause, "end" = excluded."end", status = excluded.status, severity = excluded.severity,
            members = excluded.members, observed = excluded.observed, expected = excluded.expected, detector = excluded.detector,
            withdrawn_because = excluded.withdrawn_because, withdrawn_at = excluded.withdrawn_at`,
  );
}
