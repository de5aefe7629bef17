import { readFileSync } from 'node:fs';

/** How often the wrapper is looked for. */
const POLL_MS = 500;

/**
 * Calls back once the package manager that started this process is gone. `npx pnpm api` is a chain of processes, and a
 * signal to its first ends that one alone: the service at its end would go on, holding its port and its database.
 * Without a package manager above it, or where there is no `/proc`, nothing is watched but the parent of a script.
 * @returns how to stop watching.
 */
export function watchWrapper(isScript: boolean, gone: () => void): () => void {
  const wrapper = ancestors().findLast(isPackageManager);
  const parent = process.ppid;
  if (wrapper === undefined && !isScript) return () => undefined;
  const timer = setInterval(() => {
    const isThere = wrapper === undefined ? process.ppid === parent : ancestors().includes(wrapper);
    if (isThere) return;
    clearInterval(timer);
    gone();
  }, POLL_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** Processes above this one, from its parent upwards; empty where the system does not tell. */
function ancestors(): number[] {
  const found: number[] = [];
  for (let pid = process.ppid; pid > 1 && !found.includes(pid); ) {
    found.push(pid);
    // The name, in parentheses, may hold anything; the parent is the second field after it.
    const stat = read(`/proc/${pid}/stat`);
    pid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
  }
  return found;
}

function isPackageManager(pid: number): boolean {
  const words = read(`/proc/${pid}/cmdline`)
    .split('\0')
    .flatMap((word) => word.split(' '));
  return words.slice(0, 3).some((word) => /(^|\/)(npm|npx|pnpm)(-cli)?(\.c?js)?$/.test(word));
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
