import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabaseFile } from './libsql.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-files-'));
  mkdirSync(join(folder, 'a folder'));
  writeFileSync(
    join(folder, 'text'),
    'not a database, but as long as a header of one would be, and a bit longer than that, too',
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ['a folder', /cannot open the database .*a folder: it is no file/],
  ['text', /not a database: .*text/],
  ['text/below.db', /cannot open the database .*below\.db: its folder is none/],
  [`${'x'.repeat(300)}/long.db`, /cannot open the database .*long\.db: its folder is none/],
])('%s cannot be opened, which is told as what it is', async (name, why) => {
  await expect(openDatabaseFile(join(folder, name))).rejects.toMatchObject({
    name: 'UserError',
    code: 'invalid-database',
    message: expect.stringMatching(why),
  });
});

test.each(['100%41.db', 'what?mode=ro.db', 'a#b.db', 'Übersicht é.db', "it's.db"])(
  '%s is a name like any other',
  async (name) => {
    const first = await openDatabaseFile(join(folder, name), 'kill');
    await first.db.run(sql`INSERT INTO setting (name, value) VALUES ('mark', 7)`);
    first.close();
    const second = await openDatabaseFile(join(folder, name), 'kill');
    expect(await second.db.all(sql`SELECT value FROM setting WHERE name = 'mark'`)).toEqual([{ value: 7 }]);
    second.close();
  },
);

test('processes that start together on a new file all open it', async () => {
  const file = join(folder, 'together.db');
  const opened = await Promise.all(Array.from({ length: 4 }, () => openDatabaseFile(file, 'kill')));
  await opened[0]?.db.run(sql`INSERT INTO setting (name, value) VALUES ('mark', 7)`);
  for (const { db, close } of opened) {
    expect(await db.all(sql`SELECT value FROM setting WHERE name = 'mark'`)).toEqual([{ value: 7 }]);
    close();
  }
});
