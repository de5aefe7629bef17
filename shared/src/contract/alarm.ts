import { z } from 'zod';
import { DIRECTIONS, INCIDENT_STATUSES, LABELS, SEVERITIES } from '../vocabulary.ts';

/** One incident as `GET /v1/alarms` gives it; the CSV header is `ALARM_COLUMNS`, in this order. */
export const alarmRow = z.strictObject({
  id: z.string(),
  series: z.string(),
  direction: z.enum(DIRECTIONS),
  severity: z.enum(SEVERITIES),
  status: z.enum(INCIDENT_STATUSES),
  /** Start of the first flagged bucket. */
  start: z.iso.datetime(),
  /** End of the last flagged bucket. */
  end: z.iso.datetime(),
  start_local: z.string(),
  end_local: z.string(),
  buckets: z.int(),
  /** The highest, in band widths. */
  score: z.number(),
  /** Σ (actual − forecast median) over the flagged buckets, in money: negative was lost, positive came in excess. */
  volume: z.number(),
  /** For a group: the members that moved most with it, as `member volume` joined by `; `. */
  contributors: z.string().nullable(),
  acknowledged_at: z.iso.datetime().nullable(),
  acknowledged_by: z.string().nullable(),
  label: z.enum(LABELS).nullable(),
  note: z.string().nullable(),
  /** End of the bucket with which it was first known; never rewritten. */
  raised_at: z.iso.datetime(),
  /** What has seen it: `band`, `attempts`, `approval`, `ticket`, `storm`, or of a dimension, say, `issuer-share` or `issuer-approval`. */
  detector: z.string(),
  /** What the trouble is in: `attempts`, `approval`, `ticket`, or a dimension's name; null where only money is known. */
  cause: z.string().nullable(),
  /** Which value of the dimension. */
  cause_value: z.string().nullable(),
  /** How unlikely calm data are to look like this, −ln p. */
  strength: z.number().nullable(),
  /** What was seen and expected in the strongest window: attempts, a share, or a mean ticket. */
  observed: z.number().nullable(),
  expected: z.number().nullable(),
  /** The trouble of many series that it is part of. */
  storm: z.string().nullable(),
  /** What happened, in a sentence. */
  sentence: z.string(),
  /** Net money seen less net money expected over its buckets; null where it cannot be told. */
  money: z.number().nullable(),
  /** What of it attempts, approval, ticket and refunds made; they add up to it. */
  money_attempts: z.number().nullable(),
  money_approval: z.number().nullable(),
  money_ticket: z.number().nullable(),
  money_refunds: z.number().nullable(),
  /** Where it lies: the parts that carry it, or that it is everywhere alike, in a few words. */
  where: z.string().nullable(),
  /** When it was withdrawn, and why, in words for people: what was learned later showed no trouble. */
  withdrawn_at: z.iso.datetime().nullable(),
  withdrawn_because: z.string().nullable(),
});

export type AlarmRow = z.infer<typeof alarmRow>;

/** CSV header of `GET /v1/alarms`. */
export const ALARM_COLUMNS = Object.keys(alarmRow.shape) as (keyof AlarmRow)[];
