import { type SQL, sql } from 'drizzle-orm';
import { type Db, jsonParts, statementsFor } from './db.ts';
import { EVIDENCE_COLUMNS, withEvidence } from './evidence.ts';
import { STORED_VERDICT } from './outcome/verdicts.ts';
import { integerAt, jsonObject, textAt } from './pieces.ts';
import type { IncidentEvidence, StoredIncident } from './rows.ts';

/** A series whose figures have changed from a bucket on which the detectors had passed. */
export interface Recount {
  readonly series: number;
  readonly bucket: number;
}

/** A stretch of buckets of one series, inclusive, in which detectors take back what they held against one side. */
export interface TakenBack {
  readonly series: number;
  readonly from: number;
  readonly to: number;
  readonly direction: StoredIncident['direction'];
}

/** Series that the detectors have to look at again, by key, with the first bucket that has changed. */
export async function readRecounts(db: Db): Promise<Map<number, number>> {
  const rows = await db.all<Recount>(sql`SELECT series, bucket FROM recount`);
  return new Map(rows.map(({ series, bucket }) => [series, bucket]));
}

/** Incidents of the detectors that reach to a bucket or beyond it, withdrawn ones too; by series, then by when they were raised. */
export async function readDetectorIncidents(
  db: Db,
  reaches: readonly Recount[],
): Promise<Map<number, StoredIncident[]>> {
  const found = new Map<number, StoredIncident[]>();
  for (const part of jsonParts(reaches.map(({ series, bucket }) => [series, bucket]))) {
    const rows = await db.all<
      Omit<StoredIncident, 'evidence'> & { [Key in keyof IncidentEvidence]: IncidentEvidence[Key] | null }
    >(
      sql`SELECT i.id, i.series, i.direction, i.start, i."end", i.status, i.severity, i.score, i.volume, i.buckets, i.raised,
                 i.withdrawn_because AS "withdrawnBecause", ${EVIDENCE_COLUMNS}
          FROM json_each(${part}) j CROSS JOIN incident i WHERE i.series = ${integerAt(0)} AND i."end" >= ${integerAt(1)}
            AND i.cause IS NOT NULL ORDER BY i.series, i.raised, i.id`,
    );
    for (const row of rows.map(withEvidence)) {
      const list = found.get(row.series);
      if (list) list.push(row);
      else found.set(row.series, [row]);
    }
  }
  return found;
}

/** Removes what detectors held against some buckets, and keeps the change. */
export function takenBackStatements(ranges: readonly TakenBack[], now: number): SQL[] {
  const rows = ranges.map(({ series, from, to, direction }) => [series, from, to, direction]);
  const of = (part: string) => sql`json_each(${part}) j CROSS JOIN verdict v WHERE v.series = ${integerAt(0)}
    AND v.bucket BETWEEN ${integerAt(1)} AND ${integerAt(2)} AND v.direction = ${textAt(3)} AND v.cause IS NOT NULL`;
  return [
    ...statementsFor(
      rows,
      (part) =>
        sql`INSERT INTO change (series, bucket, at, subject, before, after)
            SELECT v.series, v.bucket, ${now}, 'verdict', ${STORED_VERDICT},
                   ${jsonObject({ detector: { text: sql`v.detector` }, severity: { text: sql`NULL` } })} FROM ${of(part)}`,
    ),
    ...statementsFor(
      rows,
      (part) =>
        sql`DELETE FROM verdict WHERE (series, bucket, detector) IN (SELECT v.series, v.bucket, v.detector FROM ${of(part)})`,
    ),
  ];
}

/** Takes series off the list that the detectors have looked at again, unless their figures have changed once more. */
export function recountedStatements(done: readonly (Recount & { readonly corrections: number })[]): SQL[] {
  return statementsFor(
    done.map(({ series, corrections }) => [series, corrections]),
    (part) =>
      sql`DELETE FROM recount WHERE series IN
            (SELECT s.key FROM json_each(${part}) j CROSS JOIN series s WHERE s.key = ${integerAt(0)} AND s.corrections = ${integerAt(1)})`,
  );
}
