import { existsSync } from 'node:fs';
import { mkdir, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { UserError } from '@tidemark/shared/errors';

/** Where the demo works unless told otherwise; a folder of this name is the demo's own. */
export const DEFAULT_WORK = '.tidemark/demo';

/** Lies in every folder that the demo has begun to fill. */
const MARK = '.tidemark-demo';

/**
 * Leaves an empty folder for a run of the demo. Only what an earlier run has made is removed.
 * @param work absolute path
 * @param history folder of the user's own transactions, absolute; `null` where they are simulated
 * @throws UserError `invalid-arguments` where the folder holds anything else, the history among it
 */
export async function emptyWorkFolder(work: string, history: string | null): Promise<void> {
  if (existsSync(work)) {
    if (history !== null && (await lies(history, work))) {
      throw new UserError(
        'invalid-arguments',
        `the history ${history} lies in the work folder ${work}, which the demo empties: move the history, or name another --work`,
      );
    }
    const names = await readdir(work);
    if (names.length > 0 && !names.includes(MARK) && work !== resolve(DEFAULT_WORK)) {
      throw new UserError(
        'invalid-arguments',
        `the work folder ${work} holds what the demo has not made; accepted is a new or an empty folder, or one of an earlier demo`,
      );
    }
  }
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  await writeFile(join(work, MARK), '');
}

/** Whether a path is a folder or in it; one that does not exist is in none. */
async function lies(path: string, folder: string): Promise<boolean> {
  if (!existsSync(path)) return false;
  const way = relative(await realpath(folder), await realpath(path));
  return !isAbsolute(way) && way.split(/[\\/]/)[0] !== '..';
}
