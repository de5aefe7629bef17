import { Option } from 'commander';

/** `--series`, repeatable: which series a command is about. */
export function seriesOption(verb: string): Option {
  return new Option('--series <ids...>', `series to ${verb} (default: all)`);
}

/** `--group`, repeatable: groups of the configuration, each its sum and its members. */
export function groupOption(verb: string): Option {
  return new Option('--group <names...>', `groups to ${verb}: the sum and each member (default: all series)`);
}

/** For people: on stdout, or on stderr where stdout carries JSON. */
export function print(json: boolean | undefined, text: string): void {
  (json ? process.stderr : process.stdout).write(text);
}
