import type { ColumnFinding } from '@tidemark/shared/detection';
import { sql } from 'drizzle-orm';
import { commit, type Db, jsonParts } from './db.ts';
import { textAt } from './pieces.ts';

/** What the warehouse said about an incident, or why it did not. */
export interface ColumnAnswer {
  /** Last bucket of the incident when it was asked. */
  readonly until: number;
  /** `null` while the answer has not come, and where it failed. */
  readonly findings: readonly ColumnFinding[] | null;
  /** Why there is no answer, in words for people; `null` while it has not come. */
  readonly failure: string | null;
}

/** Which incidents are to be asked about. */
export interface Unasked {
  /** First bucket that one has to reach to be news. */
  readonly since: number;
  /** Who asked at this instant or before, and has no answer, has ended without one. */
  readonly deadBefore: number;
  readonly limit: number;
}

/**
 * Ids of incidents of at least a warning that the warehouse has not been asked about, or whose question came to no end,
 * newest first.
 */
export async function unaskedIncidents(db: Db, { since, deadBefore, limit }: Unasked): Promise<string[]> {
  const rows = await db.all<{ id: string }>(
    sql`SELECT i.id FROM incident i LEFT JOIN column_answer a ON a.incident = i.id
        WHERE (a.incident IS NULL OR (a.body IS NULL AND a.failure IS NULL AND a.asked_at <= ${deadBefore}))
          AND i.status <> 'withdrawn' AND i.severity IN ('warning', 'critical') AND i."end" >= ${since}
        ORDER BY i.start DESC, i.id LIMIT ${limit}`,
  );
  return rows.map(({ id }) => id);
}

/**
 * Notes that an incident is asked about now.
 * @returns how often it has been asked, this time included; `null` where somebody else asks or has the answer: a question
 * costs money.
 */
export async function claimQuestion(
  db: Db,
  incident: string,
  { until, now, deadBefore }: { readonly until: number; readonly now: number; readonly deadBefore: number },
): Promise<number | null> {
  const [row] = await db.all<{ attempts: number }>(
    sql`INSERT INTO column_answer (incident, asked_at, attempts, until) VALUES (${incident}, ${now}, 1, ${until})
        ON CONFLICT (incident) DO UPDATE
          SET asked_at = excluded.asked_at, attempts = column_answer.attempts + 1, until = excluded.until
          WHERE column_answer.body IS NULL AND column_answer.failure IS NULL AND column_answer.asked_at <= ${deadBefore}
        RETURNING attempts`,
  );
  return row?.attempts ?? null;
}

/** Stores what came of a question, unless somebody has asked anew since. */
export async function writeColumnAnswer(
  db: Db,
  { incident, attempts }: Claim,
  { findings, failure }: Pick<ColumnAnswer, 'findings' | 'failure'>,
): Promise<void> {
  const body = findings === null ? null : JSON.stringify(findings);
  await commit(db, [
    sql`UPDATE column_answer SET body = ${body}, failure = ${failure}
        WHERE incident = ${incident} AND attempts = ${attempts} AND body IS NULL`,
  ]);
}

/** Gives a question back that will not be waited for: whoever comes next may ask it at once. */
export async function returnQuestion(db: Db, { incident, attempts }: Claim): Promise<void> {
  await commit(db, [
    sql`UPDATE column_answer SET asked_at = 0 WHERE incident = ${incident} AND attempts = ${attempts} AND body IS NULL`,
  ]);
}

/** A question under way: the incident, and the how-manieth time it is asked. */
export interface Claim {
  readonly incident: string;
  readonly attempts: number;
}

/** Answers by the id of their incident; none where nothing was asked. */
export async function readColumnAnswers(db: Db, ids: readonly string[]): Promise<Map<string, ColumnAnswer>> {
  const found = new Map<string, ColumnAnswer>();
  for (const part of jsonParts(ids.map((id) => [id]))) {
    const rows = await db.all<{ incident: string; until: number; body: string | null; failure: string | null }>(
      sql`SELECT a.incident, a.until, a.body, a.failure FROM json_each(${part}) j CROSS JOIN column_answer a
          WHERE a.incident = ${textAt(0)}`,
    );
    for (const { incident, until, body, failure } of rows) {
      const findings = body === null ? null : (JSON.parse(body) as ColumnFinding[]);
      found.set(incident, { until, findings, failure });
    }
  }
  return found;
}
