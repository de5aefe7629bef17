import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from '@libsql/client';
import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { openDatabaseFile } from './libsql.ts';

const folder = new URL('../../migrations/', import.meta.url);

/** An empty database as so many migrations left it. */
async function versionOf(file: string, migrations: number): Promise<Client> {
  const { entries } = JSON.parse(readFileSync(new URL('meta/_journal.json', folder), 'utf8')) as {
    entries: { when: number; tag: string }[];
  };
  const client = createClient({ url: `file:${file}` });
  await client.execute(
    'CREATE TABLE __drizzle_migrations (id INTEGER PRIMARY KEY, hash text NOT NULL, created_at numeric)',
  );
  for (const { tag, when } of entries.slice(0, migrations)) {
    const schema = readFileSync(new URL(`${tag}.sql`, folder), 'utf8');
    for (const statement of schema.split('--> statement-breakpoint')) await client.execute(statement);
    await client.execute({
      sql: 'INSERT INTO __drizzle_migrations (hash, created_at) VALUES (?, ?)',
      args: [tag, when],
    });
  }
  return client;
}

/** A database as the first version of the schema left it, with a band, a lease and a mark of retention. */
async function firstVersion(file: string): Promise<void> {
  const client = await versionOf(file, 1);
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

test("states of detectors that lay in their key's own tree are kept when they get rows of their own", async () => {
  const parent = await mkdtemp(join(tmpdir(), 'tidemark-migrate-'));
  const file = join(parent, 'twelfth.db');
  const client = await versionOf(file, 12);
  await client.execute("INSERT INTO watch VALUES (2, 7, 'older'), (2, 8, 'newer'), (1, 8, 'other')");
  client.close();
  const { db, close } = await openDatabaseFile(file, 'kill');
  expect(await db.all(sql`SELECT * FROM watch ORDER BY rowid`)).toEqual([
    { series: 1, origin: 8, state: 'other' },
    { series: 2, origin: 7, state: 'older' },
    { series: 2, origin: 8, state: 'newer' },
  ]);
  close();
  await rm(parent, { recursive: true });
});
