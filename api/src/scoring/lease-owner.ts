import { hostname } from 'node:os';
import type { LeaseOwner } from './lease.ts';

/**
 * The name under which this process owns the cycle's lease. Another owner is gone when it was a process of this machine
 * that does not run any more, so that after a crash nobody waits for its lease to run out.
 */
export function processLeaseOwner(): LeaseOwner {
  const name = `${hostname()} ${process.pid} ${crypto.randomUUID()}`;
  return {
    name,
    isGone(other) {
      const [host, pid] = other.split(' ');
      if (host !== hostname() || other.startsWith(name)) return false;
      // The same number as ours, but not us: it was given out again.
      return Number(pid) === process.pid || !runs(Number(pid));
    },
  };
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
