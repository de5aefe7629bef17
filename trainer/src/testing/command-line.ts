import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

const CLI = resolve(import.meta.dirname, '../cli.ts');

/** How a command of the trainer ended. */
export interface Ended {
  /** `null` when it was killed. */
  readonly code: number | null;
  /** What it printed. */
  readonly out: string;
  /** What it reported on its way, and why it failed. */
  readonly errors: string;
  /** The last line it printed, where that is JSON; otherwise empty. */
  readonly result: Readonly<Record<string, unknown>>;
}

/** Where a command runs, and what happens to it meanwhile. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Called whenever it reports something, with all of it so far. */
  readonly onReport?: (errors: string, kill: (signal: NodeJS.Signals) => void) => void;
  readonly killAfterMs?: number;
}

/** Runs a command of the trainer in a process of its own, as `pnpm trainer` does; resolves when it has ended. */
export function runTrainer(
  args: readonly string[],
  { cwd, env, onReport, killAfterMs }: RunOptions = {},
): Promise<Ended> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [CLI, ...args], { cwd, env });
    let out = '';
    let errors = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      errors += chunk;
      onReport?.(errors, (signal) => child.kill(signal));
    });
    if (killAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    child.on('error', fail);
    child.on('close', (code) => {
      const last = out.trim().split('\n').at(-1) ?? '';
      done({ code, out, errors, result: last.startsWith('{') ? JSON.parse(last) : {} });
    });
  });
}
