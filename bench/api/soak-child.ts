import { startNode } from '@tidemark/api';
import { BEFORE, beganIn, soakClock, TICK_MS } from './soak-clock.ts';

/**
 * A replica of the service, with its own settings from the environment and a clock in which a bucket ends every two
 * seconds. Arguments: the file that says when that clock began, and the buckets after which it stands. Prints the
 * service's log, which names its address; SIGTERM stops it.
 */
const [began = '', ticks = ''] = process.argv.slice(2);
const clock = soakClock(beganIn(began), Number(ticks));
const server = await startNode({ environment: process.env, port: 0, clock });
let stopping = false;
process.once('SIGTERM', () => {
  stopping = true;
  void server.stop().then(() => process.exit(0));
});
for (let tick = BEFORE; !stopping; ) {
  await new Promise((resolve) => setTimeout(resolve, TICK_MS / 20));
  if (clock.tick() === tick) continue;
  tick = clock.tick();
  await server.cycle.run('schedule').catch(() => undefined);
}
