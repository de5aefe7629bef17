import { defineConfig } from 'vitest/config';

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
