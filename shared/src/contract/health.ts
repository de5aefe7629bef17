import { z } from 'zod';
import { serviceIncidentRow } from './service-incident.ts';

/** Answer of `GET /v1/health`. */
export const health = z.strictObject({
  /**
   * `behind`: the newest complete bucket waits for its verdict longer than a bucket; `empty`: nothing to score yet;
   * `failing`: the live model cannot be served, or the database fails.
   */
  status: z.enum(['ok', 'behind', 'empty', 'failing']),
  now: z.iso.datetime(),
  model_version: z.string().nullable(),
  series: z.int(),
  /** Oldest newest-scored bucket among the series. */
  newest_scored: z.iso.datetime().nullable(),
  /** The database's engine. */
  engine: z.enum(['libsql', 'd1', 'postgres']),
  /** What is wrong with the service, worst first, with what to do; the same goes to webhooks. */
  incidents: z.array(serviceIncidentRow),
  /** What works but should be seen to. */
  warnings: z.array(z.string()),
  /** Series that their model could not score, and what served them instead (`null`: nothing could); at most 100. */
  series_faults: z.array(z.strictObject({ series: z.string(), served_by: z.string().nullable(), reason: z.string() })),
  /** Time between the end of that bucket and now. */
  lag_minutes: z.number().nullable(),
  last_cycle: z
    .strictObject({
      trigger: z.string(),
      started_at: z.iso.datetime(),
      finished_at: z.iso.datetime().nullable(),
      error: z.string().nullable(),
    })
    .nullable(),
});

export type Health = z.infer<typeof health>;
