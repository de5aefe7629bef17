import { sql } from 'drizzle-orm';
import { type Db, jsonParts } from './db.ts';
import { integerAt } from './pieces.ts';
import type { BucketRange, StoredIssue } from './rows.ts';

/** Issues of several ranges of origins, by series, then by rising origin; `laterHorizons` only where asked for. */
export async function readIssues(
  db: Db,
  ranges: readonly BucketRange[],
  laterHorizons: boolean,
): Promise<Map<number, Omit<StoredIssue, 'issuedAt'>[]>> {
  const found = new Map<number, Omit<StoredIssue, 'issuedAt'>[]>();
  const later = laterHorizons ? sql`i.later_horizons` : sql`''`;
  for (const part of jsonParts(ranges.map(({ series, from, to }) => [series, from, to]))) {
    const rows = await db.all<Omit<StoredIssue, 'issuedAt'>>(
      sql`SELECT i.series, i.origin, i.model, i.served_by AS "servedBy", i.first_horizon AS "firstHorizon",
                 ${later} AS "laterHorizons"
          FROM json_each(${part}) j CROSS JOIN issue i
          WHERE i.series = ${integerAt(0)} AND i.origin BETWEEN ${integerAt(1)} AND ${integerAt(2)} ORDER BY i.series, i.origin`,
    );
    for (const row of rows) {
      const list = found.get(row.series);
      if (list) list.push(row);
      else found.set(row.series, [row]);
    }
  }
  return found;
}
