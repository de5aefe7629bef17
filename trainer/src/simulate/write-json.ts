import { rename, writeFile } from 'node:fs/promises';

/** Writes a value as JSON; no reader ever sees half of the file. */
export async function writeJson(file: string, value: unknown): Promise<void> {
  await writeText(file, `${JSON.stringify(value, null, 2)}\n`);
}

/** Writes a text; no reader ever sees half of the file. */
export async function writeText(file: string, text: string): Promise<void> {
  await writeFile(`${file}.partial`, text);
  await rename(`${file}.partial`, file);
}
