import { sql } from 'drizzle-orm';
import type { Db } from './db.ts';

/** A series that its model could not score in the last cycle that tried. */
export interface SeriesFault {
  readonly series: string;
  readonly reason: string;
  /** What served it instead; `null`: nothing could. */
  readonly servedBy: string | null;
  /** Epoch milliseconds. */
  readonly since: number;
}

/** Series that their model cannot score, by id. */
export function readFaults(db: Db): Promise<SeriesFault[]> {
  return db.all<SeriesFault>(
    sql`SELECT s.id AS series, f.reason, f.served_by AS "servedBy", f.since
        FROM series_fault f JOIN series s ON s.key = f.series ORDER BY s.id`,
  );
}
