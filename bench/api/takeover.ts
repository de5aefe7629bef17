import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { PostgresServer } from '@tidemark/api/testing/postgres-server';
import { madeUpSeries, publishedService, STEP_MS, stoppedClock, WEEK } from '@tidemark/api/testing/service';
import { openStore } from '@tidemark/api/testing/store';
import { type Figure, single } from '../figure.ts';

const WEEKS = 8;
const NEWEST = WEEKS * WEEK - 1;
const PLACES = ['source', 'chunk'] as const;

/**
 * How long a cycle takes that begins when another machine, which has the lease or has claimed series, is killed (`kill -9`)
 * without anybody knowing that it is gone; the longest of both.
 */
export async function benchTakeover(server: PostgresServer): Promise<Figure[]> {
  const seconds: number[] = [];
  for (const place of PLACES) seconds.push(await takeOver(await server.createDatabase(), place));
  process.stderr.write(
    `takeover: ${seconds.map((took, index) => `${PLACES[index]} ${took.toFixed(1)} s`).join(', ')}\n`,
  );
  return [single('api/takeover-seconds', Math.max(...seconds), 's', '≤ 30')];
}

async function takeOver(url: string, place: (typeof PLACES)[number]): Promise<number> {
  const store = await openStore(url);
  const series = Array.from({ length: 3 }, (_, index) => madeUpSeries(`shop-${index}`, WEEKS));
  const clock = stoppedClock();
  clock.endOf(NEWEST);
  const source = { stepMs: STEP_MS, read: async () => [] };
  const service = await publishedService({
    ...{ clock, series, until: NEWEST + 1, db: store.db },
    cycle: { leaseOwner: { name: 'this machine', isGone: () => false }, ...(place === 'source' ? { source } : {}) },
  });
  const child = spawn(process.execPath, [join(import.meta.dirname, 'takeover-child.ts'), url, String(NEWEST), place], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  await Promise.race([once(child.stdout, 'data'), closed]);
  if (child.exitCode !== null) throw new Error(`the other replica ended with ${child.exitCode}`);
  child.kill('SIGKILL');
  await closed;
  const started = performance.now();
  const report = await service.cycle.run('schedule');
  const took = (performance.now() - started) / 1_000;
  if (report.series !== series.length) throw new Error(`${report.series} of ${series.length} series were scored`);
  await store.close();
  return took;
}
