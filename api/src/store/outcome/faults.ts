import { type SQL, sql } from 'drizzle-orm';
import { statementsFor } from '../db.ts';
import { integerAt, textAt } from '../pieces.ts';
import type { Outcome } from './outcome.ts';

/** Notes series that their model could not score, and forgets those that it could again. */
export function faultStatements({ faults, origins }: Outcome, now: number): SQL[] {
  const faulty = new Set(faults.map(({ series }) => series));
  return [
    ...statementsFor(
      origins.filter(({ series }) => !faulty.has(series)).map(({ series }) => [series]),
      (rows) => sql`DELETE FROM series_fault WHERE series IN (SELECT ${integerAt(0)} FROM json_each(${rows}) j)`,
    ),
    ...statementsFor(
      faults.map(({ series, reason, servedBy }) => [series, reason, servedBy]),
      (rows) =>
        sql`INSERT INTO series_fault (series, reason, served_by, since)
            SELECT ${integerAt(0)}, ${textAt(1)}, ${textAt(2)}, ${now} FROM json_each(${rows}) j WHERE true
            ON CONFLICT (series) DO UPDATE SET reason = excluded.reason, served_by = excluded.served_by`,
    ),
  ];
}
