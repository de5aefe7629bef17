import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UserError } from '@tidemark/shared/errors';
import { lockFile } from '@tidemark/shared/warehouse/duckdb';

/** What of a work folder one command at a time may write. */
export type WorkPart = 'history' | 'series' | 'model';

/** Lock files this process has: the stages of `retrain` write what it holds. */
const held = new Set<string>();

/**
 * Does a task that writes parts of a work folder, while no other command writes them. A folder that is
 * not there holds nothing to be written.
 * @throws UserError `work-in-use` where another process is at it; nothing is done then.
 */
export async function whileHolding<T>(work: string, parts: readonly WorkPart[], task: () => Promise<T>): Promise<T> {
  if (!existsSync(work)) return task();
  const releases: (() => void)[] = [];
  try {
    for (const part of parts) {
      const file = resolve(join(work, `.${part}.lock`));
      if (held.has(file)) continue;
      const lock = await lockFile(file);
      if ('heldBy' in lock) throw new UserError('work-in-use', inUse(work, part, lock.heldBy));
      held.add(file);
      releases.push(() => {
        held.delete(file);
        lock.release();
      });
    }
    return await task();
  } finally {
    for (const release of releases) release();
  }
}

function inUse(work: string, part: WorkPart, pid: number | null): string {
  const who = pid === null ? 'another command' : `another command (process ${pid})`;
  return `${who} is writing the ${part} in ${work}; run this one when it has ended, or give it a folder of its own with --work`;
}
