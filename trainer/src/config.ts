import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  clientsSchema,
  dimensionsSchema,
  merchantsSchema,
  stepHoursSchema,
  tableNameSchema,
  timeZoneSchema,
  transactionsSchema,
} from '@tidemark/shared/contract';
import { UserError } from '@tidemark/shared/errors';
import { HOUR_MS } from '@tidemark/shared/forecasting';
import { MEASURES } from '@tidemark/shared/vocabulary';
import { isEncoding } from '@tidemark/shared/warehouse/encoding';
import { z } from 'zod';
import { readJsonFile } from './json-file.ts';

const groups = z.strictObject({
  eachClient: z.boolean().default(true).describe('Every client is a series'),
  named: z
    .record(tableNameSchema, z.union([z.literal('all'), z.array(tableNameSchema).min(1)]))
    .default({ total: 'all' })
    .describe('Sums of clients, by name'),
});

const files = z.strictObject({
  encoding: z
    .string()
    .refine(isEncoding, { error: 'not an encoding such as windows-1252, utf-16le or shift_jis' })
    .optional()
    .describe('Of CSV files that are neither UTF-8 nor begin with a byte order mark'),
  ignore: z
    .array(tableNameSchema)
    .default([])
    .describe('Files of the history folder that are not to be read; * stands for anything'),
});

const gap = z
  .strictObject({ from: z.iso.datetime(), to: z.iso.datetime() })
  .refine(({ from, to }) => Date.parse(to) > Date.parse(from), { error: 'it ends before it begins' });

const localDate = z.iso.date({ error: 'not a date such as 2026-11-27' });

/** Of `calendar.paydays`, and of `--paydays` once it is split at its commas. */
export const paydaysSchema = z.array(
  z
    .union([z.number(), z.string()])
    .refine((day): day is number | 'last' => day === 'last' || (Number.isInteger(day) && +day >= 1 && +day <= 31), {
      error: 'not a day of the month from 1 to 31 or "last"',
    }),
);

/** Of `calendar.events`, and of the file `--events` names. */
export const eventsSchema = z.array(
  z
    .strictObject({
      name: tableNameSchema.describe(
        'The same name again is the same event again: what it did before is expected then',
      ),
      from: localDate.describe("First local date, in the merchants' zone; it may lie ahead"),
      to: localDate.optional().describe('Last local date; absent: one day'),
    })
    .refine(({ from, to = from }) => to >= from, { error: 'it ends before it begins' }),
);

const calendar = z.strictObject({
  country: tableNameSchema
    .optional()
    .describe("ISO 3166-1 code of the merchants' country, whose public holidays count"),
  region: tableNameSchema.optional().describe('ISO 3166-2 code without the country: ENG of GB-ENG'),
  paydays: paydaysSchema
    .default([])
    .describe('Days of the month on which wages come; moved before weekends and holidays'),
  events: eventsSchema.default([]).describe('Known sales, closures and the like'),
  use: z
    .enum(['if-no-worse', 'always', 'never'])
    .default('if-no-worse')
    .describe('Use all this if held-out weeks are forecast no worse with it, always, or never'),
});

const athena = z.strictObject({
  concurrency: z.int().min(1).max(50).default(8).describe('Queries under way at once'),
  pricePerTb: z.number().min(0).default(5).describe('Of scanned data, in the currency of your bill'),
  reuseMinutes: z.int().min(0).max(10_080).default(0).describe('Accept results Athena computed this recently; 0 never'),
  timeoutMinutes: z.number().positive().max(720).default(30).describe('Of one query; it is stopped after that'),
});

/** What `tidemark.config.json` holds; every key has a default that fits the sample tables. */
export const configSchema = z.strictObject({
  $schema: z.string().optional(),
  transactions: transactionsSchema.prefault({}),
  merchants: merchantsSchema.prefault({}),
  dimensions: z
    .union([z.literal('auto'), dimensionsSchema])
    .default('auto')
    .describe(
      'Columns by whose values attempts are counted too, by what they mean: {"channel": "canal"}; auto: those of known names',
    ),
  files: files.prefault({}),
  clients: clientsSchema.describe('Clients to fetch'),
  groups: groups.prefault({}),
  measure: z.enum(MEASURES).default('net'),
  timeZone: timeZoneSchema.default('UTC').describe("The merchants' own zone, for calendar features"),
  stepHours: stepHoursSchema,
  lateDays: z.int().min(0).max(366).default(3).describe('Trailing days that are fetched again on every run'),
  calendar: calendar.prefault({}),
  feedGaps: z.array(gap).default([]).describe('Known times without data, besides those that are found'),
  athena: athena.prefault({}),
});

/** The checked configuration. */
export type Config = z.output<typeof configSchema> & {
  /** Set by a source of text files: the time column holds its type's values as ISO text. */
  readonly transactions: { readonly time: { readonly asText?: boolean } };
};

/** File name looked for in the current folder and in the history folder. */
export const CONFIG_FILE = 'tidemark.config.json';

/** Bucket length of a configuration, in ms. */
export function stepMsOf(config: Config): number {
  return config.stepHours * HOUR_MS;
}

/**
 * Reads the configuration: the file given, else `tidemark.config.json` here, else the one beside the history, else
 * the defaults.
 * @throws UserError `config-not-found` or `invalid-config`, naming the file, the key and what is accepted.
 */
export function loadConfig(file: string | undefined, historyFolder?: string): Config {
  if (file !== undefined && !existsSync(file))
    throw new UserError('config-not-found', `no configuration file: ${file}`);
  const beside = historyFolder === undefined ? [] : [join(historyFolder, CONFIG_FILE)];
  const found = file ?? [CONFIG_FILE, ...beside].find((candidate) => existsSync(candidate));
  return found === undefined ? parseConfig({}, 'defaults') : parseConfig(readJsonFile(found), found);
}

/** Checks a configuration that has been read; `origin` names it in messages. */
export function parseConfig(value: unknown, origin: string): Config {
  return parseWith(configSchema, value, origin);
}

/**
 * Checks what was read from `origin`, or a part of a configuration.
 * @throws UserError `invalid-config` naming origin, key, value and what is accepted.
 */
export function parseWith<T extends z.ZodType>(schema: T, value: unknown, origin: string): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => {
    const key = issue.path.join('.') || '(top level)';
    if (issue.code === 'unrecognized_keys') {
      const unknown = issue.keys.map((name) => JSON.stringify(name)).join(', ');
      return `${key}: unrecognised ${unknown}; accepted are ${acceptedKeys(schema, issue.path).join(', ')}`;
    }
    const given = issue.path.reduce<unknown>(
      (at, step) => (at as Record<PropertyKey, unknown> | undefined)?.[step],
      value,
    );
    return `${key}: ${issue.message}${given === undefined || typeof given === 'object' ? '' : `: ${JSON.stringify(given)}`}`;
  });
  throw new UserError('invalid-config', `invalid configuration in ${origin}; ${lines.join('; ')}`);
}

/** The keys that the object at `path` may have. */
function acceptedKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  for (const step of path) {
    const inner: JsonSchema | undefined = at.properties?.[String(step)] ?? at.items ?? at.additionalProperties;
    if (inner === undefined) return [];
    at = inner.anyOf?.find((one) => one.properties) ?? inner;
  }
  return Object.keys(at.properties ?? {});
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}
