import { explainSchema, paymentTablesSchema } from '@tidemark/shared/contract';
import { UserError } from '@tidemark/shared/errors';
import { isEncoding } from '@tidemark/shared/warehouse/encoding';
import { z } from 'zod';

/** `TIDEMARK_ATHENA`, as JSON: where queries run, and where payments lie. Credentials come from the SDK's own chain. */
const athenaSetting = z.strictObject({
  workgroup: z.string().min(1),
  catalog: z.string().min(1).default('AwsDataCatalog'),
  database: z.string().min(1),
  output: z
    .string()
    .regex(/^s3:\/\/[^/]+/)
    .optional(),
  timeoutMinutes: z.number().min(0.01).max(60).default(10),
  tables: paymentTablesSchema,
  explain: explainSchema.prefault({}),
});

export type AthenaSetting = z.output<typeof athenaSetting>;

/** `TIDEMARK_FOLDER`, as JSON: a folder of Parquet or CSV files, and the tables in it. */
const folderSetting = z.strictObject({
  folder: z.string().min(1),
  timeoutMinutes: z.number().min(0.01).max(60).default(10),
  files: z
    .strictObject({
      encoding: z
        .string()
        .refine(isEncoding, { error: 'not an encoding such as windows-1252, utf-16le or shift_jis' })
        .optional(),
      ignore: z.array(z.string().min(1)).default([]),
    })
    .prefault({}),
  tables: paymentTablesSchema.prefault({}),
  explain: explainSchema.prefault({}),
});

export type FolderSetting = z.output<typeof folderSetting>;

/**
 * Reads `TIDEMARK_ATHENA`; empty: none.
 * @throws UserError `invalid-setting` naming the field.
 */
export function parseAthena(text: string): AthenaSetting | null {
  return parsed('TIDEMARK_ATHENA', athenaSetting, '{workgroup, database, output, tables}', text);
}

/**
 * Reads `TIDEMARK_FOLDER`; empty: none.
 * @throws UserError `invalid-setting` naming the field.
 */
export function parseFolder(text: string): FolderSetting | null {
  return parsed('TIDEMARK_FOLDER', folderSetting, '{folder, tables}', text);
}

/** @param fields that are accepted, for the error. */
function parsed<Schema extends z.ZodType>(
  name: string,
  schema: Schema,
  fields: string,
  text: string,
): z.output<Schema> | null {
  const fail = (why: string, cause?: unknown) =>
    new UserError('invalid-setting', `invalid ${name}: ${why}; expected JSON ${fields}, see docs/deploy.md`, { cause });
  if (text.trim() === '') return null;
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (cause) {
    throw fail('not JSON', cause);
  }
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw fail([...(issue?.path.length ? [issue.path.join('.')] : []), issue?.message].join(': '));
}
