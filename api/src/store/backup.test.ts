import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { backUp, restore } from './backup.ts';
import { openDatabaseFile } from './libsql.ts';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-backup-'));
  mkdirSync(join(folder, 'a folder'));
  (await openDatabaseFile(join(folder, 'service.db'), 'kill')).close();
  await backUp(join(folder, 'service.db'), join(folder, 'backup.db'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a machine that has nothing yet is restored with the folder of its database', async () => {
  await restore(join(folder, 'backup.db'), join(folder, 'new/machine/service.db'));
  (await openDatabaseFile(join(folder, 'new/machine/service.db'))).close();
});

test.each([
  ['service.db', 'not mounted/backup.db', 'unusable-file', /no folder at .*not mounted/],
  ['service.db', '/proc/backup.db', 'unusable-file', /may not write a backup at .*backup\.db/],
  ['a folder', 'other.db', 'invalid-database', /no file: .*a folder/],
])('a backup of %s to %s is told to be impossible, and leaves nothing', async (from, to, code, message) => {
  const target = to.startsWith('/') ? to : join(folder, to);
  await expect(backUp(join(folder, from), target)).rejects.toMatchObject({
    name: 'UserError',
    code,
    message: expect.stringMatching(message),
  });
  expect([target, `${target}.partial`].filter(existsSync)).toEqual([]);
});

test.each([
  ['a folder', 'service.db', 'unusable-file', /cannot restore .*service\.db: EISDIR/],
  ['backup.db', 'a folder', 'invalid-database', /no file: .*a folder/],
])('a restore from %s to %s is told to be impossible', async (from, to, code, message) => {
  await expect(restore(join(folder, from), join(folder, to))).rejects.toMatchObject({
    name: 'UserError',
    code,
    message: expect.stringMatching(message),
  });
});
