import type { BucketState } from '@tidemark/shared/forecasting';
import { type SQL, sql } from 'drizzle-orm';
import { commit, type Db, jsonParts } from './db.ts';
import { CALENDAR_EDITION } from './maintenance.ts';
import type { BucketRange, StoredIncident, StoredIssue, StoredVerdict } from './rows.ts';

/** A forecaster state as kept between cycles. */
export interface StoredSnapshot {
  readonly series: number;
  readonly origin: number;
  readonly model: number;
  readonly state: string;
}

/** A passed bucket whose actual came or changed later. */
export interface PendingBucket {
  readonly bucket: number;
  readonly value: number | null;
  readonly state: BucketState;
}

/** A message that a webhook is owed. */
export interface PendingDelivery {
  readonly id: string;
  readonly webhook: string;
  readonly event: 'open' | 'escalate' | 'close';
  readonly incident: string;
}

/** All that scoring some series has brought, to be written as one. */
export interface Outcome {
  readonly origins: readonly {
    readonly series: number;
    /** Before; buckets after it were judged. */
    readonly from: number;
    readonly origin: number;
    readonly corrections: number;
  }[];
  readonly issues: readonly StoredIssue[];
  readonly verdicts: readonly StoredVerdict[];
  /** Corrected buckets that are now judged, with the value they were judged by (`null`: missing, no verdict). */
  readonly settled: readonly { readonly series: number; readonly bucket: number; readonly value: number | null }[];
  readonly snapshots: readonly StoredSnapshot[];
  readonly incidents: readonly StoredIncident[];
  readonly deliveries: readonly PendingDelivery[];
  /** Of the calendar that was read for the judgements. */
  readonly calendarEdition: number;
}

/** For each series the newest usable state of a model at or before `back` buckets before the series' origin. */
export async function readSnapshots(
  db: Db,
  model: number,
  keys: readonly number[],
  back = 0,
): Promise<Map<number, StoredSnapshot>> {
  const found = new Map<number, StoredSnapshot>();
  for (const part of jsonParts(keys.map((key) => [key]))) {
    const rows = await db.all<StoredSnapshot>(
      sql`SELECT n.series, n.origin, n.model, n.state FROM json_each(${part}) j CROSS JOIN series s ON s.key = j.value->>0
          JOIN snapshot n ON n.series = s.key AND n.model = ${model} AND n.origin =
            (SELECT MAX(m.origin) FROM snapshot m WHERE m.series = s.key AND m.model = ${model} AND m.origin <= s.origin - ${back})`,
    );
    for (const row of rows) found.set(row.series, row);
  }
  return found;
}

/** For each series the last origin before a model issued its first band for it, or that first one if it was the first of all. */
export async function readFirstOrigins(db: Db, model: number, keys: readonly number[]): Promise<Map<number, number>> {
  const found = new Map<number, number>();
  for (const part of jsonParts(keys.map((key) => [key]))) {
    const rows = await db.all<{ series: number; first: number; before: number | null }>(
      sql`SELECT f.series, f.first, (SELECT e.origin FROM issue e WHERE e.series = f.series AND e.origin = f.first - 1) AS before
          FROM (SELECT i.series, MIN(i.origin) AS first FROM json_each(${part}) j CROSS JOIN issue i
                ON i.series = j.value->>0 WHERE i.model = ${model} GROUP BY i.series) f`,
    );
    for (const { series, first, before } of rows) found.set(series, before ?? first);
  }
  return found;
}

/** The issues at exactly the given (series, origin) pairs. */
export async function readIssuesAt(
  db: Db,
  at: readonly { readonly series: number; readonly origin: number }[],
): Promise<Pick<StoredIssue, 'series' | 'origin' | 'firstHorizon'>[]> {
  const found: Pick<StoredIssue, 'series' | 'origin' | 'firstHorizon'>[] = [];
  for (const part of jsonParts(at.map(({ series, origin }) => [series, origin]))) {
    found.push(
      ...(await db.all<Pick<StoredIssue, 'series' | 'origin' | 'firstHorizon'>>(
        sql`SELECT i.series, i.origin, i.first_horizon AS firstHorizon FROM json_each(${part}) j CROSS JOIN issue i
            ON i.series = j.value->>0 AND i.origin = j.value->>1`,
      )),
    );
  }
  return found;
}

/** Buckets that wait for a new verdict, by series. */
export async function readPending(db: Db, keys: readonly number[]): Promise<Map<number, PendingBucket[]>> {
  const found = new Map<number, PendingBucket[]>();
  for (const part of jsonParts(keys.map((key) => [key]))) {
    const rows = await db.all<PendingBucket & { series: number }>(
      sql`SELECT p.series, p.bucket, a.value, a.state FROM json_each(${part}) j CROSS JOIN pending p ON p.series = j.value->>0
          JOIN actual a ON a.series = p.series AND a.bucket = p.bucket ORDER BY p.series, p.bucket`,
    );
    for (const { series, ...bucket } of rows) {
      const list = found.get(series);
      if (list) list.push(bucket);
      else found.set(series, [bucket]);
    }
  }
  return found;
}

