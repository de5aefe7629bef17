import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { NO_FAULTS } from './faults.ts';
import { serveAthena } from './server.ts';

const HELP = `pnpm athena:local <folder> [--port n] [--throttle share] [--reset share] [--fail share] [--queue ms] [--run ms]

Serves a folder of transactions.parquet and merchants.parquet as Athena and its result bucket, on this machine only.
Shares are between 0 and 1: of requests throttled, of answers cut short, of queries that fail once.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    port: { type: 'string' },
    throttle: { type: 'string' },
    reset: { type: 'string' },
    fail: { type: 'string' },
    queue: { type: 'string' },
    run: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

const [folder] = positionals;
if (values.help || folder === undefined || !existsSync(folder)) {
  process.stderr.write(values.help ? HELP : `${folder ? `no such folder: ${folder}` : 'no folder given'}\n\n${HELP}`);
  process.exit(values.help ? 0 : 2);
}

function number(
  name: 'port' | 'throttle' | 'reset' | 'fail' | 'queue' | 'run',
  most: number,
  otherwise: number,
): number {
  const text = values[name];
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= most) return value;
  process.stderr.write(`--${name} ${text}: not a number from 0 to ${most.toLocaleString('en-US')}\n\n${HELP}`);
  process.exit(2);
}

const server = await serveAthena(folder, {
  port: number('port', 65_535, 0),
  faults: {
    throttle: number('throttle', 1, NO_FAULTS.throttle),
    reset: number('reset', 1, NO_FAULTS.reset),
    failRetryable: number('fail', 1, NO_FAULTS.failRetryable),
    queueMs: number('queue', 60_000, 200),
    runMs: number('run', 60_000, 300),
  },
});
process.stdout.write(`Athena over ${folder}; in another shell:

export AWS_ENDPOINT_URL=${server.url} AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
npx -y pnpm@10 trainer doctor
npx -y pnpm@10 trainer fetch --source athena

Ctrl-C ends it.
`);
process.once('SIGINT', async () => {
  await server.close();
});
