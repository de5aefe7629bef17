import { encodeModel } from '@tidemark/shared/contract/model-file';
import { processLeaseOwner } from '../scoring/lease-owner.ts';
import { openDatabaseFile } from '../store/libsql.ts';
import { createService, madeUpArtifact, madeUpSeries, pushOf, stoppedClock, WEEK } from './service.ts';

/**
 * A process to be killed: takes up a database where it is and goes on, bucket by bucket, to the last. Arguments: the
 * database file and the number of buckets to go beyond the first eight weeks. It prints `cycle` before each cycle.
 */
const [file = '', buckets = '0'] = process.argv.slice(2);
const NOW = 8 * WEEK;
const series = Array.from({ length: 6 }, (_, index) =>
  madeUpSeries(`series-${index}`, 8 + Math.ceil(Number(buckets) / WEEK) + 1),
);
const clock = stoppedClock();
const database = await openDatabaseFile(file, 'kill');
const service = await createService({
  clock,
  db: database.db,
  environment: { TIDEMARK_BACKFILL_DAYS: '1', TIDEMARK_CHUNK_SERIES: '2' },
  cycle: { leaseOwner: processLeaseOwner() },
});

async function put(path: string, body: unknown): Promise<void> {
  const response = await service.send('PUT', path, body);
  if (response.status !== 200) throw new Error(await response.text());
}

if ((await service.get('/v1/ready')).status !== 200) {
  await put('/v1/model', encodeModel(madeUpArtifact(series)));
}
for (let bucket = NOW; bucket < NOW + Number(buckets); bucket++) {
  clock.endOf(bucket);
  process.stdout.write('cycle\n');
  // All from the start: what is known already changes nothing. Every ninth bucket comes one cycle late.
  const until = bucket % 9 === 0 ? bucket : bucket + 1;
  await put('/v1/actuals', pushOf(series, bucket === NOW ? 0 : bucket - 2, until));
  await service.cycle.run('schedule');
}
process.stdout.write('done\n');
database.close();
