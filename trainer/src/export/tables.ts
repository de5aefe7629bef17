import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { bandAt, bucketStart } from '@tidemark/shared/forecasting';
import { type Duck, openDuck } from '@tidemark/shared/warehouse/duckdb';
import type { Replay } from './replay.ts';

export const FORMATS = ['parquet', 'csv'] as const;
export type Format = (typeof FORMATS)[number];

/** Columns of each exported table and their types; times are UTC, `*_end` is exclusive. */
export const TABLES = {
  bands: {
    series: 'VARCHAR',
    bucket_start: 'TIMESTAMP',
    bucket_end: 'TIMESTAMP',
    origin_end: 'TIMESTAMP',
    horizon: 'INTEGER',
    forecast: 'DOUBLE',
    lower_95: 'DOUBLE',
    upper_95: 'DOUBLE',
    lower_99: 'DOUBLE',
    upper_99: 'DOUBLE',
    served_by: 'VARCHAR',
    model_version: 'VARCHAR',
  },
  verdicts: {
    series: 'VARCHAR',
    bucket_start: 'TIMESTAMP',
    bucket_end: 'TIMESTAMP',
    actual: 'DOUBLE',
    forecast: 'DOUBLE',
    lower: 'DOUBLE',
    upper: 'DOUBLE',
    deviation: 'DOUBLE',
    score: 'DOUBLE',
    direction: 'VARCHAR',
    severity: 'VARCHAR',
    alarm: 'BOOLEAN',
    model_version: 'VARCHAR',
  },
  incidents: {
    series: 'VARCHAR',
    incident_start: 'TIMESTAMP',
    incident_end: 'TIMESTAMP',
    open: 'BOOLEAN',
    direction: 'VARCHAR',
    severity: 'VARCHAR',
    score: 'DOUBLE',
    volume: 'DOUBLE',
    buckets: 'INTEGER',
    model_version: 'VARCHAR',
  },
} as const satisfies Record<string, Record<string, 'VARCHAR' | 'TIMESTAMP' | 'INTEGER' | 'DOUBLE' | 'BOOLEAN'>>;

type Table = keyof typeof TABLES;
type Cell = string | number | boolean | null;

/** Names of the exported tables, each a file. */
export const TABLE_NAMES = Object.keys(TABLES) as Table[];

/**
 * Writes bands, verdicts and incidents as one file each, in order of series and time.
 * @returns rows by table.
 */
export async function writeTables(
  folder: string,
  format: Format,
  replays: Iterable<Replay>,
  modelVersion: string,
): Promise<Record<Table, number>> {
  await mkdir(folder, { recursive: true });
  const duck = await openDuck();
  try {
    for (const name of TABLE_NAMES) {
      const columns = Object.entries(TABLES[name]).map(
        ([column, type]) => `${column} ${type === 'TIMESTAMP' ? 'BIGINT' : type}`,
      );
      await duck.run(`CREATE TABLE ${name} (${columns.join(', ')})`);
    }
    for (const one of replays) {
      for (const name of TABLE_NAMES) await append(duck, name, ROWS[name](one, modelVersion));
    }
    const counts: Record<Table, number> = { bands: 0, verdicts: 0, incidents: 0 };
    for (const name of TABLE_NAMES) {
      counts[name] = (await duck.rows<{ n: number }>(`SELECT count(*)::DOUBLE AS n FROM ${name}`))[0]?.n ?? 0;
      await write(duck, name, join(folder, `${name}.${format}`), format);
    }
    return counts;
  } finally {
    duck.close();
  }
}

/** Times are appended as epoch ms. */
async function write(duck: Duck, name: Table, file: string, format: Format): Promise<void> {
  const times = Object.entries(TABLES[name]).flatMap(([column, type]) => (type === 'TIMESTAMP' ? [column] : []));
  const order = name === 'bands' ? 'series, origin_end, horizon' : `series, ${times[0]}`;
  const written = times.map((column) => {
    const time = `make_timestamp(${column} * 1000)`;
    return `${format === 'csv' ? `strftime(${time}, '%Y-%m-%dT%H:%M:%SZ')` : time} AS ${column}`;
  });
  const query = `SELECT * REPLACE (${written.join(', ')}) FROM (SELECT * FROM ${name} ORDER BY ${order})`;
  await (format === 'csv' ? duck.writeCsv(query, file) : duck.writeParquet(query, file));
}

async function append(duck: Duck, name: Table, rows: Iterable<readonly Cell[]>): Promise<void> {
  const types = Object.values(TABLES[name]);
  await duck.append(name, (appender) => {
    for (const row of rows) {
      row.forEach((cell, at) => {
        if (cell === null) appender.appendNull();
        else if (typeof cell === 'string') appender.appendVarchar(cell);
        else if (typeof cell === 'boolean') appender.appendBoolean(cell);
        else if (types[at] === 'TIMESTAMP') appender.appendBigInt(BigInt(cell));
        else if (types[at] === 'INTEGER') appender.appendInteger(cell);
        else appender.appendDouble(cell);
      });
      appender.endRow();
    }
  });
}

const ROWS: Readonly<Record<Table, (replay: Replay, modelVersion: string) => Iterable<readonly Cell[]>>> = {
  *bands({ series, stepMs, bands }, modelVersion) {
    for (const { origin, horizon, fan, servedBy } of bands) {
      const at = (bucket: number) => bucketStart(bucket, stepMs);
      const [narrow, wide] = [bandAt(fan, 0.95), bandAt(fan, 0.99)];
      const times = [at(origin + horizon), at(origin + horizon + 1), at(origin + 1)];
      const limits = [narrow.lower, narrow.upper, wide.lower, wide.upper].map(cents);
      yield [series, ...times, horizon, cents(fan.median), ...limits, servedBy, modelVersion];
    }
  },
  *verdicts({ series, stepMs, verdicts, alarming }, modelVersion) {
    for (const verdict of verdicts) {
      const { bucket, actual, median, band, deviation, score, direction, severity } = verdict;
      const times = [bucketStart(bucket, stepMs), bucketStart(bucket + 1, stepMs)];
      const money = [actual, median, band.lower, band.upper, deviation].map(cents);
      yield [series, ...times, ...money, score, direction, severity, alarming.has(verdict), modelVersion];
    }
  },
  *incidents({ series, stepMs, incidents }, modelVersion) {
    for (const { start, end, open, direction, severity, score, volume, buckets } of incidents) {
      const times = [bucketStart(start, stepMs), bucketStart(end + 1, stepMs)];
      yield [series, ...times, open, direction, severity, score, cents(volume), buckets, modelVersion];
    }
  },
};

function cents(value: number): number {
  return Math.round(value * 100) / 100;
}
