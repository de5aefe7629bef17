import { readFileSync } from 'node:fs';

/** How often the wrapper is looked for. */
const POLL_MS = 500;

/**
 * Calls back once the package manager that started this process is gone. `npx pnpm api` is a chain of processes, and a
 * signal to its first ends that one alone: the service at its end would go on, holding its port and its database.
 * Without a package manager above it, or where there is no `/proc`, nothing is watched but the parent of a script.
 * @param read gives the text of a file; throws as `readFileSync` does.
 * @returns how to stop watching.
 */
export function watchWrapper(isScript: boolean, gone: () => void, read: Read = readText): () => void {
  const wrapper = known(() => ancestors(read).findLast((pid) => isPackageManager(pid, read)), undefined);
  const parent = process.ppid;
  if (wrapper === undefined && !isScript) return () => undefined;
  const timer = setInterval(() => {
    const isThere =
      wrapper === undefined ? process.ppid === parent : known(() => ancestors(read).includes(wrapper), true);
    if (isThere) return;
    clearInterval(timer);
    gone();
  }, POLL_MS);
  timer.unref();
  return () => clearInterval(timer);
}

type Read = (file: string) => string;
const readText: Read = (file) => readFileSync(file, 'utf8');

/** Processes above this one, from its parent upwards; empty where the system does not tell. */
function ancestors(read: Read): number[] {
  const found: number[] = [];
  for (let pid = process.ppid; pid > 1 && !found.includes(pid); ) {
    found.push(pid);
    // The name, in parentheses, may hold anything; the parent is the second field after it.
    const stat = textOf(`/proc/${pid}/stat`, read);
    pid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
  }
  return found;
}

function isPackageManager(pid: number, read: Read): boolean {
  const words = textOf(`/proc/${pid}/cmdline`, read)
    .split('\0')
    .flatMap((word) => word.split(' '));
  return words.slice(0, 3).some((word) => /(^|\/)(npm|npx|pnpm)(-cli)?(\.c?js)?$/.test(word));
}

/** What keeps every file from being opened, such as a flood of connections: it says nothing of the process asked about. */
const NO_FILES: readonly unknown[] = ['EMFILE', 'ENFILE', 'ENOMEM'];

/** The text of a file; empty where it is gone or may not be read. @throws where no file can be opened. */
function textOf(file: string, read: Read): string {
  try {
    return read(file);
  } catch (error) {
    if (NO_FILES.includes((error as { code?: unknown }).code)) throw error;
    return '';
  }
}

/** What `ask` gives, or `otherwise` where no file can be opened. */
function known<T>(ask: () => T, otherwise: T): T {
  try {
    return ask();
  } catch {
    return otherwise;
  }
}
