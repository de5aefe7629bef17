import { Option } from 'commander';

/** `--series`, repeatable: which series a command is about. */
export function seriesOption(verb: string): Option {
  return new Option('--series <ids...>', `series to ${verb} (default: all)`);
}

/** For people: on stdout, or on stderr where stdout carries JSON. */
export function print(json: boolean | undefined, text: string): void {
  (json ? process.stderr : process.stdout).write(text);
}
