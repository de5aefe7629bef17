import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { UserError } from '@tidemark/shared/errors';
import { z } from 'zod';
import { dropPartial, writeJson } from '../write-file.ts';
import { type Reason, SET_ASIDE } from './account.ts';

const FORMAT = 2;

const total = z.strictObject({
  gross: z.string(),
  refunds: z.string(),
  net: z.string(),
  transactions: z.int(),
});

/** Why transactions are in no bucket, and what they are worth. */
const setAside = z.partialRecord(
  z.enum(Object.keys(SET_ASIDE) as [Reason, ...Reason[]]),
  z.strictObject({ transactions: z.int(), gross: z.string(), refunds: z.string(), other: z.string() }),
);

/** One finished window: what was asked, what came, and the file's own checksum. */
const entry = z.strictObject({
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  /** SHA-256 of the statement and its parameters. */
  statement: z.string(),
  rows: z.int(),
  /** SHA-256 of the Parquet file. */
  sha256: z.string(),
  /** Newest transaction known of when the window was fetched: what is older than it by the late days will not change. */
  watermark: z.iso.datetime(),
  /** Of the whole window, those without a client included. */
  total,
  unmatched: total,
  /** Per client: transactions of merchants that the merchant table lists more than once. */
  duplicated: z.record(z.string(), z.int()),
  /** Per client: transactions that came after their bucket had been fetched as complete. */
  late: z.record(z.string(), z.int()),
  /** Transactions of the window that are in none of its buckets. */
  setAside,
  scannedBytes: z.int(),
});

const manifest = z.strictObject({
  format: z.literal(FORMAT),
  source: z.strictObject({ kind: z.enum(['duckdb', 'athena']), place: z.string() }),
  stepMs: z.int(),
  decimals: z.int(),
  /** Names of the dimensions by whose values attempts were counted. */
  dimensions: z.array(z.string()).default([]),
  /** What the buckets are of: a change of it makes every window void. */
  tables: z.string(),
  /** Newest transaction of the log. */
  watermark: z.iso.datetime(),
  /** Transactions that lie in no window. */
  setAside,
  /** False while a fetch is under way, or after one that did not end. */
  complete: z.boolean(),
  /** Finished windows by month. */
  windows: z.record(z.string(), entry),
});

export type Entry = z.infer<typeof entry>;
export type Manifest = z.infer<typeof manifest>;

/** Folder of the fetched buckets inside a work folder. */
export function historyFolder(workFolder: string): string {
  return join(workFolder, 'history');
}

/** The Parquet file of one month's buckets. */
export function bucketFile(workFolder: string, month: string): string {
  return join(historyFolder(workFolder), 'buckets', `${month}.parquet`);
}

/**
 * Reads a work folder's manifest, or `null` where there is none yet.
 * @throws UserError `unreadable-manifest` for a foreign or newer one.
 */
export async function readManifest(workFolder: string): Promise<Manifest | null> {
  const file = join(historyFolder(workFolder), 'manifest.json');
  if (!existsSync(file)) return null;
  const remedy = `delete ${historyFolder(workFolder)} to fetch anew`;
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new UserError('unreadable-manifest', `not JSON: ${file}; ${remedy}`, { cause });
  }
  const format = (value as { format?: unknown } | null)?.format;
  if (format !== FORMAT) {
    const isNewer = typeof format === 'number' && format > FORMAT;
    const whose = isNewer
      ? 'a newer version of the trainer wrote it; update this one, or'
      : 'another version of the trainer wrote it;';
    throw new UserError(
      'unreadable-manifest',
      `${file}: got format ${String(format)}, expected ${FORMAT}: ${whose} ${remedy}`,
    );
  }
  const result = manifest.safeParse(value);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new UserError('unreadable-manifest', `${file}: ${issue?.path.join('.')}: ${issue?.message}; ${remedy}`);
  }
  return result.data;
}

/** Writes the manifest in one step, its months and keys in a fixed order: the same history gives the same bytes. */
export async function writeManifest(workFolder: string, value: Manifest): Promise<void> {
  const windows = Object.fromEntries(Object.entries(value.windows).sort(([a], [b]) => (a < b ? -1 : 1)));
  await writeJson(join(historyFolder(workFolder), 'manifest.json'), manifest.parse({ ...value, windows }));
}

/** Makes the folders, and clears away what a killed run left half-written. */
export async function openHistoryFolder(workFolder: string): Promise<void> {
  const buckets = join(historyFolder(workFolder), 'buckets');
  await mkdir(buckets, { recursive: true });
  for (const folder of [buckets, historyFolder(workFolder)]) await dropPartial(folder);
}

/** Deletes the files of months that the manifest does not name. */
export async function dropUnnamed(workFolder: string, value: Manifest): Promise<void> {
  const folder = join(historyFolder(workFolder), 'buckets');
  for (const name of await readdir(folder)) {
    if (!(name.replace(/\.parquet$/, '') in value.windows)) await rm(join(folder, name), { force: true });
  }
}

/** SHA-256 of a file, hexadecimal; `null` where there is none. */
export async function fileSha256(file: string): Promise<string | null> {
  if (!existsSync(file)) return null;
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** SHA-256 of any JSON value, hexadecimal. */
export function sha256Of(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
