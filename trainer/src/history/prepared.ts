import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '@tidemark/shared/errors';
import { elementAt, type Series, type SeriesCounts } from '@tidemark/shared/forecasting';
import type { BucketState, Measure } from '@tidemark/shared/vocabulary';
import { literal, openDuck } from '@tidemark/shared/warehouse/duckdb';
import { dropPartial } from '../write-file.ts';
import { writePreparedCounts } from './prepared-counts.ts';

/**
 * Columns of `series/series.parquet`, one row per series and bucket, ordered by series then bucket, hole-free:
 * `series` VARCHAR, `measure` VARCHAR, `step_ms` BIGINT, `bucket` BIGINT (number since the epoch),
 * `value` DOUBLE (NULL exactly where the state is `missing`), `state` VARCHAR, `transactions` BIGINT.
 */
const COLUMNS = ['series', 'measure', 'step_ms', 'bucket', 'value', 'state', 'transactions'] as const;

/** A series with the number of transactions behind each of its buckets. */
export interface CountedSeries {
  readonly series: Series;
  /** Same length as `series.values`. */
  readonly transactions: ArrayLike<number>;
  /** `null` where only money is known. */
  readonly counts?: SeriesCounts | null;
}

/** Something to be known of one series. */
export interface Remark {
  readonly id: string;
  /** In words for people: what is wrong, its value, what is accepted, what to do. */
  readonly why: string;
}

/** Where `prepare` puts the series inside a work folder. */
export function seriesFile(workFolder: string): string {
  return join(workFolder, 'series', 'series.parquet');
}

/** Writes the series of a work folder, replacing what was there in one step. */
export async function writePrepared(workFolder: string, all: readonly CountedSeries[]): Promise<void> {
  const folder = join(workFolder, 'series');
  await mkdir(folder, { recursive: true });
  await dropPartial(folder);
  const duck = await openDuck({ threads: 1 });
  try {
    await duck.run(`CREATE TABLE prepared (series VARCHAR, measure VARCHAR, step_ms BIGINT, bucket BIGINT,
      value DOUBLE, state VARCHAR, transactions BIGINT)`);
    await duck.append('prepared', (appender) => {
      for (const { series, transactions } of all) {
        series.states.forEach((state, index) => {
          appender.appendVarchar(series.id);
          appender.appendVarchar(series.measure);
          appender.appendBigInt(BigInt(series.stepMs));
          appender.appendBigInt(BigInt(series.firstBucket + index));
          if (state === 'missing') appender.appendNull();
          else appender.appendDouble(elementAt(series.values, index));
          appender.appendVarchar(state);
          appender.appendBigInt(BigInt(elementAt(transactions, index)));
          appender.endRow();
        });
      }
    });
    // Series come last: who finds new ones finds their counts.
    await writePreparedCounts(duck, workFolder, all);
    await duck.writeParquet('SELECT * FROM prepared', seriesFile(workFolder));
  } finally {
    duck.close();
  }
}

/**
 * The hole-free series that `trainer prepare` left in a work folder, in the order it wrote them.
 * @param onUnreadable told of each series whose buckets are not one after the other; the others are read.
 * @throws UserError `no-prepared-series` when there are none, `unreadable-series` when the file is not of this form.
 */
export async function readPrepared(
  workFolder: string,
  onUnreadable: (remark: Remark) => void = () => undefined,
): Promise<Series[]> {
  const file = seriesFile(workFolder);
  if (!existsSync(file)) {
    throw new UserError('no-prepared-series', `no prepared series at ${file}; run \`trainer prepare\` first`);
  }
  const duck = await openDuck();
  try {
    const found = await duck
      .rows<{ column_name: string }>(`DESCRIBE SELECT * FROM read_parquet(${literal(file)})`)
      .catch((cause: unknown) => {
        throw new UserError('unreadable-series', `not a Parquet file of series: ${file}`, { cause });
      });
    const names = new Set(found.map((column) => column.column_name));
    const absent = COLUMNS.filter((column) => !names.has(column));
    if (absent.length > 0) {
      throw new UserError('unreadable-series', `${file} lacks the column ${absent[0]}; run \`trainer prepare\` again`);
    }
    const columns = await duck.columns<Columns>(
      `SELECT series, measure, step_ms::DOUBLE, bucket::DOUBLE, value, state FROM read_parquet(${literal(file)})`,
    );
    return seriesOf(columns, onUnreadable);
  } finally {
    duck.close();
  }
}

type Columns = [string[], Measure[], number[], number[], (number | null)[], BucketState[]];

function seriesOf(
  [ids, measures, steps, buckets, values, states]: Columns,
  onUnreadable: (remark: Remark) => void,
): Series[] {
  const all: Series[] = [];
  for (let start = 0, end = 0; start < ids.length; start = end) {
    while (end < ids.length && ids[end] === ids[start]) end++;
    const id = elementAt(ids, start);
    const stepMs = elementAt(steps, start);
    const firstBucket = elementAt(buckets, start);
    const broken = brokenAt(buckets, start, end);
    if (broken !== null) {
      const at = new Date(elementAt(buckets, broken) * stepMs).toISOString().slice(0, 16);
      const what = buckets[broken] === buckets[broken - 1] ? 'duplicated bucket' : 'hole before the bucket';
      const why = `${what} at ${at.replace('T', ' ')} UTC; each bucket is expected once, in order: run \`trainer prepare\` again`;
      onUnreadable({ id, why });
      continue;
    }
    all.push({
      id,
      measure: elementAt(measures, start),
      stepMs,
      firstBucket,
      values: Float64Array.from(values.slice(start, end), (value) => value ?? Number.NaN),
      states: states.slice(start, end),
    });
  }
  return all;
}

/** Index of the first bucket that does not follow the one before it; `null` where all do. */
function brokenAt(buckets: readonly number[], start: number, end: number): number | null {
  for (let i = start + 1; i < end; i++) if (buckets[i] !== elementAt(buckets, i - 1) + 1) return i;
  return null;
}
