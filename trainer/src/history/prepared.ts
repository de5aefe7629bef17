import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '@tidemark/shared/errors';
import { elementAt, type Series, type SeriesCounts } from '@tidemark/shared/forecasting';
import { BUCKET_STATES, type BucketState, type Measure } from '@tidemark/shared/vocabulary';
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
  // Rows wait on the disk: in memory those of a thousand series would take gigabytes.
  const waiting = join(folder, `rows.${process.pid}.partial`);
  const duck = await openDuck({ threads: 1, memoryLimit: '512MB' });
  try {
    await duck.run(`ATTACH ${literal(waiting)} AS waiting`);
    await duck.run('USE waiting');
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
    await dropPartial(folder);
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
    const described = await duck
      .rows<{ column_name: string }>(`DESCRIBE SELECT * FROM read_parquet(${literal(file)})`)
      .catch((cause: unknown) => {
        throw new UserError('unreadable-series', `not a Parquet file of series: ${file}`, { cause });
      });
    const names = new Set(described.map((column) => column.column_name));
    const absent = COLUMNS.filter((column) => !names.has(column));
    if (absent.length > 0) {
      throw new UserError('unreadable-series', `${file} lacks the column ${absent[0]}; run \`trainer prepare\` again`);
    }
    const found = collectSeries(onUnreadable);
    await duck.chunks<Columns>(
      `SELECT series, measure, step_ms::DOUBLE, bucket::DOUBLE, value, state FROM read_parquet(${literal(file)})`,
      found.take,
    );
    return found.end();
  } finally {
    duck.close();
  }
}

type Columns = [string[], Measure[], number[], number[], (number | null)[], BucketState[]];

/** The one text of each state: those that are read would take as much memory as all the rest. */
const STATES = new Map(BUCKET_STATES.map((state) => [state, state]));

/** Puts series together of rows that come in order, some at a time. */
function collectSeries(onUnreadable: (remark: Remark) => void) {
  const all: Series[] = [];
  let head: Pick<Series, 'id' | 'measure' | 'stepMs' | 'firstBucket'> | undefined;
  let values: number[] = [];
  let states: BucketState[] = [];
  let last = 0;
  let why: string | null = null;
  const end = () => {
    if (head && why === null) all.push({ ...head, values: Float64Array.from(values), states: states.slice() });
    if (head && why !== null) onUnreadable({ id: head.id, why });
    return all;
  };
  const take = ([ids, measures, steps, buckets, found, foundStates]: Columns) => {
    for (let row = 0; row < ids.length; row++) {
      const id = elementAt(ids, row);
      const bucket = elementAt(buckets, row);
      if (id !== head?.id) {
        end();
        head = { id, measure: elementAt(measures, row), stepMs: elementAt(steps, row), firstBucket: bucket };
        [values, states, why] = [[], [], null];
      } else if (bucket !== last + 1) {
        why ??= brokenAt(bucket, last, head.stepMs);
      }
      last = bucket;
      const state = elementAt(foundStates, row);
      values.push(found[row] ?? Number.NaN);
      states.push(STATES.get(state) ?? state);
    }
  };
  return { take, end };
}

/** What is wrong where a bucket does not follow the one before it. */
function brokenAt(bucket: number, last: number, stepMs: number): string {
  const at = new Date(bucket * stepMs).toISOString().slice(0, 16).replace('T', ' ');
  const what = bucket === last ? 'duplicated bucket' : 'hole before the bucket';
  return `${what} at ${at} UTC; each bucket is expected once, in order: run \`trainer prepare\` again`;
}
