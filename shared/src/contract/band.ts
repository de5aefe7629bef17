import { z } from 'zod';
import { DIRECTIONS, ROW_STATES, SEVERITIES } from '../vocabulary.ts';

/** One row of `GET /v1/bands`, JSON and CSV alike; the CSV header is `BAND_COLUMNS`, in this order. */
export const bandRow = z.strictObject({
  series: z.string(),
  /** ISO 8601 UTC, e.g. `2026-03-01T14:00:00Z`. */
  bucket_start: z.iso.datetime(),
  /** The same instant as wall-clock time in the series' time zone, without offset. */
  bucket_start_local: z.string(),
  state: z.enum(ROW_STATES),
  actual: z.number().nullable(),
  forecast: z.number().nullable(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
  coverage: z.number().nullable(),
  /** Buckets between origin and this bucket. */
  horizon: z.int().nullable(),
  origin: z.iso.datetime().nullable(),
  model_version: z.string().nullable(),
  /** Side on which the actual left its band; inside it, the side of what `reason` says. */
  direction: z.enum(DIRECTIONS).nullable(),
  /** How far outside the band, in band widths; 0 inside; null where not judged. */
  score: z.number().nullable(),
  /** That of the incident that `reason` tells of; that of the band where `reason` is null. */
  severity: z.enum(SEVERITIES).nullable(),
  /** The whole fan as text, `median|lower…|upper…` at FAN_COVERAGES, for a live sensitivity slider. */
  fan: z.string().nullable(),
  /** What a detector beside the band holds against the bucket, in a sentence; null where none does. */
  reason: z.string().nullable(),
});

export type BandRow = z.infer<typeof bandRow>;

/** CSV header of `GET /v1/bands`. */
export const BAND_COLUMNS = Object.keys(bandRow.shape) as (keyof BandRow)[];
