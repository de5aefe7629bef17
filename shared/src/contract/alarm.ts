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
});

export type AlarmRow = z.infer<typeof alarmRow>;

/** CSV header of `GET /v1/alarms`. */
export const ALARM_COLUMNS = Object.keys(alarmRow.shape) as (keyof AlarmRow)[];
