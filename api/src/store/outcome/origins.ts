import { type SQL, sql } from 'drizzle-orm';
import { statementsFor } from '../db.ts';
import { CALENDAR_EDITION } from '../maintenance.ts';
import { greatest, integerAt } from '../pieces.ts';
import { BAND } from '../rows.ts';
import type { Outcome } from './outcome.ts';
import { same } from './same.ts';

/**
 * Moves series on to their new origins. First of all, so that whoever else writes to these series, a push or the calendar,
 * waits until all is written, or is waited for.
 */
export function originStatements({ origins }: Pick<Outcome, 'origins'>): SQL[] {
  return statementsFor(
    origins.map(({ series, origin }) => [series, origin]),
    (part) =>
      sql`UPDATE series SET origin = ${greatest(sql`COALESCE(series.origin, ${integerAt(1)})`, integerAt(1))}
          FROM json_each(${part}) j WHERE series.key = ${integerAt(0)}`,
  );
}

/**
 * Of the buckets that series have passed, one whose actual came in while the cycle ran, or that was judged
 * by another calendar than there is now, waits for the next cycle.
 */
export function latecomerStatements({ origins, calendarEdition }: Outcome): SQL[] {
  return statementsFor(
    origins.map(({ series, origin, from }) => [series, origin, from]),
    (part) =>
      sql`INSERT INTO pending (series, bucket)
            SELECT a.series, a.bucket FROM json_each(${part}) j CROSS JOIN actual a
            WHERE a.series = ${integerAt(0)} AND a.bucket > ${integerAt(2)} AND a.bucket <= ${integerAt(1)}
              AND a.value IS NOT NULL AND (NOT ${CALENDAR_EDITION} = ${calendarEdition}
                OR (SELECT COUNT(*) FROM verdict v WHERE v.series = a.series AND v.bucket = a.bucket
                      AND v.detector = ${BAND} AND ${same(sql`a.value`, sql`v.observed`)}) = 0)
            ON CONFLICT DO NOTHING`,
  );
}
