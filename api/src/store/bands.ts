import { sql } from 'drizzle-orm';
import { type Db, jsonParts } from './db.ts';
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
      sql`SELECT i.series, i.origin, i.model, i.served_by AS servedBy, i.first_horizon AS firstHorizon,
                 ${later} AS laterHorizons
          FROM json_each(${part}) j CROSS JOIN issue i
          ON i.series = j.value->>0 AND i.origin BETWEEN j.value->>1 AND j.value->>2 ORDER BY i.series, i.origin`,
    );
    for (const row of rows) {
      const list = found.get(row.series);
      if (list) list.push(row);
      else found.set(row.series, [row]);
    }
  }
  return found;
}