/** Verdicts of several ranges, by series, then by rising bucket. */
export async function readVerdicts(db: Db, ranges: readonly BucketRange[]): Promise<Map<number, StoredVerdict[]>> {
  const found = new Map<number, StoredVerdict[]>();
  for (const part of jsonParts(ranges.map(({ series, from, to }) => [series, from, to]))) {
    const rows = await db.all<StoredVerdict>(
      sql`SELECT v.series, v.bucket, v.origin, v.actual, v.median, v.lower, v.upper, v.coverage, v.score, v.direction,
                 v.severity, v.alarm FROM json_each(${part}) j CROSS JOIN verdict v
          ON v.series = j.value->>0 AND v.bucket BETWEEN j.value->>1 AND j.value->>2 ORDER BY v.series, v.bucket`,
    );
    for (const row of rows) {
      const list = found.get(row.series);
      if (list) list.push(row);
      else found.set(row.series, [row]);
    }
  }
  return found;
}

/** Incidents that are still open, or reach into the given ranges; by series, then by rising start. */
export async function readIncidents(db: Db, ranges: readonly BucketRange[]): Promise<Map<number, StoredIncident[]>> {
  const found = new Map<number, StoredIncident[]>();
  for (const part of jsonParts(ranges.map(({ series, from, to }) => [series, from, to]))) {
    const rows = await db.all<StoredIncident>(
      sql`SELECT i.id, i.series, i.direction, i.start, i."end", i.status, i.severity, i.score, i.volume, i.buckets
          FROM json_each(${part}) j CROSS JOIN incident i ON i.series = j.value->>0
          WHERE i.status <> 'withdrawn' AND (i.status = 'open' OR (i."end" >= j.value->>1 AND i.start <= j.value->>2))
          ORDER BY i.series, i.start`,
    );
    for (const row of rows) {
      const list = found.get(row.series);
      if (list) list.push(row);
      else found.set(row.series, [row]);
    }
  }
  return found;
}

/** Buckets for which a state is kept behind the newest one, so that a late correction is cheap. */
const SNAPSHOT_REACH = 48;
/** One state in so many buckets is kept longer: whoever forecasts on elsewhere begins weeks back. */
const ANCHOR_EVERY = 252;
const ANCHOR_REACH = 3 * ANCHOR_EVERY;

/**
 * Writes what a cycle found, in one transaction. Writing it twice, or after another cycle wrote the same, changes
 * nothing: bands are only ever inserted, verdicts change only with their actual or the calendar (and the change is logged), origins
 * only grow, and a state is kept only if no actual was corrected since it was computed.
 */
