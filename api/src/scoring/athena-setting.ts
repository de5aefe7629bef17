import { UserError } from '@tidemark/shared/errors';
import { z } from 'zod';

/** `TIDEMARK_ATHENA`, as JSON: where queries run, and where payments lie. Credentials come from the SDK's own chain. */
export const athenaSetting = z.strictObject({
  workgroup: z.string().min(1),
  catalog: z.string().min(1).default('AwsDataCatalog'),
  database: z.string().min(1),
  output: z
    .string()
    .regex(/^s3:\/\/[^/]+/)
    .optional(),
  timeoutMinutes: z.number().min(0.01).max(60).default(10),
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
