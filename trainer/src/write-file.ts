import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Writes a value as JSON; no reader ever sees half of the file. */
export async function writeJson(file: string, value: unknown): Promise<void> {
  await writeText(file, `${JSON.stringify(value, null, 2)}\n`);
}

/** Writes a text; no reader ever sees half of the file. */
export async function writeText(file: string, text: string): Promise<void> {
  // Two commands may write the same file at once.
  const partial = `${file}.${process.pid}.partial`;
  try {
    await writeFile(partial, text);
    await rename(partial, file);
  } catch (error) {
    // On a full disk what was written so far would stay.
    await rm(partial, { force: true });
    throw error;
  }
}

/** A file that is being written, and what DuckDB keeps beside one of its own. */
const PARTIAL = /\.partial(\.wal)?$/;

/** Clears a folder of what killed runs left half-written. */
export async function dropPartial(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (PARTIAL.test(name)) await rm(join(folder, name), { force: true });
  }
}
