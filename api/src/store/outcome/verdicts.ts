import { type SQL, sql } from 'drizzle-orm';
import { statementsFor } from '../db.ts';
import type { Outcome } from './outcome.ts';
import { same } from './same.ts';

/** Inserts verdicts, replaces those that differ, and logs each replacement with what it was before. */
export function verdictStatements({ verdicts }: Pick<Outcome, 'verdicts'>, now: number): SQL[] {
  const rows = verdicts.map((v) => [
    v.series,
    v.bucket,
    v.detector,
    v.direction,
    v.score,
    v.severity,
    v.alarm,
    v.observed,
    v.expected,
    v.cause,
    v.causeValue,
    v.window,
    v.origin,
    v.lower,
    v.upper,
    v.coverage,
  ]);
  return [
    ...statementsFor(
      rows,
      (part) =>
        sql`INSERT INTO change (series, bucket, at, subject, before, after)
            SELECT v.series, v.bucket, ${now}, 'verdict',
                   json_object('detector', v.detector, 'actual', v.observed, 'score', v.score, 'severity', v.alarm),
                   json_object('detector', v.detector, 'actual', j.value->>7, 'score', j.value->>4, 'severity', j.value->>6)
            FROM json_each(${part}) j CROSS JOIN verdict v
              ON v.series = j.value->>0 AND v.bucket = j.value->>1 AND v.detector = j.value->>2
            WHERE v.observed <> j.value->>7 OR v.alarm IS NOT j.value->>6 OR v.severity IS NOT j.value->>5
              OR NOT ${same(sql`v.score`, sql`j.value->>4`)}`,
    ),
    ...statementsFor(
      rows,
      (part) =>
        sql`INSERT INTO verdict (series, bucket, detector, direction, score, severity, alarm, observed, expected, cause,
              cause_value, "window", origin, lower, upper, coverage, judged_at)
            SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8, value->>9,
                   value->>10, value->>11, value->>12, value->>13, value->>14, value->>15, ${now} FROM json_each(${part}) WHERE true
            ON CONFLICT (series, bucket, detector) DO UPDATE SET direction = excluded.direction, score = excluded.score,
              severity = excluded.severity, alarm = excluded.alarm, observed = excluded.observed, expected = excluded.expected,
              cause = excluded.cause, cause_value = excluded.cause_value, "window" = excluded."window", origin = excluded.origin,
              lower = excluded.lower, upper = excluded.upper, coverage = excluded.coverage, judged_at = excluded.judged_at
            WHERE verdict.observed <> excluded.observed OR verdict.alarm IS NOT excluded.alarm
              OR verdict.severity IS NOT excluded.severity OR NOT ${same(sql`verdict.score`, sql`excluded.score`)}`,
    ),
  ];
}
