import { z } from 'zod';
import { INCIDENT_STATUSES, SEVERITIES } from '../vocabulary.ts';

/** Troubles of many clients at once, as `GET /v1/storms` gives them; the CSV header is `STORM_COLUMNS`, in this order. */
export const stormRow = z.strictObject({
  id: z.string(),
  /** What fell: `attempts`, `approval`, or a dimension and its value: `issuer=E1`. */
  cause: z.string(),
  severity: z.enum(SEVERITIES),
  status: z.enum(INCIDENT_STATUSES),
  /** Start of its first bucket. */
  start: z.iso.datetime(),
  /** End of its last bucket. */
  end: z.iso.datetime(),
  start_local: z.string(),
  end_local: z.string(),
  /** End of the bucket with which it was known. */
  raised_at: z.iso.datetime(),
  /** Clients in it, and clients that were counted when it began. */
  members: z.int(),
  watched: z.int(),
  /** What its members lost together, in money: negative. */
  volume: z.number(),
  /** The members that lost most, as `member volume` joined by `; `. */
  largest: z.string(),
  /** Attempts, or shares approved, of its members together. */
  observed: z.number(),
  expected: z.number(),
  /** What happened, in a sentence. */
  sentence: z.string(),
  /** When it was withdrawn, and why, in words for people: what was learned later showed no trouble. */
  withdrawn_at: z.iso.datetime().nullable(),
  withdrawn_because: z.string().nullable(),
});

export type StormRow = z.infer<typeof stormRow>;

/** CSV header of `GET /v1/storms`. */
export const STORM_COLUMNS = Object.keys(stormRow.shape) as (keyof StormRow)[];
