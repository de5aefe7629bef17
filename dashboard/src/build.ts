import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { UserError } from '@tidemark/shared/errors';
import { readPackagedVisual } from './packaged-visual.ts';
import { NAME, projectFiles } from './project.ts';

/**
 * Writes the Power BI project anew: `pnpm dashboard:build`. Each item is written beside the old one and takes its place
 * when it is whole.
 */
async function build(dir: string): Promise<string> {
  const visual = await readPackagedVisual();
  const files = projectFiles(visual);
  for (const item of [`${NAME}.Report`, `${NAME}.SemanticModel`]) {
    const part = join(dir, `.${item}.part`);
    await rm(part, { recursive: true, force: true });
    for (const [path, text] of files) {
      if (path.startsWith(`${item}/`)) await write(join(part, path.slice(item.length + 1)), text);
    }
    await rm(join(dir, item), { recursive: true, force: true });
    await rename(part, join(dir, item));
  }
  await write(join(dir, `${NAME}.pbip`), files.get(`${NAME}.pbip`) as string);
  return `${files.size} files, with the visual ${visual.guid} ${visual.version}, written to ${dir}`;
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

try {
  process.stdout.write(`${await build(resolve(import.meta.dirname, '..'))}\n`);
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
