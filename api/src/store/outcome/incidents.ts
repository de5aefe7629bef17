import { type SQL, sql } from 'drizzle-orm';
import { statementsFor } from '../db.ts';
import { integerAt, realAt, textAt } from '../pieces.ts';
import type { Outcome } from './outcome.ts';

/** Inserts incidents and updates those that changed; what people said of them stays, and when they were raised. */
export function incidentStatements({ incidents }: Pick<Outcome, 'incidents'>, now: number): SQL[] {
  const at = sql`CAST(${now} AS bigint)`;
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
          SELECT ${textAt(0)}, ${integerAt(1)}, ${textAt(2)}, ${integerAt(3)}, ${integerAt(4)}, ${textAt(5)}, ${textAt(6)}, ${realAt(7)}, ${realAt(8)}, ${integerAt(9)},
                 ${integerAt(10)}, ${textAt(11)}, ${textAt(12)}, ${textAt(13)}, ${realAt(14)}, ${realAt(15)}, ${realAt(16)}, ${integerAt(17)}, ${textAt(18)}, ${textAt(19)},
                 CASE WHEN ${textAt(19)} IS NULL THEN NULL ELSE ${at} END, ${now}, CASE WHEN ${textAt(5)} = 'open' THEN NULL ELSE ${at} END FROM json_each(${rows}) j WHERE true
          ON CONFLICT (id) DO UPDATE SET start = excluded.start, "end" = excluded."end", status = excluded.status,
            severity = excluded.severity, score = excluded.score, volume = excluded.volume, buckets = excluded.buckets,
            detector = excluded.detector, cause = excluded.cause, cause_value = excluded.cause_value, strength = excluded.strength,
            observed = excluded.observed, expected = excluded.expected, "window" = excluded."window", storm = excluded.storm,
            withdrawn_because = excluded.withdrawn_because,
            withdrawn_at = CASE WHEN excluded.withdrawn_because IS NULL THEN NULL ELSE COALESCE(incident.withdrawn_at, excluded.withdrawn_at) END,
            closed_at = CASE WHEN excluded.status = 'open' THEN NULL WHEN incident.status = 'open' THEN ${at} ELSE incident.closed_at END`,
  );
}
