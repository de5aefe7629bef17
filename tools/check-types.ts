import { spawnSync } from 'node:child_process';

// One compiler run per package: each sees only the platform it may use.
const projects = ['shared', 'trainer', 'api', 'visual', 'dashboard', 'tools', 'bench', 'tests'];
const failed = projects.filter((project) => spawnSync('tsc', ['-p', project], { stdio: 'inherit' }).status !== 0);
process.exit(failed.length === 0 ? 0 : 1);
