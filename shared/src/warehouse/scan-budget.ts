import { UserError } from '../errors.ts';

const MB = 1e6;

/** The error of a statement that reads, or would read, more bytes than it may. */
export function overScanned(bytes: number, budget: number): UserError {
  return new UserError(
    'scan-budget',
    `stopped at ${Math.ceil(bytes / MB)} MB to be read; explain.maxScannedMb allows ${Number((budget / MB).toPrecision(6))}`,
  );
}
