import { hasPostgres } from '@tidemark/api/testing/postgres-server';
import { runTests } from '../run-tests.ts';

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
  const files = process.argv.length > 2 ? process.argv.slice(2) : TESTS;
  process.exitCode = await runTests([...files, '-t', 'PostgreSQL'], { TIDEMARK_TEST_POSTGRES: 'true' });
}
