import type { Explanation } from '@tidemark/shared/detection';
import { type SQL, sql } from 'drizzle-orm';
import { commit, type Db, jsonParts, statementsFor } from './db.ts';
import { integerAt, textAt } from './pieces.ts';

/** Why an incident is one, as it was last worked out. */
export interface StoredExplanation {
  /** `null` where nothing can be told, for `reason`. */
  readonly explanation: Explanation | null;
  readonly reason: string | null;
  /** Money in minor units when it was first worked out over as many buckets; `null` where it could not be. */
  readonly firstMoney: number | null;
}

/** Explanations by the id of their incident. */
export async function readExplanations(db: Db, ids: readonly string[]): Promise<Map<string, StoredExplanation>> {
  const found = new Map<string, StoredExplanation>();
  for (const part of jsonParts(ids.map((id) => [id]))) {
    const rows = await db.all<{
      incident: string;
      body: string | null;
      reason: string | null;
      firstMoney: number | null;
    }>(
      sql`SELECT e.incident, e.body, e.reason, e.first_money AS "firstMoney" FROM json_each(${part}) j CROSS JOIN explanation e
          WHERE e.incident = ${textAt(0)}`,
    );
    for (const { incident, body, reason, firstMoney } of rows) {
      const explanation = body === null ? null : (JSON.parse(body) as Explanation);
      found.set(incident, { explanation, reason, firstMoney });
    }
  }
  return found;
}

/**
 * Ids of incidents that are not explained as they are now, newest first: they went on since, or counts of their series were
 * corrected and they are recent. Those whose series is not counted have nothing to explain them by.
 * @param recent buckets back from the newest for which corrections are followed.
 */
export async function unexplained(db: Db, recent: number, limit: number): Promise<string[]> {
  const rows = await db.all<{ id: string }>(
    sql`SELECT i.id FROM incident i JOIN series s ON s.key = i.series LEFT JOIN explanation e ON e.incident = i.id
        WHERE i.status <> 'withdrawn' AND s.counted_from IS NOT NULL AND i.start >= s.counted_from
          AND (e.incident IS NULL OR e.until <> i."end" OR (e.corrections <> s.corrections AND i."end" >= s.newest_bucket - ${recent}))
        ORDER BY i.start DESC LIMIT ${limit}`,
  );
  return rows.map(({ id }) => id);
}

/** Stores explanations of incidents as these are now. */
export async function writeExplanations(
  db: Db,
  all: readonly {
    readonly incident: string;
    readonly explanation: Explanation | null;
    readonly reason: string | null;
  }[],
  now: number,
): Promise<void> {
  await commit(db, [
    ...(await firstMoneyAnew(db, all)),
    ...statementsFor(
      all.map(({ incident, explanation, reason }) => [
        incident,
        explanation?.money ?? null,
        explanation === null ? null : JSON.stringify(explanation),
        reason,
      ]),
      (rows) =>
        sql`INSERT INTO explanation (incident, until, corrections, at, first_money, body, reason)
            SELECT i.id, i."end", s.corrections, ${now}, ${integerAt(1)}, ${textAt(2)}, ${textAt(3)}
            FROM json_each(${rows}) j CROSS JOIN incident i CROSS JOIN series s
            WHERE i.id = ${textAt(0)} AND s.key = i.series
            ON CONFLICT (incident) DO UPDATE SET
              first_money = CASE WHEN explanation.until = excluded.until AND explanation.first_money IS NOT NULL
                THEN explanation.first_money ELSE excluded.first_money END,
              until = excluded.until, corrections = excluded.corrections, at = excluded.at, body = excluded.body,
              reason = excluded.reason`,
    ),
  ]);
}

/** Statements that write first money in other minor units, where amounts with more or fewer decimals have come since. */
async function firstMoneyAnew(
  db: Db,
  all: readonly { readonly incident: string; readonly explanation: Explanation | null }[],
): Promise<SQL[]> {
  const known = await readExplanations(
    db,
    all.map(({ incident }) => incident),
  );
  return all.flatMap(({ incident, explanation }) => {
    const before = known.get(incident);
    const more = (explanation?.decimals ?? 0) - (before?.explanation?.decimals ?? 0);
    if (!explanation || !before?.explanation || before.firstMoney === null || more === 0) return [];
    const money = Math.round(before.firstMoney * 10 ** more);
    return [sql`UPDATE explanation SET first_money = ${money} WHERE incident = ${incident}`];
  });
}

/** Buckets of other incidents of some series that reach into a range, inclusive, withdrawn ones left out. */
export async function troubledBuckets(
  db: Db,
  series: readonly number[],
  from: number,
  to: number,
): Promise<{ id: string; series: number; start: number; end: number }[]> {
  const found: { id: string; series: number; start: number; end: number }[] = [];
  for (const part of jsonParts(series.map((key) => [key]))) {
    found.push(
      ...(await db.all<{ id: string; series: number; start: number; end: number }>(
        sql`SELECT i.id, i.series, i.start, i."end" FROM json_each(${part}) j CROSS JOIN incident i
            WHERE i.series = ${integerAt(0)} AND i.start <= ${to} AND i."end" >= ${from}
              AND i.status <> 'withdrawn' AND i.label IS DISTINCT FROM 'normal'`,
      )),
    );
  }
  return found;
}
