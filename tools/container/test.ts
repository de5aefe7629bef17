import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Tests that build the image and run it. */
const TESTS = ['tests/container-engine.test.ts'];

const engine = spawnSync('docker', ['version', '--format', '{{.Server.Version}}'], { encoding: 'utf8' });
if (engine.status !== 0) {
  const why = engine.error ? 'docker is not installed' : 'no Docker daemon answers';
  process.stdout.write(`skipped: ${TESTS.join(', ')} (${why}; see CONTRIBUTING.md)\n`);
} else {
  process.stdout.write(`Docker ${engine.stdout.trim()} answers\n`);
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, '../../node_modules/vitest/vitest.mjs'), 'run', ...TESTS],
    { stdio: 'inherit', env: { ...process.env, TIDEMARK_TEST_CONTAINER: 'true' } },
  );
  process.exitCode = await new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}