export async function writeOutcome(db: Db, outcome: Outcome, now: number): Promise<void> {
  const statements: SQL[] = [];
  const sameCalendar = sql`${CALENDAR_EDITION} = ${outcome.calendarEdition}`;
  const each = (rows: readonly (readonly unknown[])[], statement: (part: string) => SQL) => {
    for (const part of jsonParts(rows)) statements.push(statement(part));
  };

  each(
    outcome.issues.map((i) => [i.series, i.origin, i.model, i.servedBy, i.issuedAt, i.firstHorizon, i.laterHorizons]),
    (part) =>
      sql`INSERT OR IGNORE INTO issue (series, origin, model, served_by, issued_at, first_horizon, later_horizons)
            SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6 FROM json_each(${part})`,
  );
  const verdictRows = outcome.verdicts.map((v) => [
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
  each(
    verdictRows,
    (part) =>
      sql`INSERT INTO change (series, bucket, at, subject, before, after)
          SELECT v.series, v.bucket, ${now}, 'verdict', json_object('actual', v.actual, 'score', v.score, 'severity', v.alarm),
                 json_object('actual', j.value->>3, 'score', j.value->>8, 'severity', j.value->>11)
          FROM json_each(${part}) j CROSS JOIN verdict v ON v.series = j.value->>0 AND v.bucket = j.value->>1
          WHERE v.actual <> j.value->>3 OR v.alarm IS NOT j.value->>11 OR v.severity IS NOT j.value->>10
            OR NOT ${same(sql`v.score`, sql`j.value->>8`)}`,
  );
  each(
    verdictRows,
    (part) =>
      sql`INSERT INTO verdict (series, bucket, origin, actual, median, lower, upper, coverage, score, direction, severity, alarm, judged_at)
          SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8,
                 value->>9, value->>10, value->>11, ${now} FROM json_each(${part}) WHERE true
          ON CONFLICT (series, bucket) DO UPDATE SET origin = excluded.origin, actual = excluded.actual, median = excluded.median,
            lower = excluded.lower, upper = excluded.upper, coverage = excluded.coverage, score = excluded.score,
            direction = excluded.direction, severity = excluded.severity, alarm = excluded.alarm, judged_at = excluded.judged_at
          WHERE verdict.actual <> excluded.actual OR verdict.alarm IS NOT excluded.alarm
            OR verdict.severity IS NOT excluded.severity OR NOT ${same(sql`verdict.score`, sql`excluded.score`)}`,
  );
  const settled = outcome.settled.map((s) => [s.series, s.bucket, s.value]);
  each(
    settled,
    (part) =>
      sql`DELETE FROM verdict WHERE (series, bucket) IN
          (SELECT value->>0, value->>1 FROM json_each(${part}) WHERE value->>2 IS NULL)`,
  );
  each(
    settled,
    (part) =>
      sql`DELETE FROM pending WHERE (series, bucket) IN
          (SELECT a.series, a.bucket FROM json_each(${part}) j CROSS JOIN actual a
           ON a.series = j.value->>0 AND a.bucket = j.value->>1 WHERE a.value IS j.value->>2 OR ${same(sql`a.value`, sql`j.value->>2`)})
          AND ${sameCalendar}`,
  );
  each(
    outcome.incidents.map((i) => [
      i.id,
      i.series,
      i.direction,
      i.start,
      i.end,
      i.status,
      i.severity,
      i.score,
      i.volume,
      i.buckets,
    ]),
    (part) =>
      sql`INSERT INTO incident (id, series, direction, start, "end", status, severity, score, volume, buckets, opened_at, closed_at)
            SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8, value->>9,
                   ${now}, CASE WHEN value->>5 = 'open' THEN NULL ELSE ${now} END FROM json_each(${part}) WHERE true
            ON CONFLICT (id) DO UPDATE SET start = excluded.start, "end" = excluded."end", status = excluded.status,
              severity = excluded.severity, score = excluded.score, volume = excluded.volume, buckets = excluded.buckets,
              closed_at = CASE WHEN excluded.status = 'open' THEN NULL WHEN incident.status = 'open' THEN ${now} ELSE incident.closed_at END`,
  );
  each(
    outcome.deliveries.map((d) => [d.id, d.webhook, d.event, d.incident]),
    (part) =>
      sql`INSERT OR IGNORE INTO delivery (id, webhook, event, incident, next_at)
            SELECT value->>0, value->>1, value->>2, value->>3, ${now} FROM json_each(${part})`,
  );
  each(
    outcome.snapshots.map((s) => {
      const corrections = outcome.origins.find((o) => o.series === s.series)?.corrections ?? -1;
      return [s.series, s.origin, s.model, s.state, corrections];
    }),
    (part) =>
      sql`INSERT INTO snapshot (series, origin, model, state)
            SELECT s.key, j.value->>1, j.value->>2, j.value->>3 FROM json_each(${part}) j CROSS JOIN series s ON s.key = j.value->>0
            WHERE s.corrections = j.value->>4
            ON CONFLICT (series, origin) DO UPDATE SET model = excluded.model, state = excluded.state`,
  );
  const origins = outcome.origins.map((o) => [o.series, o.origin, o.from]);
  each(
    outcome.snapshots.length > 0 ? origins : [],
    (part) =>
      sql`DELETE FROM snapshot WHERE (series, origin) IN
            (SELECT n.series, n.origin FROM json_each(${part}) j CROSS JOIN snapshot n
             ON n.series = j.value->>0 AND n.origin < j.value->>1 - ${SNAPSHOT_REACH}
               AND ((n.origin + n.series) % ${ANCHOR_EVERY} <> 0 OR n.origin < j.value->>1 - ${ANCHOR_REACH}))`,
  );
  each(
    origins,
    (part) =>
      sql`UPDATE series SET origin = j.value->>1 FROM json_each(${part}) j
          WHERE series.key = j.value->>0 AND (series.origin IS NULL OR series.origin < j.value->>1)`,
  );
  // What came in while the cycle ran, or was judged by another calendar than there is now: it waits for the next one.
  each(
    origins,
    (part) =>
      sql`INSERT OR IGNORE INTO pending (series, bucket)
          SELECT a.series, a.bucket FROM json_each(${part}) j CROSS JOIN actual a
            ON a.series = j.value->>0 AND a.bucket > j.value->>2 AND a.bucket <= j.value->>1
          LEFT JOIN verdict v ON v.series = a.series AND v.bucket = a.bucket
          WHERE a.value IS NOT NULL AND (v.bucket IS NULL OR NOT ${same(sql`a.value`, sql`v.actual`)} OR NOT ${sameCalendar})`,
  );
  await commit(db, statements);
}

/** Equal but for the last digit that a number may lose on its way through text. */
function same(one: SQL, other: SQL): SQL {
  return sql`ABS(${one} - ${other}) <= 1e-12 * ABS(${other})`;
}

/** Series that have buckets waiting for a new verdict. */
export async function readPendingKeys(db: Db): Promise<Set<number>> {
  const rows = await db.all<{ series: number }>(sql`SELECT DISTINCT series FROM pending`);
  return new Set(rows.map(({ series }) => series));
}
