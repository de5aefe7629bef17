import { type SQL, sql } from 'drizzle-orm';
import { statementsFor } from '../db.ts';
import { CALENDAR_EDITION } from '../maintenance.ts';
import { integerAt, realAt } from '../pieces.ts';
import { BAND } from '../rows.ts';
import type { Outcome } from './outcome.ts';
import { same } from './same.ts';

/**
 * Removes the band's verdicts of buckets that turned out missing, and takes corrected buckets off the waiting list, unless
 * their actual or the calendar has changed again since it was read.
 */
export function settledStatements({ settled, calendarEdition }: Outcome): SQL[] {
  const rows = settled.map(({ series, bucket, value }) => [series, bucket, value]);
  return [
    ...statementsFor(
      rows,
      (part) =>
        sql`DELETE FROM verdict WHERE (series, bucket, detector) IN
            (SELECT ${integerAt(0)}, ${integerAt(1)}, ${BAND} FROM json_each(${part}) j WHERE ${realAt(2)} IS NULL)`,
    ),
    ...statementsFor(
      rows,
      (part) =>
        sql`DELETE FROM pending WHERE (series, bucket) IN
            (SELECT a.series, a.bucket FROM json_each(${part}) j CROSS JOIN actual a
             WHERE a.series = ${integerAt(0)} AND a.bucket = ${integerAt(1)}
               AND (a.value IS NOT DISTINCT FROM ${realAt(2)} OR ${same(sql`a.value`, realAt(2))}))
            AND ${CALENDAR_EDITION} = ${calendarEdition}`,
    ),
  ];
}
