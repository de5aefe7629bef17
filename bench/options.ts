import { type Command, CommanderError, InvalidArgumentError, type OptionValues } from 'commander';

/**
 * The options that a benchmark was given on its command line. `--help` prints what it takes; what it does not take ends
 * the process with a sentence and exit code 2.
 */
export function readOptions<T extends OptionValues>(command: Command): T {
  try {
    return command.allowExcessArguments(false).exitOverride().parse().opts<T>();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exit(error.exitCode === 0 ? 0 : 2);
  }
}

/** A whole number above zero, for an option. @throws InvalidArgumentError otherwise. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('A whole number from 1 is needed.');
  return value;
}

/** A share between 0 and 1, for an option. @throws InvalidArgumentError otherwise. */
export function share(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1)) {
    throw new InvalidArgumentError('A share between 0 and 1 is needed.');
  }
  return value;
}
