import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PACKAGING_DIR } from './project.ts';

const MODULES = join(PACKAGING_DIR, 'node_modules');
/** Holds the digest of the lockfile that was installed; written last. */
const INSTALLED = join(MODULES, '.tidemark-installed');

/** Whether the packaging tools have been installed on this machine, in whatever version. */
export function hasPackagingTools(): boolean {
  return existsSync(INSTALLED);
}

/**
 * Installs the packaging tools of Power BI (`visual/packaging/package-lock.json`) with npm, unless they are installed
 * already. They have a lockfile of their own, because nothing else needs their 580 packages.
 * @returns the folder of their `node_modules`.
 * @throws Error with npm's output when it cannot install them.
 */
export async function installPackagingTools(): Promise<string> {
  const digest = createHash('sha256')
    .update(await readFile(join(PACKAGING_DIR, 'package-lock.json')))
    .digest('hex');
  const installed = await readFile(INSTALLED, 'utf8').catch(() => '');
  if (installed === digest) return MODULES;
  process.stderr.write('installing the packaging tools of Power BI once, about a minute\n');
  await npm('ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel', 'error');
  await writeFile(INSTALLED, digest);
  return MODULES;
}

function npm(...args: string[]): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn('npm', args, { cwd: PACKAGING_DIR, shell: process.platform === 'win32' });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
      });
    }
    child.on('error', fail);
    child.on('close', (code) => {
      if (code === 0) done();
      else fail(new Error(`npm could not install the packaging tools in ${PACKAGING_DIR}:\n${output}`));
    });
  });
}
