import { createInterface } from 'node:readline';
import { createService, FIRST, madeUpArtifact, madeUpSeries, stoppedClock, WEEK } from '@tidemark/api/testing/service';
import { openStore, processLeaseOwner, upsertActuals } from '@tidemark/api/testing/store';
import { encodeModel } from '@tidemark/shared/contract/model-file';

/**
 * A scorer in a process of its own. Arguments: the database's address and the number of series. Takes commands by line and
 * answers each with a line of JSON: `publish`, `push <from> <to>` (buckets by number, the last exclusive), and `run
 * <bucket>`, a cycle after its end.
 */
const [url = '', count = ''] = process.argv.slice(2);
const template = madeUpSeries('series-0', 14);
const one = madeUpArtifact([template]);
const ids = Array.from({ length: Number(count) }, (_, index) => `series-${index}`);
const [model] = one.metadata.series;
if (!model) throw new Error('no series in the artifact');
const series = ids.map((id) => ({ ...model, id, servedBy: 'lstm' as const }));
const store = await openStore(url);
const clock = stoppedClock();
const service = await createService({
  clock,
  db: store.db,
  environment: { TIDEMARK_BACKFILL_DAYS: '0' },
  cycle: { leaseOwner: processLeaseOwner() },
});

async function publish(): Promise<object> {
  const text = encodeModel({ ...one, metadata: { ...one.metadata, series } });
  const { status } = await service.send('PUT', '/v1/model', text);
  return { status };
}

async function push(from: number, to: number): Promise<object> {
  const buckets = Array.from({ length: to - from }, (_, index) => ({
    bucket: FIRST + from + index,
    value: template.values[(from + index) % WEEK] ?? 0,
    state: 'observed' as const,
  }));
  const incoming = ids.map((id) => ({ id, measure: 'gross' as const, scoreFrom: null, members: null, buckets }));
  await upsertActuals(store.db, incoming, clock.wall());
  return { pushed: to - from };
}

async function run(bucket: number): Promise<object> {
  clock.endOf(bucket);
  const before = process.cpuUsage();
  const report = await service.cycle.run('schedule');
  const { user, system } = process.cpuUsage(before);
  return { series: report.series, cpuSeconds: (user + system) / 1e6 };
}

for await (const line of createInterface({ input: process.stdin })) {
  const [command, first = '0', second = '0'] = line.split(' ');
  const answer =
    command === 'publish'
      ? await publish()
      : command === 'push'
        ? await push(Number(first), Number(second))
        : await run(Number(first));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await store.close();
