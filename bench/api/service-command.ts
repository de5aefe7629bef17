import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** Options of Node and the program, as `pnpm api` starts the service from the root of the repository. */
export function serviceCommand(): { readonly options: readonly string[]; readonly program: string } {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: { api: string } };
  const words = scripts.api.split(' ').slice(1);
  return {
    options: words.filter((word) => word.startsWith('--')),
    program: join(ROOT, words.find((word) => !word.startsWith('--')) ?? ''),
  };
}
