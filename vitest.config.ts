import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// Hundreds of processes are started that read the same modules: compiled once, they start in half the time.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.cache/node');

/** Files that take longest; vitest knows sizes only, and the last of them would run while every other worker idles. */
const LONG = [
  'tests/retrain.test.ts',
  'api/src/http/contract.test.ts',
  'tests/steps.test.ts',
  'trainer/src/commands/train.test.ts',
  'trainer/src/calendar/judge-calendar.test.ts',
];

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => LONG.some((name) => moduleId.endsWith(`/${name}`));
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

/** Projects whose files start servers and change the environment: each of their files gets a process of its own. */
const ISOLATED = ['api', 'tests'];

export default defineConfig({
  test: {
    sequence: { sequencer: LongFirst },
    // An awkward zone on purpose: nothing may depend on the machine's own.
    env: { TZ: 'Pacific/Chatham' },
    // A slow machine is no failure; the first package of the visual also installs the packaging tools.
    testTimeout: 300_000,
    hookTimeout: 600_000,
    // One worker more than cores: a quarter of the time tests wait, for processes, browsers, and timeouts of the product.
    maxWorkers: availableParallelism() + 1,
    projects: ['shared', 'trainer', 'api', 'visual', 'dashboard', 'tools', 'bench', 'tests'].map((name) => ({
      extends: true as const,
      test: {
        name,
        root: `./${name}`,
        include: ['**/*.test.ts'],
        exclude: ['**/node_modules/**'],
        isolate: ISOLATED.includes(name),
      },
    })),
  },
});
