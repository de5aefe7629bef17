import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AthenaSettings, RetryPolicy } from '@tidemark/shared/warehouse/athena';
import { literal, openDuck } from '@tidemark/shared/warehouse/duckdb';
import { type Config, parseConfig } from '@tidemark/trainer/testing/config';
import type { HistorySource, Manifest } from '@tidemark/trainer/testing/history';
import {
  type Asked,
  athenaSource,
  duckdbSource,
  type FetchEvent,
  planFetch,
  runFetch,
} from '@tidemark/trainer/testing/history';

/** Waits short enough for a test. */
export const BRISK: RetryPolicy = { firstPollMs: 5, lastPollMs: 50, firstTryMs: 5, lastTryMs: 100, timeoutMs: 20_000 };

/** Points the SDK at a stand-in, with credentials that open nothing. */
export function pointSdkAt(url: string): void {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  });
}

/** Settings of a stand-in's workgroup. */
export function standIn(workgroup = 'primary', output?: string): AthenaSettings {
  return { workgroup, catalog: 'AwsDataCatalog', database: 'default', output };
}

/** A configuration from its file's text. */
export function config(value: object = {}): Config {
  return parseConfig(value, 'test');
}

/** Plans and runs a fetch, as the command does. */
export async function fetchInto(
  workFolder: string,
  source: HistorySource,
  asked: Asked = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<{ manifest: Manifest; events: FetchEvent[] }> {
  const events: FetchEvent[] = [];
  try {
    const plan = await planFetch(source, workFolder, asked, signal);
    const manifest = await runFetch(source, workFolder, plan, { signal, tell: (event) => events.push(event) });
    return { manifest, events };
  } finally {
    await source.close();
  }
}

/** The two sources by name. */
export const SOURCES = {
  duckdb: (folder: string, settings: Config) => duckdbSource(folder, settings),
  athena: (_folder: string, settings: Config) => athenaSource(settings, standIn(), BRISK),
};

/** Every bucket file of a work folder, by name. */
export async function bucketFiles(workFolder: string): Promise<Map<string, Buffer>> {
  const folder = join(workFolder, 'history', 'buckets');
  const names = (await readdir(folder)).sort();
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const)));
}

/** A row of a bucket file; money and logarithms as text, `parts` as JSON. */
interface StoredBucket {
  readonly gross: string;
  readonly refunds: string;
  readonly net: string;
  readonly transactions: number;
  readonly attempts: number;
  readonly approved: number;
  readonly sales: number;
  readonly logSum: string;
  readonly logSquares: string;
  readonly parts: string;
}

/** Rows of all bucket files as `client|bucket` → sums as text. */
export async function bucketRows(workFolder: string, stepMs: number) {
  const duck = await openDuck();
  try {
    const rows = await duck.rows<{ key: string } & StoredBucket>(
      `SELECT coalesce(client, '∅') || '|' || (epoch_ms(bucket_start) / ${stepMs})::BIGINT AS key, gross::VARCHAR AS gross,
         refunds::VARCHAR AS refunds, net::VARCHAR AS net, transactions::DOUBLE AS transactions, attempts::DOUBLE AS attempts,
         approved::DOUBLE AS approved, sales::DOUBLE AS sales, log_sum::VARCHAR AS "logSum", log_squares::VARCHAR AS "logSquares",
         to_json(parts)::VARCHAR AS parts
       FROM read_parquet(${literal(join(workFolder, 'history', 'buckets', '*.parquet'))})`,
    );
    return new Map(rows.map(({ key, ...sums }) => [key, sums]));
  } finally {
    duck.close();
  }
}
