import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { hasPostgres } from '@tidemark/api/testing/postgres-server';

/** Tests that run on a PostgreSQL server in place of the engine from npm. */
const TESTS = [
  'api/src/http/contract.test.ts',
  'api/src/entry/postgres.test.ts',
  'api/src/store/postgres-tls.test.ts',
  'api/src/scoring/kill.test.ts',
  'api/src/scoring/shared-cycle.test.ts',
];

if (!hasPostgres()) {
  process.stdout.write(
    `skipped: ${TESTS.join(', ')} on a PostgreSQL server (none is installed, and PGHOST names none; see CONTRIBUTING.md)\n`,
  );
} else {
  const child = spawn(
    process.execPath,
    [
      join(import.meta.dirname, '../../node_modules/vitest/vitest.mjs'),
      'run',
      ...(process.argv.length > 2 ? process.argv.slice(2) : TESTS),
      ...['-t', 'PostgreSQL'],
    ],
    { stdio: 'inherit', env: { ...process.env, TIDEMARK_TEST_POSTGRES: 'true' } },
  );
  process.exitCode = await new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}
