import { UserError } from '@tidemark/shared/errors';
import { Command, InvalidArgumentError } from 'commander';
import { writeSimulatedLog } from '../simulate/log.ts';

/** `trainer simulate`: the log of a payment company that does not exist. */
export function simulateCommand(): Command {
  return new Command('simulate')
    .description('Write the log of a simulated payment company: transactions, merchants and labelled incidents.')
    .requiredOption('--out <folder>', 'where to write transactions.parquet, merchants.parquet and incidents.json')
    .option('--seed <number>', 'the same seed writes the same bytes', wholeNumber, 1)
    .action(async ({ out, seed }: { out: string; seed: number }) => {
      const log = await writeSimulatedLog(out, seed).catch((cause: unknown) => {
        if (isFileError(cause))
          throw new UserError('unwritable-folder', `cannot write to ${out}: ${cause.message}`, { cause });
        throw cause;
      });
      process.stdout.write(
        `${log.transactions.toLocaleString('en-US')} transactions of ${log.clients} clients with ${log.incidents} labelled incidents in ${out}\n`,
      );
    });
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 2_000_000) {
    throw new InvalidArgumentError('not a whole number from 0 to 2,000,000.');
  }
  return number;
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
