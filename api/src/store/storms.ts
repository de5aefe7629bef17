import type { IncidentStatus, Severity } from '@tidemark/shared/vocabulary';
import { sql } from 'drizzle-orm';
import { type Db, first, jsonParts } from './db.ts';
import { type NewestFirst, newestFirst } from './newest-first.ts';
import { isOneOf, textAt } from './pieces.ts';
import type { StoredStorm } from './rows.ts';

/** An incident of a client that is part of a storm. */
export interface StormMember {
  readonly storm: string;
  readonly incident: string;
  readonly series: string;
  readonly severity: Severity;
  readonly status: IncidentStatus;
  /** Money, negative. */
  readonly volume: number;
}

export interface StormFilter extends NewestFirst {
  readonly statuses: readonly IncidentStatus[];
}

/** A storm as read, with the time at which it was withdrawn. */
export interface FoundStorm extends StoredStorm {
  readonly withdrawnAt: number | null;
}

type StormColumns = Omit<FoundStorm, 'members'> & { readonly members: string };

const COLUMNS = sql`t.id, t.cause, t.start, t."end", t.status, t.severity, t.members, t.watched, t.observed, t.expected, t.detector,
  t.withdrawn_at AS "withdrawnAt", t.withdrawn_because AS "withdrawnBecause"`;

function withMembers(row: StormColumns): FoundStorm {
  return { ...row, members: JSON.parse(row.members) as string[] };
}

/** Storms, newest first. */
export async function findStorms(db: Db, filter: StormFilter): Promise<FoundStorm[]> {
  const chosen = isOneOf(sql`t.status`, filter.statuses);
  const rows = await db.all<StormColumns>(sql`SELECT ${COLUMNS} FROM storm t ${newestFirst('t', filter, [chosen])}`);
  return rows.map(withMembers);
}

export async function findStorm(db: Db, id: string): Promise<FoundStorm | null> {
  const row = await first<StormColumns>(db, sql`SELECT ${COLUMNS} FROM storm t WHERE t.id = ${id}`);
  return row ? withMembers(row) : null;
}

/** The incidents of clients that are part of some storms, by storm, those that lost most first. Sums of clients are left out. */
export async function stormMembers(db: Db, storms: readonly string[]): Promise<Map<string, StormMember[]>> {
  const found = new Map<string, StormMember[]>();
  for (const part of jsonParts(storms.map((id) => [id]))) {
    const rows = await db.all<StormMember>(
      sql`SELECT i.storm, i.id AS incident, s.id AS series, i.severity, i.status, i.volume
          FROM json_each(${part}) j CROSS JOIN incident i
          JOIN series s ON s.key = i.series
          WHERE i.storm = ${textAt(0)} AND s.members IS NULL AND i.status <> 'withdrawn' ORDER BY i.storm, i.volume, s.id, i.id`,
    );
    for (const row of rows) {
      const list = found.get(row.storm);
      if (list) list.push(row);
      else found.set(row.storm, [row]);
    }
  }
  return found;
}
