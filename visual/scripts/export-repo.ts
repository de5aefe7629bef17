import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { VISUAL_DIR, writeProject } from './project.ts';

/**
 * Writes the stand-alone repository that certification asks for: this visual with all its sources and a
 * `package-lock.json`, to be packaged with plain npm. Written to a temporary folder and renamed.
 * @throws Error when the folder is not empty.
 */
export async function exportRepository(dir: string): Promise<void> {
  const target = resolve(dir);
  if (existsSync(target) && (await readdir(target)).length > 0) {
    throw new Error(`folder is not empty: ${target}; accepted is a new or an empty one`);
  }
  const draft = `${target}.part`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(dirname(target), { recursive: true });
  await writeProject(draft);
  await cp(join(VISUAL_DIR, '../LICENSE'), join(draft, 'LICENSE'));
  await writeFile(join(draft, 'README.md'), README);
  await writeFile(join(draft, '.gitignore'), 'node_modules/\ndist/\n.tmp/\nwebpack.statistics.*\n');
  await rm(target, { recursive: true, force: true });
  await rename(draft, target);
}

const README = `# Tidemark

A Power BI visual: total payment volume against a learned minimum and maximum, with an alarm when it leaves them.

\`\`\`
npm ci
npm run package
\`\`\`

writes the packaged visual to \`dist/\`. \`npm run lint\` runs the Power BI visuals lint rules, \`npm audit --omit=dev\` looks
up what is inside the visual, \`npm audit\` the tools as well. The visual makes no
request of any kind; the one privilege it asks for is to export the rows the reader sees.
`;

if (import.meta.main) {
  const dir = process.argv[2];
  if (dir === undefined) throw new Error('no folder given; usage: pnpm visual:export-repo <dir>');
  await exportRepository(dir);
  process.stdout.write(`${resolve(dir)}: npm ci && npm run package\n`);
}
