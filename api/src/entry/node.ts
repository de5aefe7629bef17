import { randomBytes } from 'node:crypto';
import { UserError } from '@tidemark/shared/errors';
import { hashKey, SCOPES } from '../http/auth.ts';
import { backUp, restore } from '../store/backup.ts';
import { isPostgres } from '../store/postgres-url.ts';
import { processEnvironment, readSettings } from './env.ts';
import { watchWrapper } from './wrapper.ts';

const USAGE = `usage: pnpm api [command]

  (nothing)                 serve; settings come from TIDEMARK_… variables, see docs/deploy.md
  --open                    serve on loopback without keys, as TIDEMARK_OPEN=true does
  key <name> <scope>        make an API key (scopes ${SCOPES.join(', ')}, joined by +) and its entry for TIDEMARK_KEYS
  backup <file>             write a consistent copy of the database while it is in use
  restore <file>            put a copy in place of the database; the service must not be running
  health                    end with 0 if the service on this machine answers, for the health check of a container
  openapi                   print the OpenAPI document
`;

/** Docker gives the check five seconds. */
const HEALTH_TIMEOUT_MS = 4_000;

try {
  await run(process.argv.slice(2));
} catch (error) {
  const userError = error instanceof UserError;
  const text = userError ? `api: ${error.message}\n` : `api: this is a bug\n${(error as Error).stack}\n`;
  // A connection that a failed start has left open would keep the process, and whoever restarts it waiting.
  process.stderr.write(text, () => process.exit(userError ? 2 : 1));
}

async function run(words: readonly string[]): Promise<void> {
  const [command, ...rest] = words.filter((word) => word !== '--');
  const environment = processEnvironment();
  if (command === undefined) return serve(environment);
  if (command === '--open') return serve({ ...environment, TIDEMARK_OPEN: 'true' });
  if (command === 'key') return makeKey(rest);
  if (command === 'backup') return say(await backUp(databaseFile(command, environment), fileOf(command, rest)));
  if (command === 'restore') return say(await restore(fileOf(command, rest), databaseFile(command, environment)));
  if (command === 'health') return say(await checkHealth(readSettings(environment).port));
  if (command === 'openapi') return say(JSON.stringify((await import('../http/openapi.ts')).describeApi(), null, 2));
  if (command === '--help' || command === 'help') return say(USAGE.trimEnd());
  throw new UserError('unknown-command', `unknown command: ${command}\n${USAGE}`);
}

async function serve(environment: Readonly<Record<string, string | undefined>>): Promise<void> {
  // A log that cannot be written, because its disk is full or its reader gone, is no reason to end.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  const { startNode } = await import('./start-node.ts');
  const server = await startNode({ environment });
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    void server.stop().then(() => process.exit(0));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  watchWrapper(environment.npm_lifecycle_event !== undefined, stop);
}

/**
 * Asks the service on this machine. What is wrong with it is told by `/v1/health` itself: a restart by an orchestrator
 * mends only a process that does not answer.
 * @throws UserError `not-ready` where nothing answers.
 */
async function checkHealth(port: number): Promise<string> {
  const url = `http://127.0.0.1:${port}/v1/health`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS) }).catch(() => null);
  if (answer?.ok) return ((await answer.json()) as { status: string }).status;
  throw new UserError(
    'not-ready',
    `${url} ${answer ? `answered ${answer.status}` : 'does not answer'}; is it running?`,
  );
}

function makeKey([name = '', scopes = '']: readonly string[]): void {
  const known = scopes.split('+').every((scope) => (SCOPES as readonly string[]).includes(scope));
  if (!/^[\w.-]+$/.test(name) || !known) {
    throw new UserError(
      'invalid-key',
      `invalid key "${name}" of scope "${scopes}"; expected a name and ${SCOPES.join(', ')} joined by +`,
    );
  }
  const key = `tm_${randomBytes(32).toString('base64url')}`;
  say(
    `key (shown once):      ${key}\nentry (TIDEMARK_KEYS): ${name}:${scopes}:${Buffer.from(hashKey(key)).toString('hex')}`,
  );
}

/** The embedded database's file; a server has its own means of backup. */
function databaseFile(command: string, environment: Readonly<Record<string, string | undefined>>): string {
  const { database } = readSettings(environment);
  if (!isPostgres(database)) return database;
  throw new UserError(
    'no-file',
    `${command} copies the embedded database's file; TIDEMARK_DATABASE is a PostgreSQL server, whose own tools do it in use: ${
      command === 'backup' ? 'pg_dump --format=custom' : 'pg_restore --clean, with the service stopped'
    }`,
  );
}

function fileOf(command: string, [file]: readonly string[]): string {
  if (file) return file;
  throw new UserError('no-file', `${command} needs a file: pnpm api ${command} <file>`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
