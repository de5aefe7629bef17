import {
  bucketStart,
  feedGaps,
  HOUR_MS,
  layOutBuckets,
  type Measure,
  type SparseBucket,
  UserError,
} from '@tidemark/shared';
import { BUCKET_COLUMNS, bucketStatement, type PaymentTables } from '@tidemark/shared/athena';
import { type Athena, type Pace, resultRows, runQuery, USUAL_PACE } from '@tidemark/shared/athena/client';
import { z } from 'zod';
import type { ActualsSource } from './source.ts';

/** `TIDEMARK_ATHENA`, as JSON: where queries run, and where payments lie. Credentials come from the SDK's own chain. */
export const athenaSetting = z.strictObject({
  workgroup: z.string().min(1),
  catalog: z.string().min(1).default('AwsDataCatalog'),
  database: z.string().min(1),
  output: z
    .string()
    .regex(/^s3:\/\/[^/]+/)
    .optional(),
  timeoutMinutes: z.number().min(1).max(60).default(10),
  tables: z.strictObject({
    transactions: z.strictObject({
      table: z.string(),
      time: z.strictObject({
        column: z.string(),
        type: z.enum(['timestamp', 'timestamptz', 'date']).default('timestamp'),
        zone: z.string().default('UTC'),
      }),
      partition: z
        .strictObject({
          column: z.string(),
          type: z.enum(['date', 'timestamp', 'string']),
          format: z.enum(['YYYY-MM-DD', 'YYYYMMDD', 'YYYY-MM']),
        })
        .optional(),
      merchant: z.string(),
      amount: z.string(),
      decimals: z.int().min(0).max(6).default(2),
      status: z
        .strictObject({ column: z.string(), accepted: z.array(z.string()).min(1) })
        .nullable()
        .default(null),
      type: z
        .strictObject({ column: z.string(), sales: z.array(z.string()).min(1), refunds: z.array(z.string()) })
        .nullable()
        .default(null),
    }),
    merchants: z.strictObject({ table: z.string(), key: z.string(), client: z.string() }),
    clients: z.union([z.literal('all'), z.array(z.string()).min(1)]).default('all'),
    stepHours: z.number().default(2),
  }),
});

export type AthenaSetting = z.output<typeof athenaSetting>;

/**
 * Reads `TIDEMARK_ATHENA`; empty: no source, actuals are pushed.
 * @throws UserError `invalid-setting` naming the field.
 */
export function parseAthena(text: string): AthenaSetting | null {
  if (text.trim() === '') return null;
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (cause) {
    throw new UserError('invalid-setting', 'invalid TIDEMARK_ATHENA: not JSON', { cause });
  }
  const parsed = athenaSetting.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new UserError('invalid-setting', `invalid TIDEMARK_ATHENA: ${issue?.path.join('.')}: ${issue?.message}`);
}

/** The trailing window from Athena: one aggregating query, every known client with all buckets, zero where it was silent. */
export function athenaSource(
  athena: Athena,
  tables: PaymentTables,
  timeoutMs: number,
  pace: Pace = USUAL_PACE,
): ActualsSource {
  const stepMs = tables.stepHours * HOUR_MS;
  const column = (name: (typeof BUCKET_COLUMNS)[number]) => BUCKET_COLUMNS.indexOf(name);
  return {
    async read(from, to, measure: Measure, known) {
      const statement = bucketStatement(tables, bucketStart(from, stepMs), bucketStart(to + 1, stepMs));
      const { signal } = new AbortController();
      // No token is used twice: late payments must show in the next cycle.
      const run = crypto.randomUUID();
      const execution = await runQuery(athena, statement, {
        token: (attempt) => `tidemark-${run}-${attempt}`,
        reuseMinutes: 0,
        timeoutMs,
        signal,
        pace,
      });
      const sums = new Map<string, SparseBucket[]>(known.map((id) => [id, []]));
      const feed = new Float64Array(to - from + 1);
      for await (const rows of resultRows(athena, execution, signal, pace)) {
        for (const row of rows) {
          const client = row[column('client')];
          const bucket = Number(row[column('bucket')]);
          const transactions = Number(row[column('transactions')]);
          if (bucket >= from && bucket <= to) feed[bucket - from] = (feed[bucket - from] as number) + transactions;
          if (client === null || client === undefined) continue;
          const entry = { bucket, value: Number(row[column(measure)]), transactions };
          const entries = sums.get(client);
          if (entries) entries.push(entry);
          else sums.set(client, [entry]);
        }
      }
      const range = { first: from, end: to + 1 };
      const gaps = feedGaps(feed, from, stepMs);
      return [...sums].map(([id, entries]) => {
        const { values, states } = layOutBuckets(entries, range, gaps, to + 1);
        return {
          id,
          measure,
          scoreFrom: null,
          members: null,
          buckets: states.map((state, index) => ({
            bucket: from + index,
            value: state === 'missing' ? null : (values[index] as number),
            state,
          })),
        };
      });
    },
  };
}
