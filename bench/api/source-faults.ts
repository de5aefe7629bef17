import { join } from 'node:path';
import { compareDatabases } from '@tidemark/api/testing/kill';
import { athenaSource, parseAthena } from '@tidemark/api/testing/scoring';
import { createService, madeUpArtifact, madeUpSeries, stoppedClock, WEEK } from '@tidemark/api/testing/service';
import { lastCycle, openDatabaseFile } from '@tidemark/api/testing/store';
import { encodeModel } from '@tidemark/shared/contract/model-file';
import { bucketStart, createRandom } from '@tidemark/shared/forecasting';
import { DEFAULT_RETRY_POLICY, openAthena } from '@tidemark/shared/warehouse/athena';
import { type Faults, NO_FAULTS } from '@tidemark/tools/athena-local/faults';
import { athenaSettingText, writeTables } from '@tidemark/tools/athena-local/made-up-tables';
import { type AthenaServer, serveAthena } from '@tidemark/tools/athena-local/server';
import { BRISK, pointSdkAt } from '@tidemark/tools/payments/fetching';
import { type Figure, single } from '../figure.ts';

/** A bucket ends every two seconds: half an hour is ten weeks of cycles. */
const TICK_MS = 2_000;
const BEFORE = 13 * WEEK;
const CLIENTS = 6;
/** Nothing goes wrong any more. */
export const { seed: _, ...CALM } = NO_FAULTS;

/** What goes wrong, one after the other in random order, each for a quarter of a minute to one. */
export const EPISODES: readonly [what: string, faults: Partial<Faults>][] = [
  ['nothing', {}],
  ['most requests throttled', { throttle: 0.6 }],
  ['all requests throttled', { throttle: 1 }],
  ['most requests answered by 5xx', { serverError: 0.6 }],
  ['all requests answered by 5xx', { serverError: 1 }],
  ['some requests never answered', { hang: 0.3 }],
  ['no request answered', { hang: 1 }],
  ['answers cut short', { reset: 0.5 }],
  ['queries that fail for now, or are cancelled', { failRetryable: 0.4, cancel: 0.3 }],
  ['queries that fail for good', { failFinal: 0.6 }],
  ['queries that never end', { runMs: 300_000 }],
  ['credentials expired', { expireAfter: 0 }],
];

/**
 * Minutes of real time in which the history source fails in every way, with the service's own patience, against a run
 * without faults: the same buckets, cycle by cycle.
 */
export async function benchSourceFaults(folder: string, minutes: number): Promise<Figure[]> {
  const ticks = Math.ceil((minutes * 60_000) / TICK_MS);
  const series = Array.from({ length: CLIENTS }, (_, index) =>
    madeUpSeries(`client-${index}`, BEFORE / WEEK + Math.ceil(ticks / WEEK) + 1),
  );
  const tables = join(folder, 'tables');
  await writeTables(tables, series);
  const athena = await serveAthena(tables, { faults: { seed: 20_261_122 } });
  pointSdkAt(athena.url);

  const begin = async (file: string, retryPolicy = DEFAULT_RETRY_POLICY) => {
    const database = await openDatabaseFile(join(folder, file));
    const clock = stoppedClock();
    const setting = parseAthena(athenaSettingText(1));
    if (!setting) throw new Error('no setting');
    const source = athenaSource(openAthena(setting), setting.tables, setting.timeoutMinutes * 60_000, retryPolicy);
    const service = await createService({
      clock,
      db: database.db,
      environment: { TIDEMARK_BACKFILL_DAYS: '1' },
      cycle: { source },
    });
    clock.endOf(BEFORE - 1);
    const published = await service.send('PUT', '/v1/model', encodeModel(madeUpArtifact(series)));
    if (published.status !== 200) throw new Error(await published.text());
    await service.cycle.run('schedule');
    return { ...service, clock, close: database.close };
  };

  try {
    const disturbed = await begin('disturbed.db');
    const report = await disturb(athena, disturbed, minutes);
    athena.disturb(CALM);
    while ((await lastCycle(disturbed.db))?.error !== null) await disturbed.cycle.run('schedule');
    disturbed.clock.endOf(BEFORE + ticks);
    await disturbed.cycle.run('schedule');
    disturbed.close();

    const calm = await begin('calm.db', BRISK);
    for (let tick = 0; tick <= ticks; tick++) {
      calm.clock.endOf(BEFORE + tick);
      await calm.cycle.run('schedule');
    }
    calm.close();
    const { lost, doubled, rewritten, different } = await compareDatabases(
      join(folder, 'calm.db'),
      join(folder, 'disturbed.db'),
    );
    return [
      single('api/faults-minutes', minutes, 'min', ''),
      single('api/faults-cycles', report.cycles, 'cycles', ''),
      single('api/faults-failed-cycles', report.failed, 'cycles', ''),
      single('api/faults-lost', lost, 'rows', '0'),
      single('api/faults-doubled', doubled, 'rows', '0'),
      single('api/faults-rewritten', rewritten + different, 'rows', '0'),
      single('api/faults-reads', report.reads, 'requests', ''),
      single('api/faults-failed-reads', report.failedReads, 'requests', '0'),
      single('api/faults-slowest-read-seconds', report.slowestReadMs / 1_000, 's', '≤ 100'),
    ];
  } finally {
    await athena.close();
  }
}

type Disturbed = Awaited<ReturnType<typeof createService>> & { clock: ReturnType<typeof stoppedClock> };

async function disturb(athena: AthenaServer, { cycle, clock, get, db }: Disturbed, minutes: number) {
  const random = createRandom(20_261_122);
  const started = performance.now();
  const elapsed = () => performance.now() - started;
  const over = () => elapsed() >= minutes * 60_000;
  const report = { cycles: 0, failed: 0, reads: 0, failedReads: 0, slowestReadMs: 0 };
  const failures = new Map<string, number>();

  const episodes = async () => {
    while (!over()) {
      const [what, faults] = EPISODES[Math.floor(random.uniform() * EPISODES.length)] as (typeof EPISODES)[number];
      athena.disturb({ ...CALM, ...faults });
      process.stderr.write(`${(elapsed() / 60_000).toFixed(1)} min: ${what}; ${JSON.stringify(report)}\n`);
      await pause(15_000 + 45_000 * random.uniform());
    }
  };
  const cycles = async () => {
    for (let tick = 0; !over(); ) {
      const next = Math.floor(elapsed() / TICK_MS);
      if (next === tick) {
        await pause(100);
        continue;
      }
      tick = next;
      clock.endOf(BEFORE + tick - 1);
      await cycle.run('schedule');
      const { error } = (await lastCycle(db)) ?? { error: null };
      report.cycles++;
      if (error === null) continue;
      report.failed++;
      const kind = error.replaceAll(/[0-9a-f-]{36}/g, '…').slice(0, 120);
      failures.set(kind, (failures.get(kind) ?? 0) + 1);
    }
  };
  // Dashboards go on asking, and never get an error.
  const reads = async () => {
    while (!over()) {
      const from = new Date(bucketStart(Math.floor(clock.wall() / 7_200_000) - 24, 7_200_000)).toISOString();
      const asked = performance.now();
      const response = await get(`/v1/bands?from=${from}`);
      await response.text();
      report.reads++;
      if (response.status !== 200) report.failedReads++;
      report.slowestReadMs = Math.max(report.slowestReadMs, performance.now() - asked);
      await pause(1_000);
    }
  };
  await Promise.all([episodes(), cycles(), reads()]);
  for (const [kind, count] of failures) process.stderr.write(`${count} × ${kind}\n`);
  return report;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
