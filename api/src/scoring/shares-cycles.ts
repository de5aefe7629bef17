import type { Db } from '../store/db.ts';

/**
 * Whether processes score one cycle together, each chunk by whoever claims it first. On a file or D1 one process runs a
 * whole cycle while it owns the lease.
 */
export function sharesCycles(db: Db): boolean {
  return db.engine === 'postgres';
}
