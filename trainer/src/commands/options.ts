import { UserError } from '@tidemark/shared/errors';
import { HOUR_MS } from '@tidemark/shared/forecasting';
import { InvalidArgumentError, Option } from 'commander';

/** `--work`, the folder that the commands hand their results on in. */
export function workOption(): Option {
  return new Option('--work <folder>', 'folder that holds what the commands make').default('.tidemark');
}

/** `--config`, see `loadConfig`. */
export function configOption(): Option {
  return new Option('--config <file>', 'configuration (default: tidemark.config.json here, else beside the history)');
}

/** Reads a number of an option from `low` to `high`. It throws InvalidArgumentError for others and for what is none. */
export function numberWithin(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = numberOf(text);
    if (!(value >= low && value <= high)) throw new InvalidArgumentError(`not a number ${fromTo(low, high)}.`);
    return value;
  };
}

/** Reads a whole number of an option, as `numberWithin` does. */
export function wholeNumber(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = numberOf(text);
    if (!(Number.isInteger(value) && value >= low && value <= high)) {
      throw new InvalidArgumentError(`not a whole number ${fromTo(low, high)}.`);
    }
    return value;
  };
}

/** `--seed`: random numbers are told apart by 31 bits of it. */
export const seed = wholeNumber(0, 2 ** 31 - 1);

/** `--seconds` of learning, up to a week. */
export const seconds = numberWithin(1, 604_800);

function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

function fromTo(low: number, high: number): string {
  return `from ${low.toLocaleString('en-US')} to ${high.toLocaleString('en-US')}`;
}

/** `--json`, for machines. */
export function jsonOption(): Option {
  return new Option('--json', 'one JSON object per line; the last one is the result');
}

/**
 * A date (`2024-01-31`, midnight UTC) or instant (`2024-01-31T06:00:00Z`) on the edge of a bucket, as epoch ms.
 * @throws UserError `invalid-time` naming the option and what it accepts.
 */
export function bucketEdge(option: string, text: string | undefined, stepMs: number): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?Z)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isFinite(ms) || ms % stepMs !== 0) {
    throw new UserError(
      'invalid-time',
      `invalid ${option}; not a UTC date (2024-01-31) or a time at the edge of a ${stepMs / HOUR_MS}-hour bucket (2024-01-31T06:00:00Z): ${text}`,
    );
  }
  return ms;
}
