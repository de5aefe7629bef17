import { UserError } from '@tidemark/shared/errors';
import { Command, CommanderError } from 'commander';
import { configSchemaCommand } from './commands/config-schema.ts';
import { doctorCommand } from './commands/doctor.ts';
import { evaluateCommand } from './commands/evaluate.ts';
import { exportCommand } from './commands/export.ts';
import { fetchCommand } from './commands/fetch.ts';
import { predictCommand } from './commands/predict.ts';
import { prepareCommand } from './commands/prepare.ts';
import { publishCommand } from './commands/publish.ts';
import { retrainCommand } from './commands/retrain.ts';
import { simulateCommand } from './commands/simulate.ts';
import { trainCommand } from './commands/train.ts';

/** Codes of what keeps an open file from being written. */
const WRITE_FAILURES = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO', 'EROFS']);

const program = new Command('trainer')
  .description('Payment history in, forecast model out.')
  .showHelpAfterError('(add --help for what is accepted)')
  .exitOverride();

for (const command of [
  simulateCommand(),
  doctorCommand(),
  fetchCommand(),
  prepareCommand(),
  trainCommand(),
  evaluateCommand(),
  predictCommand(),
  exportCommand(),
  publishCommand(),
  retrainCommand(),
  configSchemaCommand(),
]) {
  program.addCommand(command.copyInheritedSettings(program));
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeFor(error);
}

/** 2 for the user's mistake, 1 for ours; commander has printed its own message already. */
function exitCodeFor(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    tellMachine('invalid-arguments', error.message.replace(/^error: /, ''));
    return 2;
  }
  if (error instanceof UserError) {
    process.stderr.write(`trainer: ${error.message}\n`);
    tellMachine(error.code, error.message);
    return 2;
  }
  const unusable = fileTrouble(error);
  if (unusable !== null) return exitCodeFor(new UserError('unusable-file', unusable, { cause: error }));
  process.stderr.write(`trainer: this is a bug\n${error instanceof Error ? error.stack : String(error)}\n`);
  tellMachine('bug', error instanceof Error ? error.message : String(error));
  return 1;
}

/** What is wrong with a file or folder that Node or DuckDB cannot use: no right to it, no such place, a full disk. */
function fileTrouble(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if ('syscall' in error && 'path' in error) return `cannot use ${error.path}: ${error.message}`;
  // Writing to an open file names no path.
  if ('code' in error && WRITE_FAILURES.has(String(error.code))) return `cannot write: ${error.message}`;
  return error.message.startsWith('IO Error: ') ? error.message.slice('IO Error: '.length) : null;
}

/** With `--json` an error is the last line of stdout too. */
function tellMachine(code: string, message: string): void {
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ error: { code, message } })}\n`);
}
