import { readFileSync } from 'node:fs';
import { UserError } from '@tidemark/shared/errors';

/**
 * Checks that a database was not migrated by a newer version of the service than this.
 * @param theirs when its newest migration was made, in epoch milliseconds; `null` where there never was one.
 * @param name of the database, for people.
 * @throws UserError `invalid-database`.
 */
export function checkVersion(migrationsFolder: string, theirs: number | null, name: string): void {
  const { entries } = JSON.parse(readFileSync(`${migrationsFolder}/meta/_journal.json`, 'utf8')) as {
    entries: { when: number }[];
  };
  const ours = Math.max(...entries.map(({ when }) => when));
  if (theirs === null || theirs <= ours) return;
  const day = (time: number) => new Date(time).toISOString().slice(0, 10);
  throw new UserError(
    'invalid-database',
    `${name} is of a newer version: got a schema of ${day(theirs)}, expected one of ${day(ours)} or earlier; update the service`,
  );
}
