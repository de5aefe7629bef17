import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { UserError } from '@tidemark/shared/errors';
import { readPackagedVisual } from '../packaged-visual.ts';
import { dryRun } from './dry-run.ts';
import { identityOf, publishEnv } from './env.ts';
import { overHttp } from './http.ts';
import { publish } from './publish.ts';
import { createService, type Send } from './service.ts';
import { type Settings, settingsOf } from './settings.ts';
import { signIn } from './sign-in.ts';

const HELP = `pnpm dashboard:publish --workspace <name|id> --base-url <https://…> [options]

Creates or updates the semantic model and the report in a Power BI workspace, sets parameters, credentials and the
two-hour refresh, and refreshes once.

  --workspace <name|id>   workspace to publish to
  --base-url <address>    address of the API, as Power BI's service reaches it
  --history-days <n>      days of history to load (90) *
  --coverage <share>      share of buckets inside the band, 0.8 to 0.999 (0.99) *
  --language <en|es|pt>   language of the API's sentences (en) *
  --access <pairs>        who sees which client under the role By client: user=client;user=client *
  --theme <light|dark>    look of the report (light) *
  --step-hours <number>   stepHours of the model: a refresh per bucket (2)
  --time-zone <IANA>      clock of the business: keeps the eight best refreshes where only eight are allowed (UTC)
  --sign-in <how>         device-code or service-principal (device-code)
  --connection <id>       bind this existing cloud connection instead of the key (Fabric's bindConnection)
  --take-over             become the owner of a semantic model somebody else published
  --no-refresh            do not refresh at the end
  --dry-run               print every request, send none

* Publishing again without it leaves the value as it is; --access "" empties the list.

From the environment: POWERBI_TENANT_ID, POWERBI_CLIENT_ID, POWERBI_CLIENT_SECRET (service principal only),
TIDEMARK_READ_KEY (key of the API; without it the credentials are set by hand, and it is said where).
`;

function flagsOf(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        workspace: text,
        'base-url': text,
        'history-days': text,
        coverage: text,
        language: text,
        access: text,
        theme: text,
        'step-hours': text,
        'time-zone': text,
        'sign-in': text,
        connection: text,
        'take-over': flag,
        'no-refresh': flag,
        'dry-run': flag,
        help: { ...flag, short: 'h' },
      },
    }).values;
  } catch (cause) {
    throw new UserError('invalid-flag', (cause as Error).message, { cause });
  }
}

const print = (line: string) => void process.stdout.write(`${line}\n`);

function sender(settings: Settings): Send {
  if (settings.dryRun) return dryRun(settings.workspace, print);
  return overHttp(signIn({ ...identityOf(publishEnv(), settings.signIn), prompt: print }));
}

async function run(): Promise<void> {
  const flags = flagsOf(process.argv.slice(2));
  if (flags.help) return void process.stdout.write(HELP);
  const settings = settingsOf(flags, publishEnv().apiKey);
  const sleep = async (ms: number) => {
    if (!settings.dryRun) await setTimeout(ms);
  };
  const service = createService({ send: sender(settings), sleep, report: settings.dryRun ? () => {} : print });
  // What a dry run would be answered is not known: it prints requests only.
  const report = settings.dryRun ? () => {} : print;
  await publish({ settings, visual: await readPackagedVisual(), service, report, now: Date.now });
  if (settings.dryRun) print('dry run: nothing was sent, and nothing is known of what the service would answer');
}

try {
  await run();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
