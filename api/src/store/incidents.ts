import { WEAK_DETECTOR } from '@tidemark/shared/detection';
import type { Label } from '@tidemark/shared/vocabulary';
import { type SQL, sql } from 'drizzle-orm';
import { commit, type Db, first, jsonParts } from './db.ts';
import { EVIDENCE_COLUMNS, withEvidence } from './evidence.ts';
import { type NewestFirst, newestFirst } from './newest-first.ts';
import { integerAt, textAt } from './pieces.ts';
import { BAND, type IncidentEvidence, type StoredIncident } from './rows.ts';

/** An incident with what people said of it. */
export interface LabelledIncident extends StoredIncident {
  readonly seriesId: string;
  readonly members: string | null;
  readonly acknowledgedAt: number | null;
  readonly acknowledgedBy: string | null;
  readonly label: Label | null;
  readonly note: string | null;
  readonly withdrawnAt: number | null;
}

export interface IncidentFilter extends NewestFirst {
  /** Keys; `null`: all. */
  readonly series: readonly number[] | null;
  /** `standing`: all but withdrawn ones that nobody has labelled. */
  readonly status: StoredIncident['status'] | 'standing' | 'any';
  /** Id of a storm they are part of. */
  readonly storm: string | null;
}

/** An incident as its row is read; `evidenceOf` makes one of its columns. */
type IncidentColumns = Omit<LabelledIncident, 'evidence'> & {
  [Key in keyof IncidentEvidence]: IncidentEvidence[Key] | null;
};

const COLUMNS = sql`i.id, i.series, s.id AS "seriesId", s.members, i.direction, i.start, i."end", i.status, i.severity, i.score,
  i.volume, i.buckets, i.acknowledged_at AS "acknowledgedAt", i.acknowledged_by AS "acknowledgedBy", i.label, i.note, i.raised,
  i.withdrawn_at AS "withdrawnAt", i.withdrawn_because AS "withdrawnBecause", ${EVIDENCE_COLUMNS}`;

/** Incidents, newest first. */
export async function findIncidents(db: Db, filter: IncidentFilter): Promise<LabelledIncident[]> {
  const { series, status, storm } = filter;
  const more: SQL[] = [];
  if (series) {
    const among = jsonParts(series.map((key) => [key])).map(
      (keys) => sql`i.series IN (SELECT ${integerAt(0)} FROM json_each(${keys}) j)`,
    );
    more.push(among.length === 0 ? sql`1 = 0` : sql`(${sql.join(among, sql` OR `)})`);
  }
  if (status === 'standing') more.push(sql`(i.status <> 'withdrawn' OR i.label IS NOT NULL)`);
  else if (status !== 'any') more.push(sql`i.status = ${status}`);
  if (storm) more.push(sql`i.storm = ${storm}`);
  const rows = await db.all<IncidentColumns>(
    sql`SELECT ${COLUMNS} FROM incident i JOIN series s ON s.key = i.series ${newestFirst('i', filter, more)}`,
  );
  return rows.map(withEvidence);
}

/** An answer to an incident of the detectors, and when it was given, in epoch milliseconds. */
export interface StoredLabel {
  readonly series: string;
  readonly detector: string;
  readonly side: StoredIncident['direction'];
  readonly label: Label;
  readonly start: number;
  readonly end: number;
  readonly at: number;
}

/**
 * Answers to incidents of the detectors, in the order in which they were given. Whom a storm alone has taken along has no
 * threshold that an answer could raise.
 */
export async function readLabels(db: Db): Promise<StoredLabel[]> {
  return db.all<StoredLabel>(
    sql`SELECT s.id AS series, i.detector, i.direction AS side, i.label, i.start, i."end", i.labelled_at AS at
        FROM incident i JOIN series s ON s.key = i.series
        WHERE i.label IS NOT NULL AND i.labelled_at IS NOT NULL AND i.cause IS NOT NULL AND i.detector <> ${WEAK_DETECTOR} ORDER BY i.labelled_at, i.id`,
  );
}

/** Incidents by their ids, in no order; those that are gone are left out. */
export async function findIncidentsById(db: Db, ids: readonly string[]): Promise<LabelledIncident[]> {
  const found: LabelledIncident[] = [];
  for (const part of jsonParts(ids.map((id) => [id]))) {
    const rows = await db.all<IncidentColumns>(
      sql`SELECT ${COLUMNS} FROM json_each(${part}) j CROSS JOIN incident i
          JOIN series s ON s.key = i.series WHERE i.id = ${textAt(0)}`,
    );
    found.push(...rows.map(withEvidence));
  }
  return found;
}

export async function findIncident(db: Db, id: string): Promise<LabelledIncident | null> {
  const row = await first<IncidentColumns>(
    db,
    sql`SELECT ${COLUMNS} FROM incident i JOIN series s ON s.key = i.series WHERE i.id = ${id}`,
  );
  return row ? withEvidence(row) : null;
}

/**
 * What each member of a group moved by while the group had an incident: Σ (actual − median) of its judged buckets. A group
 * without named members is the sum of all clients.
 */
export async function memberVolumes(
  db: Db,
  incidents: readonly Pick<LabelledIncident, 'id' | 'start' | 'end' | 'members'>[],
): Promise<Map<string, { series: string; volume: number }[]>> {
  const found = new Map<string, { series: string; volume: number }[]>();
  const groups = incidents.flatMap(({ members, ...one }) =>
    members === null ? [] : [{ ...one, named: JSON.parse(members) as string[] }],
  );
  const clients = groups.some(({ named }) => named.length === 0)
    ? (await db.all<{ id: string }>(sql`SELECT id FROM series WHERE members IS NULL`)).map(({ id }) => id)
    : [];
  const asked = groups.flatMap(({ id, start, end, named }) =>
    (named.length === 0 ? clients : named).map((member) => [id, start, end, member]),
  );
  for (const part of jsonParts(asked)) {
    const rows = await db.all<{ id: string; series: string; volume: number }>(
      sql`SELECT ${textAt(0)} AS id, s.id AS series, SUM(v.observed - v.expected) AS volume
          FROM json_each(${part}) j CROSS JOIN series s CROSS JOIN verdict v
          WHERE s.id = ${textAt(3)} AND v.series = s.key AND v.bucket BETWEEN ${integerAt(1)} AND ${integerAt(2)}
            AND v.detector = ${BAND}
          GROUP BY ${textAt(0)}, s.id`,
    );
    for (const { id, series, volume } of rows) {
      const list = found.get(id);
      if (list) list.push({ series, volume });
      else found.set(id, [{ series, volume }]);
    }
  }
  return found;
}

/** Who answers an alarm, with what note, and when. */
export interface IncidentAnswer {
  readonly by: string;
  readonly note: string | null;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Marks an incident as seen; a note given before stays where there is none. */
export async function acknowledgeIncident(db: Db, id: string, { by, note, now }: IncidentAnswer) {
  await commit(db, [
    sql`UPDATE incident SET acknowledged_at = ${now}, acknowledged_by = ${by}, note = COALESCE(${note}, note)
          WHERE id = ${id}`,
  ]);
}

/** Sets or, with `null`, takes away what people say of an incident. */
export async function labelIncident(db: Db, id: string, label: Label | null, { by, note, now }: IncidentAnswer) {
  await commit(db, [
    sql`UPDATE incident SET label = ${label}, labelled_at = ${now}, labelled_by = ${by}, note = COALESCE(${note}, note)
          WHERE id = ${id}`,
  ]);
}
