import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trinoEnvironment } from '../athena-local/env.ts';
import { runTests } from '../run-tests.ts';
import { trinoHome } from './env.ts';
import { startTrino } from './server.ts';

/** Tests whose statements go through the Athena stand-in, and so through Trino where there is one. */
const TESTS = [
  'tests/athena/types.test.ts',
  'tests/contract/history.test.ts',
  'tests/contract/doctor.test.ts',
  'tests/contract/api-athena.test.ts',
  'tests/history/law.test.ts',
];

const found = trinoHome();
if ('missing' in found) {
  process.stdout.write(`skipped: ${TESTS.join(', ')} on Trino (${found.missing}; see CONTRIBUTING.md)\n`);
} else {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-trino-'));
  const trino = await startTrino(found.home, found.java, folder);
  try {
    process.stdout.write(`Trino answers at ${trino.url}\n`);
    process.exitCode = await runTests(process.argv.length > 2 ? process.argv.slice(2) : TESTS, trinoEnvironment(trino));
  } finally {
    await trino.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
