import { bucketAt } from '../forecasting/time/bucket.ts';
import { HOUR_MS } from '../forecasting/time/duration.ts';
import { bucketSums } from './query.ts';
import { Parameters, type Statement } from './statement.ts';
import type { CountedTables } from './tables.ts';
import type { TimeRange } from './time-column.ts';

/**
 * Columns of `columnStatement`'s result, in order: `window_place` is the place of the window, `dimension` and `value` are as in
 * `BUCKET_COLUMNS`, the tables' pairs come after their dimensions and have both values with `PAIR_MARK` between them;
 * `attempts` and `approved` count sales, `gross` is the money of the approved ones.
 */
export const COLUMN_COLUMNS = ['window_place', 'dimension', 'value', 'attempts', 'approved', 'gross'] as const;

/** Values of a column, and of two, that are kept: those seen most in the first window or in all; the rest are added up. */
const MOST_VALUES = 30;
const MOST_PAIRS = 100;

/**
 * What was sold in some windows, as a whole and by the values of the tables' dimensions and pairs of them: one statement,
 * which reads the windows alone, and has `MOST_VALUES` (`MOST_PAIRS`) and one row a window and dimension at most.
 * @param windows on edges of buckets; the first is what is asked about, the others are what it is compared with.
 */
export function columnStatement(tables: CountedTables, windows: readonly TimeRange[]): Statement {
  const stepMs = tables.stepHours * HOUR_MS;
  const parameters = new Parameters();
  const range = {
    fromMs: Math.min(...windows.map(({ fromMs }) => fromMs)),
    toMs: Math.max(...windows.map(({ toMs }) => toMs)),
  };
  const places = windows.map(
    ({ fromMs, toMs }, place) =>
      `WHEN bucket >= ${bucketAt(fromMs, stepMs)} AND bucket < ${bucketAt(toMs, stepMs)} THEN ${place}`,
  );
  const most =
    (tables.pairs ?? []).length === 0
      ? MOST_VALUES
      : `CASE WHEN dimension > ${tables.dimensions?.length ?? 0} THEN ${MOST_PAIRS} ELSE ${MOST_VALUES} END`;
  const sums = ['attempts', 'approved', 'gross'].map((name) => `sum(${name}) AS ${name}`).join(', ');
  const sql = `SELECT place AS window_place, dimension, value, ${sums}
FROM (
SELECT place, dimension, CASE WHEN seen_rank <= ${most} THEN value END AS value, attempts, approved, gross
FROM (
SELECT *, dense_rank() OVER (PARTITION BY dimension ORDER BY seen DESC, value) AS seen_rank
FROM (
SELECT *, sum(CASE WHEN place = 0 THEN ${windows.length} * attempts ELSE attempts END) OVER (PARTITION BY dimension, value) AS seen
FROM (
SELECT CASE ${places.join(' ')} END AS place, dimension, value, attempts, approved, gross
FROM (
${bucketSums(tables, range, parameters, windows)}
) AS counted
WHERE client IS NOT NULL
) AS placed
WHERE place IS NOT NULL
) AS weighed
) AS ranked
) AS kept
GROUP BY place, dimension, value
ORDER BY place, dimension, value`;
  return { sql, parameters: parameters.values };
}
