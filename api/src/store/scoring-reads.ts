import { isOfAnotherRelease } from '@tidemark/shared/forecasting';
import type { BucketState } from '@tidemark/shared/vocabulary';
import { type SQL, sql } from 'drizzle-orm';
import { type Db, jsonParts } from './db.ts';
import { integerAt } from './pieces.ts';
import {
  BAND,
  type BucketRange,
  type StoredBandVerdict,
  type StoredIncident,
  type StoredIssue,
  type StoredVerdict,
} from './rows.ts';

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
      sql`SELECT n.series, n.origin, n.model, n.state FROM json_each(${part}) j CROSS JOIN series s
          JOIN snapshot n ON n.series = s.key AND n.model = ${model} AND n.origin =
            (SELECT MAX(m.origin) FROM snapshot m WHERE m.series = s.key AND m.model = ${model} AND m.origin <= s.origin - ${back})
          WHERE s.key = ${integerAt(0)}`,
    );
    for (const row of rows) {
      // A state of another release is rebuilt from actuals.
      if (!isOfAnotherRelease(Buffer.from(row.state.slice(0, 24), 'base64'))) found.set(row.series, row);
    }
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
                WHERE i.series = ${integerAt(0)} AND i.model = ${model} GROUP BY i.series) f`,
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
        sql`SELECT i.series, i.origin, i.first_horizon AS "firstHorizon" FROM json_each(${part}) j CROSS JOIN issue i
            WHERE i.series = ${integerAt(0)} AND i.origin = ${integerAt(1)}`,
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
      sql`SELECT p.series, p.bucket, a.value, a.state FROM json_each(${part}) j CROSS JOIN pending p
          JOIN actual a ON a.series = p.series AND a.bucket = p.bucket WHERE p.series = ${integerAt(0)} ORDER BY p.series, p.bucket`,
    );
    for (const { series, ...bucket } of rows) {
      const list = found.get(series);
      if (list) list.push(bucket);
      else found.set(series, [bucket]);
    }
  }
  return found;
}

/** The band's verdicts of several ranges, by series, then by rising bucket. */
export function readVerdicts(db: Db, ranges: readonly BucketRange[]): Promise<Map<number, StoredBandVerdict[]>> {
  return verdictsOf<StoredBandVerdict>(db, ranges, sql`v.detector = ${BAND}`);
}

/** The alarms of all detectors but the band in several ranges, by series, then by rising bucket. */
export function readReasons(db: Db, ranges: readonly BucketRange[]): Promise<Map<number, StoredVerdict[]>> {
  return verdictsOf<StoredVerdict>(db, ranges, sql`v.detector <> ${BAND} AND v.alarm IS NOT NULL`);
}

async function verdictsOf<Row extends StoredVerdict>(
  db: Db,
  ranges: readonly BucketRange[],
  condition: SQL,
): Promise<Map<number, Row[]>> {
  const found = new Map<number, Row[]>();
  for (const part of jsonParts(ranges.map(({ series, from, to }) => [series, from, to]))) {
    const rows = await db.all<Row>(
      sql`SELECT v.series, v.bucket, v.detector, v.direction, v.score, v.severity, v.alarm, v.observed, v.expected, v.cause,
                 v.cause_value AS "causeValue", v."window", v.origin, v.lower, v.upper, v.coverage
          FROM json_each(${part}) j CROSS JOIN verdict v
          WHERE v.series = ${integerAt(0)} AND v.bucket BETWEEN ${integerAt(1)} AND ${integerAt(2)} AND ${condition} ORDER BY v.series, v.bucket`,
    );
    for (const row of rows) {
      const list = found.get(row.series);
      if (list) list.push(row);
      else found.set(row.series, [row]);
    }
  }
  return found;
}

/** Incidents of the band that are still open, or reach into the given ranges; by series, then by rising start. */
export async function readIncidents(db: Db, ranges: readonly BucketRange[]): Promise<Map<number, StoredIncident[]>> {
  const found = new Map<number, StoredIncident[]>();
  for (const part of jsonParts(ranges.map(({ series, from, to }) => [series, from, to]))) {
    const rows = await db.all<Omit<StoredIncident, 'evidence'>>(
      sql`SELECT i.id, i.series, i.direction, i.start, i."end", i.status, i.severity, i.score, i.volume, i.buckets, i.raised,
                 i.withdrawn_because AS "withdrawnBecause"
          FROM json_each(${part}) j CROSS JOIN incident i WHERE i.series = ${integerAt(0)}
            AND i.detector = ${BAND} AND i.cause IS NULL AND i.status <> 'withdrawn' AND (i.status = 'open' OR (i."end" >= ${integerAt(1)} AND i.start <= ${integerAt(2)}))
          ORDER BY i.series, i.start`,
    );
    for (const columns of rows) {
      const row = { ...columns, evidence: null };
      const list = found.get(row.series);
      if (list) list.push(row);
      else found.set(row.series, [row]);
    }
  }
  return found;
}

/** Series that have buckets waiting for a new verdict. */
export async function readPendingKeys(db: Db): Promise<Set<number>> {
  const rows = await db.all<{ series: number }>(sql`SELECT DISTINCT series FROM pending`);
  return new Set(rows.map(({ series }) => series));
}
