import { zoneClock } from '@tidemark/shared/forecasting';
import { Command, InvalidArgumentError } from 'commander';
import { DEFAULT_FLEET, type FleetOptions, writeFleetLog } from '../simulate/fleet-log.ts';
import { writeSimulatedLog } from '../simulate/log.ts';
import { numberWithin, wholeNumber } from './options.ts';

interface SimulateOptions extends FleetOptions {
  readonly out: string;
  readonly fleet?: boolean;
}

/** `trainer simulate`: the log of a payment company that does not exist. */
export function simulateCommand(): Command {
  return new Command('simulate')
    .description('Write the log of a simulated payment company: transactions, merchants and what went wrong.')
    .requiredOption('--out <folder>', 'where to write the tables and the list of what went wrong')
    .option('--seed <number>', 'the same seed writes the same bytes', wholeNumber(0, 2_000_000), DEFAULT_FLEET.seed)
    .option('--fleet', 'many clients with troubles of every kind, listed in truth.csv, to measure alarms by')
    .option('--clients <number>', 'of a fleet', wholeNumber(1, 500), DEFAULT_FLEET.clients)
    .option('--days <number>', 'of a fleet', wholeNumber(100, 1_500), DEFAULT_FLEET.days)
    .option('--scale <number>', 'of what a fleet sells', numberWithin(0.01, 10), DEFAULT_FLEET.scale)
    .option('--zone <name>', "of a fleet's merchants", zone, DEFAULT_FLEET.zone)
    .option('--noise <number>', 'hours vary by 1/noise beyond Poisson', numberWithin(1, 1_000), DEFAULT_FLEET.noise)
    .option('--tail <number>', 'standard deviation of log amounts', numberWithin(0.1, 3), DEFAULT_FLEET.tail)
    .action(async (options: SimulateOptions) => {
      const said = await (options.fleet ? fleet(options) : company(options));
      process.stdout.write(`${said} in ${options.out}\n`);
    });
}

async function company({ out, seed }: SimulateOptions): Promise<string> {
  const { transactions, clients, incidents } = await writeSimulatedLog(out, seed);
  return `${transactions.toLocaleString('en-US')} transactions of ${clients} clients with ${incidents} labelled incidents`;
}

async function fleet({ out, ...options }: SimulateOptions): Promise<string> {
  const { transactions, clients, troubles } = await writeFleetLog(out, options);
  return `${transactions.toLocaleString('en-US')} transactions of ${clients} clients with ${troubles} known troubles`;
}

function zone(name: string): string {
  try {
    zoneClock(name);
  } catch {
    throw new InvalidArgumentError('not a time zone such as Europe/Madrid.');
  }
  return name;
}
