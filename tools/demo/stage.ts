import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { styleText } from 'node:util';

const root = resolve(import.meta.dirname, '../..');

/** A stage of the demo that ended with an error; its own message has been printed already. */
export class StageFailed extends Error {
  override readonly name = 'StageFailed';
  readonly exitCode: number;

  constructor(stage: string, exitCode: number) {
    super(`the demo stopped at ${stage} (exit code ${exitCode})`);
    this.exitCode = exitCode;
  }
}

/** Prints a stage's heading. */
export function heading(title: string, why: string) {
  process.stderr.write(`\n${styleText(['bold'], title)}  ${styleText('dim', why)}\n`);
}

/**
 * Runs one trainer command as its own process, the way a person would; what it says goes to the terminal.
 * @returns the JSON object on the last line it prints.
 * @throws StageFailed when it exits with anything but 0.
 */
export async function trainer(...args: string[]): Promise<Record<string, unknown>> {
  const lines = (await run(...args, '--json')).trimEnd().split('\n');
  const last = lines.pop() ?? '';
  for (const line of lines) if (!line.startsWith('{')) process.stderr.write(`${line}\n`);
  try {
    return JSON.parse(last);
  } catch (cause) {
    throw new Error(`trainer ${args[0]} did not end with a line of JSON: ${last}`, { cause });
  }
}

/** Runs one trainer command and gives what it prints. @throws StageFailed when it exits with anything but 0. */
export function run(...args: string[]): Promise<string> {
  const command = args[0] as string;
  process.stderr.write(`${styleText('dim', `$ pnpm trainer ${args.join(' ')}`)}\n`);
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, ['trainer/src/cli.ts', ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    child.on('error', fail);
    child.on('close', (code) => {
      if (code !== 0) return fail(new StageFailed(command, code ?? 1));
      done(printed);
    });
  });
}
