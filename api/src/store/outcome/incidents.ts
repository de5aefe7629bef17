import { type SQL, sql } from 'drizzle-orm';
import { statementsFor } from '../db.ts';
import type { Outcome } from './outcome.ts';

/** Inserts incidents and updates those that changed; what people said of them stays, and when they were raised. */
export function incidentStatements({ incidents }: Pick<Outcome, 'incidents'>, now: number): SQL[] {
  return statementsFor(
    incidents.map((i) => [
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
      i.raised,
      i.evidence?.detector ?? 'band',
      i.evidence?.cause ?? null,
      i.evidence?.causeValue ?? null,
      i.evidence?.strength ?? null,
      i.evidence?.observed ?? null,
      i.evidence?.expected ?? null,
      i.evidence?.window ?? null,
      i.evidence?.storm ?? null,
      i.withdrawnBecause,
    ]),
    (rows) =>
      sql`INSERT INTO incident (id, series, direction, start, "end", status, severity, score, volume, buckets,
            raised, detector, cause, cause_value, strength, observed, expected, "window", storm, withdrawn_because, withdrawn_at, opened_at, closed_at)
          SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8, value->>9,
                 value->>10, value->>11, value->>12, value->>13, value->>14, value->>15, value->>16, value->>17, value->>18, value->>19,
                 CASE WHEN value->>19 IS NULL THEN NULL ELSE ${now} END, ${now}, CASE WHEN value->>5 = 'open' THEN NULL ELSE ${now} END FROM json_each(${rows}) WHERE true
          ON CONFLICT (id) DO UPDATE SET start = excluded.start, "end" = excluded."end", status = excluded.status,
            severity = excluded.severity, score = excluded.score, volume = excluded.volume, buckets = excluded.buckets,
            detector = excluded.detector, cause = excluded.cause, cause_value = excluded.cause_value, strength = excluded.strength,
            observed = excluded.observed, expected = excluded.expected, "window" = excluded."window", storm = excluded.storm,
            withdrawn_because = excluded.withdrawn_because,
            withdrawn_at = CASE WHEN excluded.withdrawn_because IS NULL THEN NULL ELSE COALESCE(incident.withdrawn_at, excluded.withdrawn_at) END,
            closed_at = CASE WHEN excluded.status = 'open' THEN NULL WHEN incident.status = 'open' THEN ${now} ELSE incident.closed_at END`,
  );
}
