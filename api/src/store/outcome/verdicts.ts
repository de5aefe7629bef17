import { type SQL, sql } from 'drizzle-orm';
import { statementsFor } from '../db.ts';
import { integerAt, jsonObject, realAt, textAt } from '../pieces.ts';
import type { Outcome } from './outcome.ts';
import { same } from './same.ts';

/** A verdict `v` as the log of changes keeps it. */
export const STORED_VERDICT = jsonObject({
  detector: { text: sql`v.detector` },
  actual: { number: sql`v.observed` },
  score: { number: sql`v.score` },
  severity: { text: sql`v.alarm` },
});

/** The same of a row of {@link verdictStatements}. */
const NEW_VERDICT = jsonObject({
  detector: { text: textAt(2) },
  actual: { number: realAt(7) },
  score: { number: realAt(4) },
  severity: { text: textAt(6) },
});

/** Inserts verdicts, replaces those that differ, and logs each replacement with what it was before. */
export function verdictStatements({ verdicts }: Pick<Outcome, 'verdicts'>, now: number): SQL[] {
  // One statement may touch a row once only: the last word counts.
  const last = new Map(verdicts.map((v) => [`${v.series} ${v.bucket} ${v.detector}`, v]));
  const rows = [...last.values()].map((v) => [
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
            SELECT v.series, v.bucket, ${now}, 'verdict', ${STORED_VERDICT}, ${NEW_VERDICT}
            FROM json_each(${part}) j CROSS JOIN verdict v
            WHERE v.series = ${integerAt(0)} AND v.bucket = ${integerAt(1)} AND v.detector = ${textAt(2)}
              AND (v.observed <> ${realAt(7)} OR v.alarm IS DISTINCT FROM ${textAt(6)}
                OR v.severity IS DISTINCT FROM ${textAt(5)} OR NOT ${same(sql`v.score`, realAt(4))})`,
    ),
    ...statementsFor(
      rows,
      (part) =>
        sql`INSERT INTO verdict (series, bucket, detector, direction, score, severity, alarm, observed, expected, cause,
              cause_value, "window", origin, lower, upper, coverage, judged_at)
            SELECT ${integerAt(0)}, ${integerAt(1)}, ${textAt(2)}, ${textAt(3)}, ${realAt(4)}, ${textAt(5)}, ${textAt(6)}, ${realAt(7)}, ${realAt(8)}, ${textAt(9)},
                   ${textAt(10)}, ${integerAt(11)}, ${integerAt(12)}, ${realAt(13)}, ${realAt(14)}, ${realAt(15)}, ${now} FROM json_each(${part}) j WHERE true
            ON CONFLICT (series, bucket, detector) DO UPDATE SET direction = excluded.direction, score = excluded.score,
              severity = excluded.severity, alarm = excluded.alarm, observed = excluded.observed, expected = excluded.expected,
              cause = excluded.cause, cause_value = excluded.cause_value, "window" = excluded."window", origin = excluded.origin,
              lower = excluded.lower, upper = excluded.upper, coverage = excluded.coverage, judged_at = excluded.judged_at
            WHERE verdict.observed <> excluded.observed OR verdict.alarm IS DISTINCT FROM excluded.alarm
              OR verdict.severity IS DISTINCT FROM excluded.severity OR NOT ${same(sql`verdict.score`, sql`excluded.score`)}`,
    ),
  ];
}
