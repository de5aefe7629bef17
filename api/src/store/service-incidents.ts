import type { IncidentEventKind, ServiceIncidentKind, Severity } from '@tidemark/shared/vocabulary';
import { type SQL, sql } from 'drizzle-orm';
import { type Db, first } from './db.ts';
import { BAND } from './rows.ts';

/** An incident of the service itself, as stored. */
export interface ServiceIncident {
  readonly id: string;
  readonly kind: ServiceIncidentKind;
  /** What it is about: a series or a webhook; empty: the service as a whole. */
  readonly subject: string;
  readonly severity: Severity;
  /** Epoch milliseconds, as all times here. */
  readonly openedAt: number;
  /** Newest check that found it. */
  readonly seenAt: number;
  readonly closedAt: number | null;
  /** What its sentence says: names and numbers. */
  readonly facts: ServiceFacts;
}

export type ServiceFacts = Readonly<Record<string, string | number>>;

type Columns = Omit<ServiceIncident, 'facts'> & { readonly facts: string };

const COLUMNS = sql`id, kind, subject, severity, opened_at AS "openedAt", seen_at AS "seenAt", closed_at AS "closedAt", facts`;

const withFacts = (row: Columns): ServiceIncident => ({ ...row, facts: JSON.parse(row.facts) as ServiceFacts });

/** Incidents of the service that are open, oldest first. */
export async function openServiceIncidents(db: Db): Promise<ServiceIncident[]> {
  const rows = await db.all<Columns>(
    sql`SELECT ${COLUMNS} FROM service_incident WHERE closed_at IS NULL ORDER BY opened_at, id`,
  );
  return rows.map(withFacts);
}

export async function findServiceIncident(db: Db, id: string): Promise<ServiceIncident | null> {
  const row = await first<Columns>(db, sql`SELECT ${COLUMNS} FROM service_incident WHERE id = ${id}`);
  return row ? withFacts(row) : null;
}

/** A change of what is wrong with the service, and the webhooks that are to hear of it. */
export interface ServiceChange {
  readonly incident: ServiceIncident;
  readonly event: Exclude<IncidentEventKind, 'withdraw'>;
  readonly webhooks: readonly string[];
}

/**
 * Writes changes with the messages they owe in one transaction, and when what stays open was seen last. Of several
 * processes that find the same at once, the first opens it; who was not told that it opened is not told that it is over.
 */
export async function writeServiceIncidents(
  db: Db,
  changes: readonly ServiceChange[],
  seen: readonly string[],
  now: number,
): Promise<void> {
  const statements = [
    ...changes.flatMap((change) => [changeOf(change), ...messagesOf(change, now)]),
    ...seen.map((id) => sql`UPDATE service_incident SET seen_at = ${now} WHERE id = ${id}`),
  ];
  if (statements.length > 0) await db.transact(statements);
}

function changeOf({ incident, event }: ServiceChange): SQL {
  const { id, kind, subject, severity, openedAt, seenAt, closedAt } = incident;
  const facts = JSON.stringify(incident.facts);
  if (event === 'open') {
    return sql`INSERT INTO service_incident (id, kind, subject, severity, opened_at, seen_at, closed_at, facts)
      VALUES (${id}, ${kind}, ${subject}, ${severity}, ${openedAt}, ${seenAt}, NULL, ${facts}) ON CONFLICT DO NOTHING`;
  }
  return sql`UPDATE service_incident SET severity = ${severity}, seen_at = ${seenAt}, closed_at = ${closedAt}, facts = ${facts}
    WHERE id = ${id} AND closed_at IS NULL`;
}

function messagesOf({ incident, event, webhooks }: ServiceChange, now: number): SQL[] {
  const detail = event === 'escalate' ? `escalate-${incident.severity}` : event;
  return webhooks.map((webhook) => {
    const told =
      event === 'open'
        ? sql``
        : sql` AND EXISTS (SELECT 1 FROM delivery d WHERE d.incident = s.id AND d.webhook = ${webhook})`;
    return sql`INSERT INTO delivery (id, webhook, event, incident, next_at)
      SELECT ${`${incident.id}-${detail}-${webhook}`}, ${webhook}, ${event}, s.id, CAST(${now} AS bigint)
      FROM service_incident s WHERE s.id = ${incident.id}${told} ON CONFLICT DO NOTHING`;
  });
}

