import { UserError } from '@tidemark/shared/errors';
import { CommanderError } from 'commander';

/**
 * Tells a person why a tool has ended, and gives its exit code: 2 for the user's mistake, 1 for ours.
 * @param tool its name as it is called: `demo`
 */
export function exitCodeFor(tool: string, error: unknown): number {
  // Commander has printed its own message already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const tell = (text: string) => process.stderr.write(`${tool}: ${text}\n`);
  if (error instanceof UserError) {
    tell(error.message);
    return 2;
  }
  if (error instanceof Error && 'syscall' in error && 'path' in error) {
    tell(`cannot use ${error.path}: ${error.message}`);
    return 2;
  }
  tell(`this is a bug\n${error instanceof Error ? error.stack : String(error)}`);
  return 1;
}
