import { sql } from 'drizzle-orm';
import { type Db, first } from './db.ts';
import { BAND } from './rows.ts';

/** Figures about the service, read in a few queries. */
export interface StoredFigures {
  readonly cycles: number;
  readonly failedCycles: number;
  /** Of finished cycles, in milliseconds. */
  readonly cycleMs: number;
  readonly openIncidents: readonly { readonly severity: string; readonly count: number }[];
  readonly pendingDeliveries: number;
  readonly failedDeliveries: number;
  readonly corrections: number;
}

export async function readFigures(db: Db): Promise<StoredFigures> {
  const figures = await first<Omit<StoredFigures, 'openIncidents'>>(
    db,
    sql`SELECT
      (SELECT COUNT(*) FROM cycle) AS cycles,
      (SELECT COUNT(*) FROM cycle WHERE error IS NOT NULL) AS "failedCycles",
      (SELECT COALESCE(SUM(finished_at - started_at), 0) FROM cycle) AS "cycleMs",
      (SELECT COUNT(*) FROM delivery WHERE delivered_at IS NULL AND next_at IS NOT NULL) AS "pendingDeliveries",
      (SELECT COUNT(*) FROM delivery WHERE delivered_at IS NULL AND next_at IS NULL) AS "failedDeliveries",
      (SELECT COUNT(*) FROM change WHERE subject = 'actual') AS corrections`,
  );
  const openIncidents = await db.all<{ severity: string; count: number }>(
    sql`SELECT severity, COUNT(*) AS count FROM incident WHERE status = 'open' GROUP BY severity`,
  );
  return { ...(figures as Omit<StoredFigures, 'openIncidents'>), openIncidents };
}

/** Buckets judged since a bucket, and how many of them lay inside their band. */
export async function readCoverage(db: Db, from: number): Promise<{ judged: number; inside: number }> {
  const row = await first<{ judged: number; inside: number }>(
    db,
    sql`SELECT COUNT(*) AS judged, COUNT(CASE WHEN v.direction IS NULL THEN 1 END) AS inside
        FROM series s CROSS JOIN verdict v WHERE v.series = s.key AND v.bucket >= ${from} AND v.detector = ${BAND}`,
  );
  return row ?? { judged: 0, inside: 0 };
}
