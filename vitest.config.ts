import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Hundreds of processes are started that read the same modules: compiled once, they start in half the time.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.cache/node');

export default defineConfig({
  test: {
    // An awkward zone on purpose: nothing may depend on the machine's own.
    env: { TZ: 'Pacific/Chatham' },
    // A slow machine is no failure; the first package of the visual also installs the packaging tools.
    testTimeout: 300_000,
    hookTimeout: 600_000,
    // One worker a core; vitest's own choice leaves one core idle, half of a machine with two.
    maxWorkers: '100%',
    projects: ['shared', 'trainer', 'api', 'visual', 'dashboard', 'tools', 'bench', 'tests'].map((name) => ({
      extends: true as const,
      test: { name, root: `./${name}`, include: ['**/*.test.ts'], exclude: ['**/node_modules/**'] },
    })),
  },
});
