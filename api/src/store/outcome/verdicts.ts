import { type SQL, sql } from 'drizzle-orm';
import { statementsFor } from '../db.ts';
import type { Outcome } from './outcome.ts';
import { same } from './same.ts';

/** Inserts verdicts, replaces those that differ, and logs each replacement with what it was before. */
export function verdictStatements({ verdicts }: Outcome, now: number): SQL[] {
  const rows = verdicts.map((v) => [
    v.series,
    v.bucket,
    v.origin,
    v.actual,
    v.median,
    v.lower,
    v.upper,
    v.coverage,
    v.score,
    v.direction,
    v.severity,
    v.alarm,
  ]);
  return [
    ...statementsFor(
      rows,
      (part) =>
        sql`INSERT INTO change (series, bucket, at, subject, before, after)
            SELECT v.series, v.bucket, ${now}, 'verdict', json_object('actual', v.actual, 'score', v.score, 'severity', v.alarm),
                   json_object('actual', j.value->>3, 'score', j.value->>8, 'severity', j.value->>11)
            FROM json_each(${part}) j CROSS JOIN verdict v ON v.series = j.value->>0 AND v.bucket = j.value->>1
            WHERE v.actual <> j.value->>3 OR v.alarm IS NOT j.value->>11 OR v.severity IS NOT j.value->>10
              OR NOT ${same(sql`v.score`, sql`j.value->>8`)}`,
    ),
    ...statementsFor(
      rows,
      (part) =>
        sql`INSERT INTO verdict (series, bucket, origin, actual, median, lower, upper, coverage, score, direction, severity, alarm, judged_at)
            SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8,
                   value->>9, value->>10, value->>11, ${now} FROM json_each(${part}) WHERE true
            ON CONFLICT (series, bucket) DO UPDATE SET origin = excluded.origin, actual = excluded.actual, median = excluded.median,
              lower = excluded.lower, upper = excluded.upper, coverage = excluded.coverage, score = excluded.score,
              direction = excluded.direction, severity = excluded.severity, alarm = excluded.alarm, judged_at = excluded.judged_at
            WHERE verdict.actual <> excluded.actual OR verdict.alarm IS NOT excluded.alarm
              OR verdict.severity IS NOT excluded.severity OR NOT ${same(sql`verdict.score`, sql`excluded.score`)}`,
    ),
  ];
}
