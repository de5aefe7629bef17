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

/**
 * Ids of incidents of at least a warning that the warehouse has not been asked about, newest first.
 * @param since first bucket that one has to reach to be news.
 */
export async function unaskedIncidents(db: Db, since: number, limit: number): Promise<string[]> {
  const rows = await db.all<{ id: string }>(
    sql`SELECT i.id FROM incident i LEFT JOIN column_answer a ON a.incident = i.id
        WHERE a.incident IS NULL AND i.status <> 'withdrawn' AND i.severity IN ('warning', 'critical') AND i."end" >= ${since}
        ORDER BY i.start DESC, i.id LIMIT ${limit}`,
  );
  return rows.map(({ id }) => id);
}

/** Notes that an incident is asked about now; false where it was before. A question costs money: nothing asks twice. */
export async function claimQuestion(db: Db, incident: string, until: number, now: number): Promise<boolean> {
  const rows = await db.all<{ incident: string }>(
    sql`INSERT INTO column_answer (incident, asked_at, until) VALUES (${incident}, ${now}, ${until})
        ON CONFLICT (incident) DO NOTHING RETURNING incident`,
  );
  return rows.length > 0;
}

/** Stores what came of a question. */
export async function writeColumnAnswer(
  db: Db,
  incident: string,
  { findings, failure }: Pick<ColumnAnswer, 'findings' | 'failure'>,
): Promise<void> {
  const body = findings === null ? null : JSON.stringify(findings);
  await commit(db, [sql`UPDATE column_answer SET body = ${body}, failure = ${failure} WHERE incident = ${incident}`]);
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