/** How the messages to one webhook stand. */
export interface WebhookState {
  readonly webhook: string;
  /** Messages that wait to be sent. */
  readonly waiting: number;
  /** When the one that has waited longest is or was due; `null`: none waits. */
  readonly due: number | null;
  /** Tries of the message that was tried most. */
  readonly attempts: number;
  /** Messages that were given up. */
  readonly givenUp: number;
  /** When a message was last given up; `null`: none is. */
  readonly givenUpAt: number | null;
}

/** How the messages that are not delivered stand, by webhook. */
export function readWebhookStates(db: Db): Promise<WebhookState[]> {
  return db.all<WebhookState>(
    sql`SELECT webhook, COUNT(next_at) AS waiting, MIN(next_at) AS due,
          COALESCE(MAX(CASE WHEN next_at IS NULL THEN 0 ELSE attempts END), 0) AS attempts,
          COUNT(CASE WHEN next_at IS NULL THEN 1 END) AS "givenUp", MAX(CASE WHEN next_at IS NULL THEN failed_at END) AS "givenUpAt"
        FROM delivery WHERE delivered_at IS NULL GROUP BY webhook ORDER BY webhook`,
  );
}

/** Of how many series the newest bucket is missing, and of how many it is missing or zero. */
export interface SilentCounts {
  readonly missing: number;
  readonly silent: number;
}

export async function readSilentCounts(db: Db): Promise<SilentCounts> {
  const row = await first<SilentCounts>(
    db,
    sql`SELECT COUNT(CASE WHEN a.state = 'missing' THEN 1 END) AS missing, COUNT(*) AS silent
        FROM series s CROSS JOIN actual a
        WHERE a.series = s.key AND a.bucket = s.newest_bucket AND a.state IN ('missing', 'zero')`,
  );
  return row ?? { missing: 0, silent: 0 };
}

/** Judged buckets, and how many of them lay below and above their band. */
export interface MissCounts {
  readonly judged: number;
  readonly below: number;
  readonly above: number;
  /** Different buckets judged, and those of them with a miss. */
  readonly buckets: number;
  readonly missed: number;
}

/** Misses of the bands that one model issued, of buckets from one on. */
export async function readMissCounts(db: Db, model: number, from: number): Promise<MissCounts> {
  const row = await first<MissCounts>(
    db,
    sql`SELECT COUNT(*) AS judged, COUNT(CASE WHEN v.direction = 'low' THEN 1 END) AS below,
          COUNT(CASE WHEN v.direction = 'high' THEN 1 END) AS above, COUNT(DISTINCT v.bucket) AS buckets,
          COUNT(DISTINCT CASE WHEN v.direction IS NOT NULL THEN v.bucket END) AS missed
        FROM series s CROSS JOIN verdict v JOIN issue i ON i.series = v.series AND i.origin = v.origin
        WHERE v.series = s.key AND v.bucket >= ${from} AND v.detector = ${BAND} AND i.model = ${model}`,
  );
  return row ?? NO_MISSES;
}

export const NO_MISSES: MissCounts = { judged: 0, below: 0, above: 0, buckets: 0, missed: 0 };

/** Written and removed by each check: with less room than this nothing else gets in either. */
const PROBE = 'x'.repeat(50_000);

/** Notes when a check ran, and proves that the database can be written and has room. */
export async function noteCheck(db: Db, now: number): Promise<void> {
  await db.transact([
    sql`INSERT INTO setting (name, value, owner) VALUES ('checked at', ${now}, ${PROBE})
        ON CONFLICT (name) DO UPDATE SET value = excluded.value, owner = excluded.owner`,
    sql`UPDATE setting SET owner = NULL WHERE name = 'checked at'`,
  ]);
}

/** When the last check ran, of whichever process; `null`: none yet. */
export async function lastCheck(db: Db): Promise<number | null> {
  const row = await first<{ value: number }>(db, sql`SELECT value FROM setting WHERE name = 'checked at'`);
  return row?.value ?? null;
}
