import { statSync } from 'node:fs';
import { DAY_MS } from '../../../../forecasting/time/duration.ts';
import type { TimeRange } from '../../../time-column.ts';
import { type Duck, literal } from '../duckdb.ts';
import type { TableFiles } from './inventory.ts';

/** What a statement reads of a table. */
interface Read {
  readonly columns: readonly string[];
  /** The column of the windows; `null`: every row is read. */
  readonly time: string | null;
  readonly windows: readonly TimeRange[];
}

/**
 * Bytes on disk of what a statement would read of a table, at most: of Parquet the columns named, in those row groups
 * whose statistics do not rule the windows out; of CSV the files.
 */
export async function scanBytes(
  duck: Duck,
  { kind, files }: TableFiles,
  { columns, time, windows }: Read,
): Promise<number> {
  if (kind === 'csv') return files.reduce((sum, file) => sum + statSync(file).size, 0);
  const names = columns.map((name) => literal(name.toLowerCase())).join(', ');
  const instant = (edge: 'min' | 'max') => `TRY_CAST(stats_${edge}_value AS TIMESTAMP)`;
  // A day on both sides covers every zone. What has no such statistics may hold anything.
  const misses = windows.map(
    ({ fromMs, toMs }) =>
      `(${instant('max')} < make_timestamp(${(fromMs - DAY_MS) * 1_000}) OR ${instant('min')} >= make_timestamp(${(toMs + DAY_MS) * 1_000}))`,
  );
  const ruledOut =
    time === null ? 'false' : `lower(path_in_schema) = ${literal(time.toLowerCase())} AND ${misses.join(' AND ')}`;
  const [row] = await duck.rows<{ bytes: number | null }>(`
    WITH chunks AS (SELECT * FROM parquet_metadata([${files.map(literal).join(', ')}]))
    SELECT CAST(sum(total_compressed_size) AS DOUBLE) AS bytes FROM chunks
    WHERE lower(path_in_schema) IN (${names}) AND (file_name, row_group_id) NOT IN
      (SELECT (file_name, row_group_id) FROM chunks WHERE coalesce(${ruledOut}, false))`);
  return row?.bytes ?? 0;
}
