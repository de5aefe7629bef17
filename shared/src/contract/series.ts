import { z } from 'zod';
import { MEASURES, SERVED_BY } from '../vocabulary.ts';
import { nameSchema } from './name.ts';

/** One row of `GET /v1/series`; the CSV header is `SERIES_COLUMNS`, in this order. */
export const seriesRow = z.strictObject({
  series: z.string(),
  measure: z.enum(MEASURES),
  step_minutes: z.number(),
  time_zone: z.string(),
  first_bucket: z.iso.datetime(),
  /** Newest bucket with a complete actual. */
  newest_bucket: z.iso.datetime(),
  /** Newest bucket that was judged; bands reach 24 hours beyond it. */
  newest_scored: z.iso.datetime().nullable(),
  served_by: z.enum(SERVED_BY).nullable(),
  /** For a group: its members, joined by `; `. */
  members: z.string().nullable(),
  /** Why that one serves it, in words for people. */
  served_because: z.string().nullable(),
  /** Hours after which an outage that begins now would be noticed; null where none could be told from chance. */
  outage_noticed_hours: z.number().nullable(),
  /** The same for one that begins at the worst time of the day. */
  outage_noticed_hours_at_worst: z.number().nullable(),
  /** The two in words for people, or why there is no such promise. */
  promise: z.string().nullable(),
  /** The rules that its bands are judged by, as JSON, for the visual; the same for all series. */
  alarm_rules: z.string(),
});

export type SeriesRow = z.infer<typeof seriesRow>;

/** CSV header of `GET /v1/series`. */
export const SERIES_COLUMNS = Object.keys(seriesRow.shape) as (keyof SeriesRow)[];

const numbers = z.array(z.number().nullable()).max(200_000);

/** What was counted beside the money; each list is as long as `values`, `null` where nothing is known. */
export const pushedCounts = z.strictObject({
  /** Sales whatever their status. */
  attempts: numbers,
  /** Sales that were approved. */
  approved: numbers,
  /** Approved sales of more than 0, over which the two sums are Σ ln(amount) and Σ ln(amount)². */
  sales: numbers,
  log_sum: numbers,
  log_squares: numbers,
  /** Money given back, positive; without it, a loss is not told apart by refunds. */
  refunds: numbers.optional(),
});

/** Attempts by one value of a dimension; each list is as long as `values`. */
export const pushedPart = z.strictObject({
  /** What the column means: `channel`, `issuer`. */
  dimension: z.string().min(1).max(100),
  value: z.string().max(200),
  attempts: numbers,
  approved: numbers,
});

/** One series in the body of `PUT /v1/actuals`: consecutive buckets from `start`. */
export const pushedSeries = z.strictObject({
  series: nameSchema,
  /** Unless given, what is stored; for a new series the measure of the live model, or `net` before there is one. */
  measure: z.enum(MEASURES).optional(),
  /** Start of the first bucket given, on a bucket boundary. */
  start: z.iso.datetime({ offset: true }),
  /** Volume per bucket; `null` where nothing is known because the feed was down. */
  values: z.array(z.number().nullable()).min(1).max(200_000),
  /** Whether the last bucket is still open: it is shown but never judged. */
  open: z.boolean().default(false),
  /** First origin for which bands are issued; unless given, the configured backfill before the newest bucket. */
  score_from: z.iso.datetime({ offset: true }).optional(),
  /** For a group: the clients it sums; empty: all. */
  members: z.array(nameSchema).max(10_000).optional(),
  /** With them, detectors watch attempts, approvals and tickets beside the money's band. */
  counts: pushedCounts.optional(),
  /** Of each dimension the values seen most, the rest as one called `other`. */
  parts: z.array(pushedPart).max(10_000).optional(),
});

/** Body of `PUT /v1/actuals`. */
export const pushedActuals = z.strictObject({
  /** Length of the buckets, in minutes; unless given, that of what is stored, and of the first push 120. */
  step_minutes: z.number().positive().max(1440).optional(),
  series: z.array(pushedSeries).min(1).max(10_000),
});

export type PushedSeries = z.input<typeof pushedSeries>;
export type PushedActuals = z.input<typeof pushedActuals>;
