import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';

/**
 * Gives a check that the file at a path is still the one that stands there now, which throws where it was removed or
 * another put in its place: a process that has it open writes on without an error, into what is lost when it ends.
 */
export function sameFile(file: string): () => Promise<void> {
  const before = statSync(file);
  return async () => {
    const now = await stat(file).catch(() => null);
    if (now?.ino === before.ino && now.dev === before.dev) return;
    throw new Error(
      `${file} was ${now === null ? 'removed' : 'replaced'} while the service uses it, which goes on in the old file: what it stores is lost when it ends; stop it, put the right file there and start it`,
    );
  };
}
