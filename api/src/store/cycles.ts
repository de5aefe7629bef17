import { toWellFormed } from '@tidemark/shared/contract';
import { type SQL, sql } from 'drizzle-orm';
import { commit, type Db, first } from './db.ts';

/** One run of the scoring cycle; instants are epoch milliseconds. */
export interface StoredCycle {
  readonly id: number;
  readonly trigger: string;
  readonly startedAt: number;
  readonly finishedAt: number | null;
  readonly series: number;
  readonly bands: number;
  readonly verdicts: number;
  /** What went wrong, in words for people. */
  readonly error: string | null;
}

/**
 * Takes the lease of the cycle, or extends it for the same owner. One that runs out later than any can is of a clock that
 * was ahead, and free.
 * @returns whether the owner has it now.
 */
export async function takeLease(db: Db, owner: string, now: number, lengthMs: number): Promise<boolean> {
  const rows = await db.all<{ owner: string }>(
    sql`UPDATE setting SET owner = ${owner}, value = ${now + lengthMs}
        WHERE name = 'lease' AND (owner IS NULL OR owner = ${owner} OR value < ${now}
          OR value > ${now + 4 * lengthMs}) RETURNING owner`,
  );
  return rows.length === 1;
}

export async function dropLease(db: Db, owner: string): Promise<void> {
  await db.run(sql`UPDATE setting SET owner = NULL, value = 0 WHERE name = 'lease' AND owner = ${owner}`);
}

/** Who has the lease now, if anybody. */
export async function leaseOwner(db: Db): Promise<string | null> {
  const row = await first<{ owner: string | null }>(db, sql`SELECT owner FROM setting WHERE name = 'lease'`);
  return row?.owner ?? null;
}

/** When the source was last read without an error, in epoch milliseconds; 0: never, or nobody notes it. */
export async function lastSourceRead(db: Db): Promise<number> {
  const row = await first<{ value: number }>(db, sql`SELECT value FROM setting WHERE name = 'source read at'`);
  return row?.value ?? 0;
}

export async function noteSourceRead(db: Db, now: number): Promise<void> {
  await db.run(
    sql`INSERT INTO setting (name, value) VALUES ('source read at', ${now})
        ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
  );
}

/** Grows with every change that a read could see. */
export async function readRevision(db: Db): Promise<number> {
  const row = await first<{ value: number }>(db, sql`SELECT value FROM setting WHERE name = 'revision'`);
  return row?.value ?? 0;
}

export async function beginCycle(db: Db, trigger: string, now: number): Promise<number> {
  const row = await first<{ id: number }>(
    db,
    sql`INSERT INTO cycle (trigger, started_at) VALUES (${trigger}, ${now}) RETURNING id`,
  );
  return row?.id ?? 0;
}

/** What a chunk did, and the cycle that it is counted with. */
export interface CountedChunk {
  readonly cycle: number;
  readonly series: number;
  readonly bands: number;
  readonly verdicts: number;
}

/** Adds what a chunk did to its cycle. */
export function countStatement({ cycle, series, bands, verdicts }: CountedChunk): SQL {
  return sql`UPDATE cycle SET series = series + ${series}, bands = bands + ${bands}, verdicts = verdicts + ${verdicts}
    WHERE id = ${cycle}`;
}

export async function endCycle(db: Db, id: number, now: number, error: string | null): Promise<void> {
  await commit(db, [
    sql`UPDATE cycle SET finished_at = ${now}, error = ${error === null ? null : toWellFormed(error)} WHERE id = ${id}`,
  ]);
}

export async function lastCycle(db: Db): Promise<StoredCycle | null> {
  const row = await first<StoredCycle>(
    db,
    sql`SELECT id, trigger, started_at AS "startedAt", finished_at AS "finishedAt", series, bands, verdicts, error
        FROM cycle ORDER BY id DESC LIMIT 1`,
  );
  return row ?? null;
}

/** The newest cycle since an instant that was queued and is not finished; `null` if there is none. */
export async function queuedCycle(db: Db, since: number): Promise<number | null> {
  const row = await first<{ id: number }>(
    db,
    sql`SELECT id FROM cycle WHERE finished_at IS NULL AND started_at > ${since} ORDER BY id DESC LIMIT 1`,
  );
  return row?.id ?? null;
}
