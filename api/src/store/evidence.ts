import { sql } from 'drizzle-orm';
import type { IncidentEvidence } from './rows.ts';

/** Columns of an incident's evidence, of a table `incident i`. */
export const EVIDENCE_COLUMNS = sql`i.detector, i.cause, i.cause_value AS "causeValue", i.strength, i.observed, i.expected,
  i."window", i.storm`;

type EvidenceColumns = { readonly [Key in keyof IncidentEvidence]: IncidentEvidence[Key] | null };

/** A row with its evidence columns as one field, `null` for an incident of the band. */
export function withEvidence<Row extends EvidenceColumns>(
  row: Row,
): Omit<Row, keyof IncidentEvidence> & { evidence: IncidentEvidence | null } {
  const { detector, cause, causeValue, strength, observed, expected, window, storm, ...rest } = row;
  if (cause === null) return { ...rest, evidence: null };
  return {
    ...rest,
    evidence: {
      detector: detector ?? 'band',
      cause,
      causeValue,
      strength: strength ?? 0,
      observed: observed ?? 0,
      expected: expected ?? 0,
      window: window ?? 1,
      storm,
    },
  };
}
