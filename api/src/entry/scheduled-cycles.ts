import type { Log } from '../log.ts';
import type { Service } from './service.ts';

/**
 * What the schedule does each minute: it runs a cycle whenever a bucket of the stored step has become complete; another
 * step, stored later, is followed within a minute. The first minute runs one that was missed while no process was there,
 * or that one which was killed had begun; one that failed is tried again every minute.
 */
export function scheduledMinute({ cycle, cycleIsDue }: Pick<Service, 'cycle' | 'cycleIsDue'>, log: Log) {
  let failed = false;
  return async (): Promise<void> => {
    const isDue = await cycleIsDue().catch((error: unknown) => {
      log('error', 'schedule-failed', { error: String(error) });
      return false;
    });
    if (!isDue && !failed) return;
    try {
      await cycle.run('schedule');
      failed = false;
    } catch (error) {
      failed = true;
      log('error', 'cycle-failed', { error: String(error) });
    }
  };
}
