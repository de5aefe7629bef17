import { readFileSync } from 'node:fs';
import { UserError } from '@tidemark/shared/errors';

/**
 * What a JSON file that a person wrote holds; an empty one holds `{}`. It may begin with a byte order mark, as Windows'
 * editors and shells put one.
 * @throws UserError `invalid-config` for what is no JSON, and for a file that cannot be read.
 */
export function readJsonFile(file: string): unknown {
  try {
    const text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
    return text.trim() === '' ? {} : JSON.parse(text);
  } catch (cause) {
    throw new UserError('invalid-config', `not JSON: ${file}: ${(cause as Error).message}`, { cause });
  }
}
