import { paymentTablesSchema } from '@tidemark/shared/contract';
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
  tables: paymentTablesSchema,
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
