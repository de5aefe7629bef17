import { rm } from 'node:fs/promises';
import { config, fetchInto } from '@tidemark/tools/payments/fetching';
import { openDuck } from '@tidemark/trainer/testing/duckdb';
import { duckdbSource } from '@tidemark/trainer/testing/history';
import { plainGroupBy } from './history-log.ts';

// A process of its own per measurement, so that its peak of memory is its own too.
const [kind, folder = '', work = ''] = process.argv.slice(2);
const startedMs = performance.now();
if (kind === 'ours') {
  await rm(work, { recursive: true, force: true });
  const settings = config();
  await fetchInto(work, await duckdbSource(folder, settings));
} else {
  const duck = await openDuck();
  await duck.run(plainGroupBy(folder));
  duck.close();
}
const ms = performance.now() - startedMs;
process.stdout.write(JSON.stringify({ ms, peakMb: process.resourceUsage().maxRSS / 1024, cpu: process.cpuUsage() }));
