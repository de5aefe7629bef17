import { rm } from 'node:fs/promises';
import { openDuck } from '../../trainer/src/duckdb.ts';
import { duckdbSource } from '../../trainer/src/history/duckdb-source.ts';
import { config, fetchInto } from '../contract/fetching.ts';
import { plainGroupBy } from './history-log.ts';

// A process of its own per measurement, so that its peak of memory is its own too.
const [kind, folder = '', work = ''] = process.argv.slice(2);
const startedMs = performance.now();
if (kind === 'ours') {
  await rm(work, { recursive: true, force: true });
  const settings = config();
  await fetchInto(work, await duckdbSource(folder, settings), settings);
} else {
  const duck = await openDuck();
  await duck.run(plainGroupBy(folder));
  duck.close();
}
const ms = performance.now() - startedMs;
process.stdout.write(JSON.stringify({ ms, peakMb: process.resourceUsage().maxRSS / 1024, cpu: process.cpuUsage() }));
