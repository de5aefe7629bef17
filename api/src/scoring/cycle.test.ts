import type { AlarmRow, BandRow } from '@tidemark/shared/contract';
import { encodeModel } from '@tidemark/shared/contract/model-file';
import { createRandom, SMALL_NETWORK, untrainedArtifact } from '@tidemark/shared/forecasting';
import { sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import type { Db } from '../store/db.ts';
import { readSnapshots } from '../store/scoring-reads.ts';
import {
  createService,
  FIRST,
  madeUpArtifact,
  madeUpSeries,
  publishedService,
  pushOf,
  STEP_MS,
  stoppedClock,
  WEEK,
} from '../testing/service.ts';
import { written } from '../testing/written.ts';
import { threadScorer } from './thread-scorer.ts';

const WEEKS = 16;
const NOW = 15 * WEEK;
const series = [madeUpSeries('shop', WEEKS), madeUpSeries('bank', WEEKS)];

async function scored(until = NOW, environment: Record<string, string> = { TIDEMARK_BACKFILL_DAYS: '7' }) {
  const clock = stoppedClock();
  clock.endOf(until - 1);
  const service = await publishedService({ clock, series, until, environment });
  return { clock, service };
}

const dump = ({ db }: { db: Db }) => written(db);

describe('the scoring cycle', () => {
  test('a read scores what is complete, and every judged bucket carries the band issued one bucket before', async () => {
    const { service } = await scored();
    const rows = await service.rows<BandRow>('/v1/bands?series=shop');
    const judged = rows.filter((row) => row.score !== null);
    expect(judged.length).toBe(84);
    for (const row of judged) {
      expect(Date.parse(row.bucket_start) - Date.parse(row.origin as string)).toBe(7_200_000);
      expect(row.horizon).toBe(1);
      expect(row.forecast as number).toBeGreaterThan(row.lower as number);
    }
    const coming = rows.filter((row) => row.state === 'open' || row.state === 'future');
    expect(coming.map((row) => row.horizon)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(coming.every((row) => row.upper !== null && row.actual === null)).toBe(true);
    service.close();
  });

  test('running it again, or twice at once, changes nothing', async () => {
    const { service } = await scored();
    await service.cycle.run('refresh');
    const before = await dump(service);
    const reports = await Promise.all([service.cycle.run('refresh'), service.cycle.run('schedule')]);
    expect(reports.map(({ bands }) => bands)).toEqual([0, 0]);
    expect(await dump(service)).toEqual(before);
    service.close();
  });

  test('a state that another release has stored is not gone on from, but rebuilt from actuals', async () => {
    const { service } = await scored();
    await service.cycle.run('refresh');
    const stored = await service.db.all<{ series: number; model: number; state: string }>(
      sql`SELECT series, model, state FROM snapshot`,
    );
    const keys = stored.map((one) => one.series);
    const read = () => readSnapshots(service.db, stored[0]?.model as number, keys);
    expect((await read()).size).toBe(series.length);
    const older = Buffer.from(stored[0]?.state as string, 'base64');
    older.writeDoubleLE(5, 8);
    await service.db.run(
      sql`UPDATE snapshot SET state = ${older.toString('base64')} WHERE series = ${stored[0]?.series}`,
    );
    expect([...(await read()).keys()]).not.toContain(stored[0]?.series);
    service.close();
  });

  test('bucket by bucket or after a missed week: the same bands and verdicts', async () => {
    const { service: steady, clock } = await scored(NOW, { TIDEMARK_BACKFILL_DAYS: '1' });
    await steady.cycle.run('refresh');
    for (let at = NOW; at < NOW + WEEK; at++) {
      clock.endOf(at);
      await steady.send('PUT', '/v1/actuals', pushOf(series, at, at + 1));
      await steady.cycle.run('schedule');
    }
    const { service: caught, clock: caughtClock } = await scored(NOW, { TIDEMARK_BACKFILL_DAYS: '1' });
    await caught.cycle.run('refresh');
    caughtClock.endOf(NOW + WEEK - 1);
    await caught.send('PUT', '/v1/actuals', pushOf(series, NOW, NOW + WEEK));
    await caught.cycle.run('schedule');
    expect(await dump(caught)).toEqual(await dump(steady));
    for (const one of [steady, caught]) one.close();
  });

  test('no band depends on anything after its origin', async () => {
    const changed = series.map((one) => ({ ...one, values: one.values.map((v, i) => (i >= NOW - 20 ? v * 3 : v)) }));
    const { service: one } = await scored();
    await one.cycle.run('refresh');
    const clock = stoppedClock();
    clock.endOf(NOW - 1);
    const other = await publishedService({
      clock,
      series: changed,
      until: NOW,
      environment: { TIDEMARK_BACKFILL_DAYS: '7' },
    });
    // The model itself must be the same: only what is observed differs.
    await other.send('PUT', '/v1/model', encodeModel(madeUpArtifact(series, 'same')));
    await other.cycle.run('refresh');
    const cut = FIRST + NOW - 21;
    const until = async (service: typeof one) =>
      service.db.all(
        sql`SELECT series, origin, first_horizon, later_horizons FROM issue WHERE origin <= ${cut} ORDER BY 1, 2`,
      );
    expect((await until(one)).length).toBeGreaterThan(100);
    expect(await until(other)).toEqual(await until(one));
    one.close();
    other.close();
  });

  test('worker threads score a long catch-up to the same digits', async () => {
    const threads = threadScorer(2);
    const { service: plain } = await scored(NOW, { TIDEMARK_BACKFILL_DAYS: '30' });
    const clock = stoppedClock();
    clock.endOf(NOW - 1);
    let handed = 0;
    const spread = await publishedService({
      clock,
      series,
      until: NOW,
      environment: { TIDEMARK_BACKFILL_DAYS: '30' },
      cycle: {
        scorer: (...question) => {
          handed += question[2].length;
          return threads.scorer(...question);
        },
      },
    });
    await plain.cycle.run('refresh');
    await spread.cycle.run('refresh');
    expect(handed).toBe(series.length);
    expect(await dump(spread)).toEqual(await dump(plain));
    await threads.stop();
    plain.close();
    spread.close();
  });

  test('however often a refresh is asked for while a cycle runs, it follows once', async () => {
    const { service, clock } = await scored(WEEK, { TIDEMARK_BACKFILL_DAYS: '1' });
    let reads = 0;
    let goOn: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const source = {
      stepMs: STEP_MS,
      async read() {
        reads++;
        await held;
        if (reads === 2) throw new Error('down');
        return [];
      },
    };
    const fed = await createService({ clock, db: service.db, cycle: { source } });
    const first = fed.cycle.run('refresh');
    while (reads === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    const others = Array.from({ length: 10 }, () => fed.cycle.run('refresh'));
    goOn();
    await Promise.all([first, ...others]);
    expect(reads).toBe(2);
    await fed.cycle.run('refresh');
    expect(reads).toBe(3);
    service.close();
  });

  test('a source that fails is asked again, and in the end nothing differs from a run without faults', async () => {
    const runs = await Promise.all(
      [false, true].map(async (faulty) => {
        const random = createRandom(5);
        const { service, clock } = await scored(NOW, { TIDEMARK_BACKFILL_DAYS: '1' });
        await service.cycle.run('refresh');
        const faults = ['timeout', 'answered 503', 'ThrottlingException'];
        const source = {
          stepMs: STEP_MS,
          async read({ from, to }: { from: number; to: number }) {
            if (faulty && random.uniform() < 0.4) throw new Error(faults[Math.floor(random.uniform() * 3)]);
            return series.map((one) => ({
              id: one.id,
              measure: one.measure,
              scoreFrom: null,
              members: null,
              buckets: Array.from({ length: to - from + 1 }, (_, i) => ({
                bucket: from + i,
                value: one.values[from + i - FIRST] as number,
                state: 'observed' as const,
              })),
            }));
          },
        };
        const fed = await createService({
          clock,
          db: service.db,
          environment: { TIDEMARK_BACKFILL_DAYS: '1' },
          cycle: { source },
        });
        for (let at = NOW; at < NOW + 36; at++) {
          clock.endOf(at);
          await fed.cycle.run('schedule');
        }
        // The feed recovers.
        for (let tries = 0; tries < 20; tries++) await fed.cycle.run('schedule');
        const rows = await dump(service);
        service.close();
        return rows;
      }),
    );
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[0]?.issues.length).toBe(2 * (13 + 36));
  });

  test('the open bucket is shown and never judged', async () => {
    const { service, clock } = await scored();
    clock.endOf(NOW - 1, 60);
    const [open] = pushOf(series, NOW, NOW + 1).series;
    await service.send('PUT', '/v1/actuals', { series: [{ ...open, values: [0.5], open: true }] });
    const rows = await service.rows<BandRow>('/v1/bands?series=shop');
    const row = rows.find(({ state }) => state === 'open');
    expect(row).toMatchObject({ actual: 0.5, score: null, severity: null });
    service.close();
  });

  test('a bucket is judged only once the watermark has passed', async () => {
    const { service, clock } = await scored(NOW, { TIDEMARK_BACKFILL_DAYS: '7', TIDEMARK_WATERMARK_MINUTES: '30' });
    clock.endOf(NOW - 1, 29);
    expect((await service.rows<BandRow>('/v1/bands?series=shop')).filter(({ score }) => score !== null).length).toBe(
      84,
    );
    const before = await service.rows<{ newest_scored: string }>('/v1/series');
    clock.endOf(NOW - 1, 31);
    const after = await service.rows<{ newest_scored: string }>('/v1/series');
    expect(Date.parse(after[0]?.newest_scored ?? '') - Date.parse(before[0]?.newest_scored ?? '')).toBe(7_200_000);
    service.close();
  });

  test('a corrected actual changes its verdict and incident, keeps the change, and rewrites no band', async () => {
    const { service } = await scored();
    await service.cycle.run('refresh');
    const before = await dump(service);
    const at = NOW - 5;
    const [shop] = pushOf(series, at, at + 1).series;
    await service.send('PUT', '/v1/actuals', { series: [{ ...shop, values: [1] }] });
    const alarmsAfter = (await service.rows<AlarmRow>('/v1/alarms?series=shop&severity=info')).filter(
      (row) => Date.parse(row.start) === Date.parse(shop?.start ?? ''),
    );
    expect(alarmsAfter).toMatchObject([{ direction: 'low', status: 'closed' }]);
    const after = await dump(service);
    expect(after.issues).toEqual(before.issues);
    expect(after.verdicts.length).toBe(before.verdicts.length);
    const changes = await service.db.all<{ subject: string }>(sql`SELECT subject FROM change ORDER BY id`);
    expect(changes.map(({ subject }) => subject)).toEqual(['actual', 'verdict']);
    await service.send('PUT', '/v1/actuals', { series: [shop] });
    await service.rows('/v1/alarms');
    const back = await dump(service);
    expect(back.verdicts).toEqual(before.verdicts);
    expect(back.incidents.filter((one) => one.status !== 'withdrawn')).toEqual(before.incidents);
    service.close();
  });

  test('an actual that arrives late is judged against the band that was issued before it', async () => {
    const { service, clock } = await scored();
    await service.cycle.run('refresh');
    clock.endOf(NOW + 1);
    await service.send('PUT', '/v1/actuals', pushOf(series, NOW + 1, NOW + 2));
    let row = (await service.rows<BandRow>('/v1/bands?series=bank')).find(({ state }) => state === 'missing');
    expect(row).toMatchObject({ actual: null, score: null });
    const forecast = row?.forecast;
    await service.send('PUT', '/v1/actuals', pushOf(series, NOW, NOW + 1));
    row = (await service.rows<BandRow>('/v1/bands?series=bank')).find(
      ({ bucket_start }) => bucket_start === row?.bucket_start,
    );
    expect(row).toMatchObject({ state: 'observed', forecast, horizon: 1 });
    expect(row?.score).not.toBe(null);
    service.close();
  });

  test('a bucket corrected after thirteen weeks changes its verdict, no band, and cycles go on', async () => {
    const { service, clock } = await scored(2 * WEEK, { TIDEMARK_BACKFILL_DAYS: '3' });
    await service.cycle.run('refresh');
    clock.endOf(NOW - 1);
    await service.send('PUT', '/v1/actuals', pushOf(series, 2 * WEEK, NOW));
    await service.cycle.run('refresh');
    const before = await dump(service);
    const at = NOW - 13 * WEEK - 5;
    const [shop] = pushOf(series, at, at + 1).series;
    await service.send('PUT', '/v1/actuals', { series: [{ ...shop, values: [1] }] });
    const rows = await service.rows<AlarmRow>(`/v1/alarms?series=shop&from=${shop?.start}&severity=critical`);
    expect(rows.map(({ start, status }) => [start, status])).toContainEqual([shop?.start, 'closed']);
    clock.endOf(NOW);
    await service.send('PUT', '/v1/actuals', pushOf(series, NOW, NOW + 1));
    await service.cycle.run('refresh');
    const after = await dump(service);
    expect(after.issues.length).toBe(before.issues.length + 2);
    expect(after.issues).toEqual(expect.arrayContaining(before.issues));
    service.close();
  });

  test('a clock that is a minute behind that of the feed takes its buckets, and judges none before its time', async () => {
    const { service, clock } = await scored();
    await service.cycle.run('refresh');
    clock.endOf(NOW, -1);
    expect((await service.send('PUT', '/v1/actuals', pushOf(series, NOW, NOW + 1))).status).toBe(200);
    expect((await service.cycle.run('refresh')).verdicts).toBe(0);
    expect((await service.send('PUT', '/v1/actuals', pushOf(series, NOW + 1, NOW + 2))).status).toBe(400);
    clock.endOf(NOW);
    expect((await service.cycle.run('refresh')).verdicts).toBe(2);
    // Set back by an hour, as a clock may be: nothing is taken back.
    clock.endOf(NOW, -60);
    const before = await dump(service);
    expect((await service.cycle.run('refresh')).bands).toBe(0);
    expect(await dump(service)).toEqual(before);
    service.close();
  });

  test.each([
    ['2025-03-30', 11],
    ['2025-10-26', 13],
  ])('on %s, a day of %i buckets in Berlin, each bucket is forecast, judged and told once', async (day, count) => {
    const [shop] = [madeUpSeries('shop', 44)];
    const until = Date.parse(`${day}T00:00:00Z`) / 7_200_000 + 24 - FIRST;
    const clock = stoppedClock();
    clock.endOf(until - 1);
    const artifact = untrainedArtifact([shop], { timeZone: 'Europe/Berlin', servedBy: 'base', network: SMALL_NETWORK });
    const service = await createService({ clock, environment: { TIDEMARK_BACKFILL_DAYS: '4' } });
    await service.send('PUT', '/v1/model', encodeModel(artifact));
    await service.send('PUT', '/v1/actuals', pushOf([shop], Math.max(0, until - 14 * WEEK), until));
    const rows = await service.rows<BandRow>('/v1/bands?series=shop');
    const ofDay = rows.filter(({ bucket_start_local }) => bucket_start_local.startsWith(day));
    expect(ofDay.length).toBe(count);
    expect(new Set(rows.map(({ bucket_start }) => bucket_start)).size).toBe(rows.length);
    for (const row of ofDay) expect([row.state, row.horizon, row.score === null]).toEqual(['observed', 1, false]);
    service.close();
  });
});
