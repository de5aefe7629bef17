import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { openDatabaseFile } from './libsql.ts';

const folder = new URL('../../migrations/', import.meta.url);

/** A database as the first version of the schema left it, with a band, a lease and a mark of retention. */
async function firstVersion(file: string): Promise<void> {
  const [first] = (
    JSON.parse(readFileSync(new URL('meta/_journal.json', folder), 'utf8')) as { entries: { when: number }[] }
  ).entries;
  const client = createClient({ url: `file:${file}` });
  const schema = readFileSync(new URL('0000_first.sql', folder), 'utf8');
  for (const statement of schema.split('--> statement-breakpoint')) await client.execute(statement);
  await client.execute(
    'CREATE TABLE __drizzle_migrations (id INTEGER PRIMARY KEY, hash text NOT NULL, created_at numeric)',
  );
  await client.execute({
    sql: "INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('first', ?)",
    args: [first?.when ?? 0],
  });
  await client.execute("INSERT INTO issue VALUES (1, 7, 1, 'lstm', 0, 'one', 'two;three')");
  await client.execute("INSERT INTO verdict VALUES (1, 8, 7, 5, 9, 6, 12, 0.99, 0.17, 'low', 'info', 'info', 3)");
  await client.execute(
    "INSERT INTO incident (id, series, direction, start, end, status, severity, score, volume, buckets, opened_at) VALUES ('1-8-low', 1, 'low', 8, 8, 'closed', 'info', 0.17, -4, 1, 3)",
  );
  await client.execute("UPDATE setting SET holder = 'somebody', value = 9 WHERE name = 'lease'");
  await client.execute("INSERT INTO setting (name, value) VALUES ('near only before', 5)");
  client.close();
}

test('a database of the first version keeps its bands, verdicts and incidents, its lease and how far retention has come', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'tidemark-migrate-'));
  const file = join(parent, 'first.db');
  await firstVersion(file);
  const { db, close } = await openDatabaseFile(file, 'kill');
  expect(await db.all(sql`SELECT origin, first_horizon, later_horizons FROM issue`)).toEqual([
    { origin: 7, first_horizon: 'one', later_horizons: 'two;three' },
  ]);
  expect(
    await db.all(sql`SELECT bucket, detector, observed, expected, lower, coverage, severity, origin FROM verdict`),
  ).toEqual([
    {
      bucket: 8,
      detector: 'band',
      observed: 5,
      expected: 9,
      lower: 6,
      coverage: 0.99,
      severity: 'info',
      origin: 7,
    },
  ]);
  expect(await db.all(sql`SELECT id, raised FROM incident`)).toEqual([{ id: '1-8-low', raised: 8 }]);
  expect(await db.all(sql`SELECT name, value, owner FROM setting WHERE name <> 'revision' ORDER BY name`)).toEqual([
    { name: 'later horizons removed before', value: 5, owner: null },
    { name: 'lease', value: 9, owner: 'somebody' },
  ]);
  close();
  await rm(parent, { recursive: true });
});
