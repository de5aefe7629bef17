import { type SQL, sql } from 'drizzle-orm';
import { type Db, jsonParts } from './db.ts';
import { integerAt, textAt } from './pieces.ts';

/** What is stored of a bucket. */
export interface StoredCell {
  /** `NaN` where its text would not be the number to the last bit: it then equals nothing. */
  readonly value: number | null;
  readonly state: string;
  /** As text, see `encodeCounts`; `null` where only money is known. */
  readonly counts: string | null;
}

/** Buckets of some series, by rising number. */
interface WantedCells {
  readonly id: string;
  readonly buckets: readonly number[];
}

/** More buckets of one series than these are not asked for: D1 gives no text of more than 2 MB. */
const MOST_BUCKETS = 2_000;
/** Nor those that lie so far apart that mostly others would come with them. */
const LEAST_SHARE = 1 / 4;

const SEPARATOR = '|';
const NONE = '-';

/**
 * What is stored of the buckets that some series are about, by id and bucket, as far as it is worth asking for. A series
 * comes as one text: tens of thousands of rows would take ten times as long.
 */
export async function readStoredCells(
  db: Db,
  wanted: readonly WantedCells[],
): Promise<Map<string, ReadonlyMap<number, StoredCell>>> {
  const ranges = wanted.flatMap(({ id, buckets }) => {
    const [first = 0, last = 0] = [buckets[0], buckets[buckets.length - 1]];
    const isWorth = buckets.length <= MOST_BUCKETS && buckets.length >= LEAST_SHARE * (last - first + 1);
    return isWorth ? [[id, first, last]] : [];
  });
  const found = new Map<string, ReadonlyMap<number, StoredCell>>();
  for (const part of jsonParts(ranges)) {
    const rows = await db.all<{ id: string; cells: string }>(
      sql`SELECT s.id, string_agg(${cell()}, ${sql.raw(`'${SEPARATOR}'`)}) AS cells
          FROM json_each(${part}) j CROSS JOIN series s CROSS JOIN actual a
          WHERE s.id = ${textAt(0)} AND a.series = s.key AND a.bucket BETWEEN ${integerAt(1)} AND ${integerAt(2)}
          GROUP BY s.id`,
    );
    for (const { id, cells } of rows) found.set(id, cellsOf(cells));
  }
  return found;
}

/** Bucket, state, value and counts of an actual `a`; SQLite writes a number with 15 digits only. */
function cell(): SQL {
  const value = sql`CAST(a.value AS text)`;
  const exact = sql`CASE WHEN a.value IS NULL THEN ${sql.raw(`'${NONE}'`)}
    WHEN CAST(${value} AS double precision) = a.value THEN ${value} ELSE 'NaN' END`;
  return sql`CAST(a.bucket AS text) || ' ' || a.state || ' ' || ${exact} || ' ' || COALESCE(a.counts, ${sql.raw(`'${NONE}'`)})`;
}

function cellsOf(text: string): Map<number, StoredCell> {
  const cells = new Map<number, StoredCell>();
  for (const one of text.split(SEPARATOR)) {
    const stateAt = one.indexOf(' ') + 1;
    const valueAt = one.indexOf(' ', stateAt) + 1;
    const countsAt = one.indexOf(' ', valueAt) + 1;
    const value = one.slice(valueAt, countsAt - 1);
    const counts = one.slice(countsAt);
    cells.set(Number(one.slice(0, stateAt - 1)), {
      value: value === NONE ? null : Number(value),
      state: one.slice(stateAt, valueAt - 1),
      counts: counts === NONE ? null : counts,
    });
  }
  return cells;
}
