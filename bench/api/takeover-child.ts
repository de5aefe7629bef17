import { createService, STEP_MS, stoppedClock } from '@tidemark/api/testing/service';
import { openStore } from '@tidemark/api/testing/store';

/**
 * A replica that stops in the middle of a cycle, as if on another machine, until it is killed. Arguments: the database's
 * address, the bucket, and where it stops: `source` (it has the lease, and asks the source) or `chunk` (it has claimed
 * series, and scores them). It prints `there` once it is there.
 */
const [url = '', bucket = '0', place = ''] = process.argv.slice(2);

function stop(): Promise<never> {
  process.stdout.write('there\n');
  return new Promise(() => undefined);
}

const store = await openStore(url);
const clock = stoppedClock();
clock.endOf(Number(bucket));
const service = await createService({
  clock,
  db: store.db,
  cycle: {
    leaseOwner: { name: 'another machine', isGone: () => false },
    scorer: stop,
    ...(place === 'source' ? { source: { stepMs: STEP_MS, read: stop } } : {}),
  },
});
await service.cycle.run('schedule');
