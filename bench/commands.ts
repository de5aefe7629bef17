import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { UserError } from '@tidemark/shared/errors';

const TRAINER = fileURLToPath(new URL('../trainer/src/cli.ts', import.meta.url));

/** Runs a command of the trainer; what it says of its progress goes to standard error. @throws Error where it fails. */
export async function runTrainer(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [TRAINER, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  if (code !== 0) throw new Error(`trainer ${args[0]} ended with ${code}`);
}

/** Runs a benchmark; a mistake of its user is a sentence on standard error and exit code 2. */
export async function runBenchmark(measure: () => Promise<void>): Promise<void> {
  try {
    await measure();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    process.stderr.write(`bench: ${error.message}\n`);
    process.exitCode = 2;
  }
}

/** Fetches a history and prepares its series, in a work folder. */
export async function prepareHistory(history: string, work: string): Promise<void> {
  await runTrainer(['fetch', '--history', history, '--work', work, '--json']);
  await runTrainer(['prepare', '--work', work, '--json']);
}
