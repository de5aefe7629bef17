import { sql } from 'drizzle-orm';
import { type Db, jsonParts } from './db.ts';
import { integerAt } from './pieces.ts';
import type { StoredSeries } from './rows.ts';

/** Who claims series to score, and until when, in epoch milliseconds. */
export interface Claim {
  readonly owner: string;
  readonly now: number;
  readonly lengthMs: number;
}

/**
 * Claims series for a scorer: those that nobody else has, or whose claim has run out, and that are no further than they
 * were when it planned to score them. A claim that runs out later than any can is of a clock that was ahead, and free.
 * @returns keys of those that the owner has now.
 */
export async function claimSeries(
  db: Db,
  planned: readonly Pick<StoredSeries, 'key' | 'origin'>[],
  claim: Claim,
): Promise<number[]> {
  const { owner, now, lengthMs } = claim;
  const claimed: number[] = [];
  for (const part of jsonParts(planned.map(({ key, origin }) => [key, origin]))) {
    // In one order for all scorers, so that none waits for another that waits for it.
    const rows = await db.all<{ series: number }>(
      sql`INSERT INTO claim (series, owner, until)
          SELECT s.key, ${owner}, ${now + lengthMs} FROM json_each(${part}) j CROSS JOIN series s
          WHERE s.key = ${integerAt(0)} AND s.origin IS NOT DISTINCT FROM ${integerAt(1)} ORDER BY s.key
          ON CONFLICT (series) DO UPDATE SET owner = excluded.owner, until = excluded.until
          WHERE claim.owner = excluded.owner OR claim.until < ${now} OR claim.until > ${now + 4 * lengthMs}
          RETURNING series`,
    );
    for (const { series } of rows) claimed.push(series);
  }
  return claimed;
}

/** Has all claims of an owner run out later. */
export async function extendClaims(db: Db, { owner, now, lengthMs }: Claim): Promise<void> {
  await db.run(sql`UPDATE claim SET until = ${now + lengthMs} WHERE owner = ${owner}`);
}

/** Gives up all claims of an owner. */
export async function dropClaims(db: Db, owner: string): Promise<void> {
  await db.run(sql`DELETE FROM claim WHERE owner = ${owner}`);
}

/** Who has claims that have not run out. */
export async function claimOwners(db: Db, now: number): Promise<string[]> {
  const rows = await db.all<{ owner: string }>(sql`SELECT DISTINCT owner FROM claim WHERE until >= ${now}`);
  return rows.map(({ owner }) => owner);
}
