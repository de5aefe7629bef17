import { numberWithin, wholeNumber } from '@tidemark/trainer/testing/options';
import { Command } from 'commander';
import { exitCodeFor } from '../exit-code.ts';
import { NO_FAULTS } from './faults.ts';
import { serveAthena } from './server.ts';

interface AthenaLocalOptions {
  readonly port: number;
  readonly throttle: number;
  readonly reset: number;
  readonly fail: number;
  readonly queue: number;
  readonly run: number;
}

const share = numberWithin(0, 1);
const milliseconds = wholeNumber(0, 60_000);

const program = new Command('athena:local')
  .description('Serves a folder of Parquet or CSV tables as Athena and its result bucket, on this machine only.')
  .argument('<folder>', 'that holds transactions and merchants')
  .option('--port <number>', 'where to serve; 0 takes any free port', wholeNumber(0, 65_535), 0)
  .option('--throttle <share>', 'of requests that are throttled', share, NO_FAULTS.throttle)
  .option('--reset <share>', 'of answers that are cut short', share, NO_FAULTS.reset)
  .option('--fail <share>', 'of queries that fail once', share, NO_FAULTS.failRetryable)
  .option('--queue <ms>', 'that a query waits', milliseconds, 200)
  .option('--run <ms>', 'that a query runs', milliseconds, 300)
  .showHelpAfterError('(add --help for what is accepted)')
  .exitOverride();

try {
  program.parse();
  await serve(program.args[0] as string, program.opts<AthenaLocalOptions>());
} catch (error) {
  process.exitCode = exitCodeFor('athena:local', error);
}

async function serve(folder: string, options: AthenaLocalOptions): Promise<void> {
  const { port, throttle, reset, fail: failRetryable, queue: queueMs, run: runMs } = options;
  const server = await serveAthena(folder, { port, faults: { throttle, reset, failRetryable, queueMs, runMs } });
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => server.close());
  process.stdout.write(`Athena over ${folder}; in another shell:

export AWS_ENDPOINT_URL=${server.url} AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
npx -y pnpm@10 trainer doctor
npx -y pnpm@10 trainer fetch --source athena

Ctrl-C ends it.
`);
}
