import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** Runs test files in a process of its own, with more in its environment; the exit code is that of the tests. */
export async function runTests(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  const vitest = join(import.meta.dirname, '../node_modules/vitest/vitest.mjs');
  const child = spawn(process.execPath, [vitest, 'run', ...words], {
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}
