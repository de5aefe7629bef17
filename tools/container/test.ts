import { spawnSync } from 'node:child_process';
import { runTests } from '../run-tests.ts';

/** Tests that build the image and run it. */
const TESTS = ['tests/container-engine.test.ts'];

const engine = spawnSync('docker', ['version', '--format', '{{.Server.Version}}'], { encoding: 'utf8' });
if (engine.status !== 0) {
  const why = engine.error ? 'docker is not installed' : 'no Docker daemon answers';
  process.stdout.write(`skipped: ${TESTS.join(', ')} (${why}; see CONTRIBUTING.md)\n`);
} else {
  process.stdout.write(`Docker ${engine.stdout.trim()} answers\n`);
  process.exitCode = await runTests(TESTS, { TIDEMARK_TEST_CONTAINER: 'true' });
}
