import { encodeModel } from '@tidemark/shared/contract/model-file';
import { parseWebhooks, pendingDeliveriesBy } from '../notify/webhooks.ts';
import { processLeaseOwner } from '../scoring/lease-owner.ts';
import { readSeries } from '../store/actuals.ts';
import { openDatabaseFile } from '../store/libsql.ts';
import { openStore } from '../store/open.ts';
import { isPostgres } from '../store/postgres-url.ts';
import { countedClients } from './counted.ts';
import { createService, FIRST, madeUpArtifact, madeUpSeries, pushOf, stoppedClock, WEEK } from './service.ts';

/**
 * A process to be killed: takes up a database where it is and goes on, bucket by bucket, to the last. Arguments: the
 * database file and the number of buckets to go beyond the first eight weeks. It prints `cycle` before each cycle, the
 * first of which repeats the last bucket that was scored: a kill may have come at any of its steps. Clients that are
 * counted all fall silent for three buckets in a hundred, which is a storm.
 */
const [file = '', buckets = '0'] = process.argv.slice(2);
const NOW = 8 * WEEK;
const series = Array.from({ length: 4 }, (_, index) =>
  madeUpSeries(`series-${index}`, 8 + Math.ceil(Number(buckets) / WEEK) + 1),
);
const counted = countedClients(
  Array.from({ length: 5 }, (_, index) => `counted-${index}`),
  8 + Math.ceil(Number(buckets) / WEEK) + 1,
  (_, index) => (index >= NOW && [5, 6, 7].includes((index - NOW) % 100) ? { attempts: 0 } : {}),
);
const webhooks = parseWebhooks('[{"name": "ops", "url": "https://hooks.example/ops", "severity": "info"}]');
const clock = stoppedClock();
const database = isPostgres(file) ? await openStore(file) : await openDatabaseFile(file, 'kill');
const service = await createService({
  clock,
  db: database.db,
  environment: { TIDEMARK_BACKFILL_DAYS: '1', TIDEMARK_CHUNK_SERIES: '2' },
  cycle: { leaseOwner: processLeaseOwner(), pendingDeliveries: pendingDeliveriesBy(webhooks) },
});

async function put(path: string, body: unknown): Promise<void> {
  const response = await service.send('PUT', path, body);
  if (response.status !== 200) throw new Error(await response.text());
}

if ((await service.get('/v1/ready')).status !== 200) {
  await put('/v1/model', encodeModel(madeUpArtifact(series)));
}
const scored = (await readSeries(database.db)).flatMap(({ origin }) => (origin === null ? [] : [origin - FIRST]));
const first = scored.length > 0 ? Math.min(...scored) : NOW;
for (let bucket = first; bucket < NOW + Number(buckets); bucket++) {
  clock.endOf(bucket);
  process.stdout.write('cycle\n');
  // Some once more: what is known already changes nothing. Every ninth bucket comes one cycle late.
  const until = bucket % 9 === 0 ? bucket : bucket + 1;
  await put('/v1/actuals', pushOf(series, bucket === NOW ? 0 : bucket - 2, until));
  await put('/v1/actuals', counted.body(bucket === NOW ? NOW - 6 * WEEK : bucket - 2, until));
  await service.cycle.run('schedule');
}
process.stdout.write('done\n');
await database.close();
