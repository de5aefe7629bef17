import { sql } from 'drizzle-orm';
import { type Db, first } from './db.ts';

/** Bucket length of what is stored, in ms; `null` while nothing has said it. */
export async function readStep(db: Db): Promise<number | null> {
  const row = await first<{ value: number }>(db, sql`SELECT value FROM setting WHERE name = 'step'`);
  return row?.value ? row.value : null;
}

/**
 * Bucket length of what is stored after a writer has brought buckets of `stepMs`: the first one decides, atomically.
 * @returns the length that holds, `stepMs` unless another was stored before.
 */
export async function claimStep(db: Db, stepMs: number): Promise<number> {
  await db.run(
    sql`INSERT INTO setting (name, value) VALUES ('step', ${stepMs})
        ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE setting.value = 0`,
  );
  return (await readStep(db)) ?? stepMs;
}

/** Whether any actual is stored: until then another step may still be taken. */
export async function hasActuals(db: Db): Promise<boolean> {
  return (await first(db, sql`SELECT 1 FROM series LIMIT 1`)) !== undefined;
}

/** Stores another bucket length where no actual was stored under the earlier one. */
export async function replaceStep(db: Db, stepMs: number): Promise<void> {
  await db.run(
    sql`INSERT INTO setting (name, value) VALUES ('step', ${stepMs})
        ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
  );
}
