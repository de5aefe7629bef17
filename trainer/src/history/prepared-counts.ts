import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '@tidemark/shared/errors';
import { COUNTED, elementAt, type PartSeries, type Series, type SeriesCounts } from '@tidemark/shared/forecasting';
import { type Duck, literal, openDuck } from '@tidemark/shared/warehouse/duckdb';

/**
 * `series/counts.parquet`, one row per series, bucket and value of a dimension, and one with an empty `dimension` and
 * `value` for the bucket as a whole: `series` VARCHAR, `bucket` BIGINT, `dimension` VARCHAR, `value` VARCHAR,
 * `attempts`, `approved`, `sales` BIGINT, `log_sum`, `log_squares`, `refunds` DOUBLE. Buckets in which a value was not seen, and
 * those of which nothing is known, have no row.
 */
function countsFile(workFolder: string): string {
  return join(workFolder, 'series', 'counts.parquet');
}

/** A series with what was counted beside its money. */
interface Counted {
  readonly series: Series;
  readonly counts?: SeriesCounts | null;
}

/** Writes the counts of a work folder's series, replacing what was there in one step. */
export async function writePreparedCounts(duck: Duck, workFolder: string, all: readonly Counted[]): Promise<void> {
  await duck.run(`CREATE TABLE prepared_counts (series VARCHAR, bucket BIGINT, dimension VARCHAR, value VARCHAR,
    attempts BIGINT, approved BIGINT, sales BIGINT, log_sum DOUBLE, log_squares DOUBLE, refunds DOUBLE)`);
  await duck.append('prepared_counts', (appender) => {
    const row = (id: string, bucket: number, [dimension, value]: readonly [string, string], numbers: number[]) => {
      appender.appendVarchar(id);
      appender.appendBigInt(BigInt(bucket));
      appender.appendVarchar(dimension);
      appender.appendVarchar(value);
      for (const count of numbers.slice(0, 3)) appender.appendBigInt(BigInt(count));
      for (const sum of numbers.slice(3)) appender.appendDouble(sum);
      appender.endRow();
    };
    for (const { series, counts } of all) {
      if (!counts) continue;
      for (let index = 0; index < series.values.length; index++) {
        if (Number.isNaN(counts.attempts[index])) continue;
        const bucket = series.firstBucket + index;
        row(
          series.id,
          bucket,
          ['', ''],
          COUNTED.map((name) => elementAt(counts[name], index)),
        );
        for (const { dimension, value, attempts, approved } of counts.parts) {
          if (attempts[index] === 0) continue;
          row(
            series.id,
            bucket,
            [dimension, value],
            [elementAt(attempts, index), elementAt(approved, index), 0, 0, 0, 0],
          );
        }
      }
    }
  });
  await duck.writeParquet('SELECT * FROM prepared_counts', countsFile(workFolder));
}

/**
 * What was counted for the prepared series of a work folder, by id; empty where they were prepared without counts.
 * @throws UserError `unreadable-series` when the file is not of this form.
 */
export async function readPreparedCounts(
  workFolder: string,
  all: readonly Series[],
): Promise<ReadonlyMap<string, SeriesCounts>> {
  const file = countsFile(workFolder);
  if (!existsSync(file)) return new Map();
  const duck = await openDuck();
  try {
    const found = collectCounts(all);
    await duck
      .chunks<Columns>(
        `SELECT series, bucket::DOUBLE, dimension, value, attempts::DOUBLE, approved::DOUBLE, sales::DOUBLE, log_sum, log_squares, refunds
         FROM read_parquet(${literal(file)})`,
        found.take,
      )
      .catch((cause: unknown) => {
        throw new UserError(
          'unreadable-series',
          `not a Parquet file of counts: ${file}; run \`trainer prepare\` again`,
          {
            cause,
          },
        );
      });
    return found.end();
  } finally {
    duck.close();
  }
}

type Columns = [string[], number[], string[], string[], number[], number[], number[], number[], number[], number[]];
/** Counts of a series as they are collected. */
interface Collected {
  readonly counts: SeriesCounts & { parts: PartSeries[] };
  /** By `nameOf`. */
  readonly partOf: Map<string, PartSeries>;
}

/** A part by its dimension and value, in an order that is the same everywhere. */
const nameOf = ({ dimension, value }: Pick<PartSeries, 'dimension' | 'value'>) => `${dimension}\n${value}`;

/** Puts counts of series together of rows that come some at a time. */
function collectCounts(all: readonly Series[]) {
  const seriesOf = new Map(all.map((series) => [series.id, series]));
  const found = new Map<string, Collected>();
  const collectedOf = ({ id, values: { length } }: Series): Collected => {
    const known = found.get(id);
    if (known) return known;
    const unknown = () => new Float64Array(length).fill(Number.NaN);
    const counts = {
      attempts: unknown(),
      approved: unknown(),
      sales: unknown(),
      logSum: unknown(),
      logSquares: unknown(),
      refunds: unknown(),
      parts: [],
    };
    const collected = { counts, partOf: new Map() };
    found.set(id, collected);
    return collected;
  };
  const partIn = ({ counts, partOf }: Collected, dimension: string, value: string): PartSeries => {
    const name = nameOf({ dimension, value });
    const known = partOf.get(name);
    if (known) return known;
    const none = () => new Float64Array(counts.attempts.length);
    const part = { dimension, value, attempts: none(), approved: none() };
    partOf.set(name, part);
    counts.parts.push(part);
    return part;
  };
  const take = ([ids, buckets, dimensions, values, ...numbers]: Columns) => {
    for (let row = 0; row < ids.length; row++) {
      const series = seriesOf.get(elementAt(ids, row));
      const index = elementAt(buckets, row) - (series?.firstBucket ?? 0);
      if (!series || index < 0 || index >= series.values.length) continue;
      const collected = collectedOf(series);
      const dimension = elementAt(dimensions, row);
      if (dimension === '') {
        COUNTED.forEach((name, place) => {
          collected.counts[name][index] = elementAt(elementAt(numbers, place), row);
        });
        continue;
      }
      const part = partIn(collected, dimension, elementAt(values, row));
      part.attempts[index] = elementAt(numbers[0], row);
      part.approved[index] = elementAt(numbers[1], row);
    }
  };
  return { take, end: () => new Map([...found].map(([id, { counts }]) => [id, withUnknownParts(counts)])) };
}

/** Counts with their parts in order, which are unknown where the whole is. */
function withUnknownParts(counts: Collected['counts']): SeriesCounts {
  const { attempts, parts } = counts;
  parts.sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
  for (const part of parts) {
    for (let index = 0; index < attempts.length; index++) {
      if (Number.isNaN(attempts[index])) part.attempts[index] = part.approved[index] = Number.NaN;
    }
  }
  return counts;
}
