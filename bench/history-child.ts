import { rm } from 'node:fs/promises';
import { monthWindows } from '@tidemark/shared/warehouse';
import { openDuck } from '@tidemark/shared/warehouse/duckdb';
import { config, fetchInto } from '@tidemark/tools/payments/fetching';
import { duckdbSource } from '@tidemark/trainer/testing/history';
import { LOG_FROM_MS, LOG_TO_MS, plainGroupBy } from './history-log.ts';

// A process of its own per measurement, so that its peak of memory is its own too.
const [kind, folder = '', work = ''] = process.argv.slice(2);
const startedMs = performance.now();
if (kind === 'ours') {
  await rm(work, { recursive: true, force: true });
  const settings = config();
  await fetchInto(work, await duckdbSource(folder, settings));
} else if (kind === 'buckets') {
  const source = await duckdbSource(folder, config());
  // What a fetch runs for the buckets, and nothing that it looks at before.
  const windows = monthWindows(LOG_FROM_MS, LOG_TO_MS).map((window) => ({ ...window, freshness: '' }));
  for await (const { query, duck } of source.fetch(
    { ...source.config, dimensions: [] },
    windows,
    new AbortController().signal,
  )) {
    await duck.run(`CREATE OR REPLACE TEMP TABLE kept AS ${query}`);
  }
  await source.close();
} else {
  const duck = await openDuck();
  await duck.run(plainGroupBy(folder));
  duck.close();
}
const ms = performance.now() - startedMs;
process.stdout.write(JSON.stringify({ ms, peakMb: process.resourceUsage().maxRSS / 1024, cpu: process.cpuUsage() }));
