import type { AlarmRow, BandRow, SeriesRow } from '@tidemark/shared/contract';
import { utcText } from '@tidemark/shared/contract';
import { encodeModel } from '@tidemark/shared/contract/model-file';
import { bucketStart } from '@tidemark/shared/forecasting';
import { SEVERITIES, type Severity } from '@tidemark/shared/vocabulary';
import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { calm, countedClients, type Troubles } from '../../testing/counted.ts';
import {
  createService,
  FIRST,
  madeUpArtifact,
  madeUpSeries,
  publishedService,
  type Service,
  STEP_MS,
  stoppedClock,
  WEEK,
} from '../../testing/service.ts';

const WEEKS = 8;
const NOW = 7 * WEEK;
const IDS = ['bank', 'café', 'shop', 'tiny'];
const series = IDS.map((id) => madeUpSeries(id, WEEKS));
const environment = { TIDEMARK_BACKFILL_DAYS: '4' };

const bodyOf = (from: number, to: number, troubles: Troubles) => countedClients(IDS, WEEKS, troubles).body(from, to);

/** The same, of which only money is known. */
const withoutCounts = ({ series: all }: ReturnType<typeof bodyOf>) => ({
  series: all.map(({ counts: _, ...one }) => one),
});

async function watched(troubles: Troubles, until = NOW): Promise<Service> {
  const clock = stoppedClock();
  clock.endOf(until - 1);
  const service = await publishedService({ clock, series, until: 1, environment });
  expect((await service.send('PUT', '/v1/actuals', bodyOf(0, until, troubles))).status).toBe(200);
  await service.cycle.run('refresh');
  return service;
}

const alarmsOf = (service: Service) => service.rows<AlarmRow>('/v1/alarms');
const outage: Troubles = (id, index) => (id === 'shop' && index >= NOW - 20 && index < NOW - 14 ? { attempts: 0 } : {});

test('what a backfill raises is news by the newest bucket, not by the one that it had come to', async () => {
  const clock = stoppedClock();
  clock.endOf(NOW - 1);
  const targets = new Set<number>();
  const pendingDeliveries = (_: unknown, target: number) => {
    targets.add(target);
    return [];
  };
  // Over when the first week of the backfill is.
  const at = NOW - 9 * 12 + WEEK - 8;
  const early: Troubles = (_, index) => (index >= at && index < at + 6 ? { attempts: 0 } : {});
  const service = await createService({
    clock,
    environment: { TIDEMARK_BACKFILL_DAYS: '9' },
    cycle: { pendingDeliveries },
  });
  await service.send('PUT', '/v1/model', encodeModel(madeUpArtifact(series)));
  await service.send('PUT', '/v1/actuals', countedClients(['shop'], WEEKS, early).body(0, NOW));
  await service.cycle.run('refresh');
  expect([...targets]).toEqual([FIRST + NOW - 1]);
  service.close();
});

test('an outage is one incident with its cause, raised with its first bucket, told in a sentence', async () => {
  const service = await watched(outage);
  const found = (await alarmsOf(service)).filter(({ detector }) => detector !== 'band');
  expect(found.length).toBe(1);
  expect(found[0]).toMatchObject({
    series: 'shop',
    direction: 'low',
    status: 'closed',
    cause: 'attempts',
    cause_value: null,
    storm: null,
    start: utcText(bucketStart(FIRST + NOW - 20, STEP_MS)),
    raised_at: utcText(bucketStart(FIRST + NOW - 19, STEP_MS)),
    sentence: expect.stringMatching(/^No sale for \d+ h; [\d.]+ expected$/),
  });
  const sentenceIn = async (query: string, accept?: string) => {
    const answer = await service.get(`/v1/alarms?series=shop${query}`, accept ? { 'accept-language': accept } : {});
    expect(answer.headers.get('vary')).toContain('Accept-Language');
    return ((await answer.json()) as { rows: AlarmRow[] }).rows[0]?.sentence;
  };
  const [english, spanish, portuguese] = [/^No sale for/, /^Ninguna venta en \d+ h; se esperaban/, /^Nenhuma venda em/];
  expect(await sentenceIn('&language=pt')).toMatch(portuguese as RegExp);
  expect(await sentenceIn('', 'de, es-MX;q=0.9, en;q=0.5')).toMatch(spanish as RegExp);
  expect(await sentenceIn('&language=en', 'es')).toMatch(english as RegExp);
  expect(await sentenceIn('', 'de, pt;q=0')).toMatch(english as RegExp);
  expect((await service.get('/v1/alarms?language=de')).status).toBe(400);
  expect(found[0]?.volume).toBeLessThan(0);
  service.close();
});

test('what was given back beyond the usual is an incident of refunds, though as much was sold as ever', async () => {
  const net = series.filter(({ id }) => id === 'shop').map((one) => ({ ...one, measure: 'net' as const }));
  const clock = stoppedClock();
  clock.endOf(NOW - 1);
  const service = await publishedService({ clock, series: net, until: 1, environment });
  const given: Troubles = (_, index) => (index >= NOW - 20 && index < NOW - 16 ? { refunds: 1.5 } : {});
  const body = countedClients(['shop'], WEEKS, given).body(0, NOW);
  const pushed = { series: body.series.map((one) => ({ ...one, measure: 'net' as const })) };
  expect((await service.send('PUT', '/v1/actuals', pushed)).status).toBe(200);
  await service.cycle.run('refresh');
  const [found] = (await alarmsOf(service)).filter(({ cause }) => cause === 'refunds');
  expect(found).toMatchObject({
    series: 'shop',
    direction: 'low',
    detector: 'band',
    start: utcText(bucketStart(FIRST + NOW - 20, STEP_MS)),
    sentence: expect.stringMatching(/^Volume after refunds fell from [\d,.]+ to −?[\d,.]+$/),
  });
  service.close();
});

test('an outage is drawn: each bucket it covers has its severity and the reason in the bands, whatever limits are asked for', async () => {
  const service = await watched(outage);
  const [incident] = (await alarmsOf(service)).filter(({ detector }) => detector !== 'band');
  const from = utcText(bucketStart(FIRST + NOW - 30, STEP_MS));
  const rowsOf = (query = '') =>
    service.rows<BandRow>(`/v1/bands?series=shop&from=${from}&to=${from.slice(0, 8)}28${query}`);
  const rows = await rowsOf();
  const during = (row: BandRow) =>
    row.bucket_start >= (incident?.start ?? '') && row.bucket_start < (incident?.end ?? '');
  expect(rows.filter(({ reason }) => reason !== null)).toEqual(rows.filter(during));
  for (const row of rows.filter(during)) {
    expect(row).toMatchObject({ direction: 'low', reason: expect.stringMatching(/^No sale for|attempts? in/) });
  }
  // As bad as the incident, however far these buckets lie outside their bands.
  const worst = (list: BandRow[]) => Math.max(...list.map(({ severity }) => SEVERITIES.indexOf(severity as Severity)));
  expect(worst(rows.filter(during))).toBe(SEVERITIES.indexOf(incident?.severity as Severity));
  const reasons = (list: BandRow[]) => list.map(({ bucket_start, reason }) => [bucket_start, reason]);
  expect(reasons(await rowsOf('&coverage=0.999'))).toEqual(reasons(rows));
  const spanish = (await rowsOf('&language=es')).filter(during);
  expect(spanish.every(({ reason }) => /^Ninguna venta en|intentos? en/.test(reason ?? ''))).toBe(true);
  // One table for all detectors, and one row a detector and bucket.
  const kept = await service.db.all<{ detector: string; rows: number }>(
    sql`SELECT v.detector, COUNT(*) AS rows FROM verdict v JOIN series s ON s.key = v.series
        WHERE s.id = 'shop' AND v.alarm IS NOT NULL AND v.detector <> 'band' GROUP BY v.detector`,
  );
  expect(kept.map(({ detector }) => detector)).toContain('attempts');
  service.close();
});

test('bucket by bucket or all at once, here or after a restart: the same incidents', async () => {
  const once = await watched(outage);
  const clock = stoppedClock();
  const from = NOW - 30;
  clock.endOf(from - 1);
  let steady = await publishedService({ clock, series, until: 1, environment });
  await steady.send('PUT', '/v1/actuals', bodyOf(0, from, outage));
  await steady.cycle.run('refresh');
  for (let at = from; at < NOW; at++) {
    clock.endOf(at);
    await steady.send('PUT', '/v1/actuals', bodyOf(at, at + 1, outage));
    // A new process remembers nothing.
    if (at % 7 === 0) steady = await createService({ clock, db: steady.db, environment });
    await steady.cycle.run('schedule');
  }
  const bare = (rows: AlarmRow[]) => rows.filter(({ detector }) => detector !== 'band');
  expect(bare(await alarmsOf(steady))).toEqual(bare(await alarmsOf(once)));
  steady.close();
  once.close();
});

test('pages of one row lead to the end of the list, past newer incidents that are withdrawn', async () => {
  const two: Troubles = (id, index) =>
    id === 'café' && index >= NOW - 9 && index < NOW - 5 ? { attempts: 0 } : outage(id, index);
  const service = await watched(two);
  await service.send('PUT', '/v1/actuals', bodyOf(NOW - 12, NOW, outage));
  await service.cycle.run('schedule');
  const [gone] = await service.rows<AlarmRow>('/v1/alarms?series=caf%C3%A9&status=withdrawn');
  const listed = await alarmsOf(service);
  expect(listed.some(({ start }) => start < (gone?.start ?? ''))).toBe(true);
  const paged: AlarmRow[] = [];
  for (let cursor: string | null = ''; cursor !== null && paged.length <= listed.length; ) {
    const after: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = (await (await service.get(`/v1/alarms?limit=1${after}`)).json()) as {
      rows: AlarmRow[];
      next: string | null;
    };
    paged.push(...page.rows);
    cursor = page.next;
  }
  expect(paged).toEqual(listed);
  service.close();
});

test('figures that come late withdraw the incident they leave without ground, with time and reason, and keep one that stands', async () => {
  const two: Troubles = (id, index) =>
    id === 'café' && index >= NOW - 9 && index < NOW - 5 ? { attempts: 0 } : outage(id, index);
  const service = await watched(two);
  const before = (await alarmsOf(service)).filter(({ cause }) => cause !== null);
  expect(before.map(({ series: id }) => id).sort()).toEqual(['café', 'shop']);
  const others: Troubles = (id, index) => (id === 'shop' ? {} : two(id, index));
  await service.send('PUT', '/v1/actuals', bodyOf(NOW - 24, NOW, others));
  await service.cycle.run('schedule');
  const rows = await service.rows<AlarmRow>('/v1/alarms?status=withdrawn&language=pt');
  const gone = rows.find(({ cause }) => cause !== null);
  const shop = before.find(({ series: id }) => id === 'shop');
  expect(gone).toMatchObject({
    id: shop?.id,
    raised_at: shop?.raised_at,
    withdrawn_because: 'Os números corrigidos não mostram nenhum problema',
  });
  expect(Date.parse(gone?.withdrawn_at ?? '')).toBeGreaterThan(Date.parse(shop?.end ?? ''));
  expect((await alarmsOf(service)).filter(({ cause }) => cause !== null)).toEqual(before.filter((row) => row !== shop));
  const bands = await service.rows<BandRow>('/v1/bands?series=shop');
  expect(bands.filter(({ reason }) => reason !== null)).toEqual([]);
  expect(await service.db.all(sql`SELECT * FROM recount`)).toEqual([]);
  // Maintenance that is entered later takes the other one away, too; without the entry it is back.
  const entry = {
    from: shop?.start,
    to: utcText(bucketStart(FIRST + NOW, STEP_MS)),
    series: 'café',
    effect: 'mute',
    reason: 'works',
  };
  expect((await service.send('PUT', '/v1/maintenance', { id: 'works', ...entry })).status).toBe(200);
  await service.cycle.run('schedule');
  const because = async () =>
    (await service.rows<AlarmRow>('/v1/alarms?series=caf%C3%A9&status=withdrawn')).map((row) => row.withdrawn_because);
  expect(await because()).toContain('Maintenance that was entered later covers it');
  expect((await service.send('DELETE', '/v1/maintenance?id=works', {})).status).toBeLessThan(300);
  await service.cycle.run('schedule');
  const back = (await alarmsOf(service)).filter(({ cause }) => cause !== null);
  expect(back.map(({ id, raised_at, withdrawn_at }) => ({ id, raised_at, withdrawn_at }))).toEqual(
    before.filter((row) => row !== shop).map(({ id, raised_at }) => ({ id, raised_at, withdrawn_at: null })),
  );
  service.close();
});

test('what a correction has taken from an incident does not come back with the next bucket', async () => {
  const silentFrom =
    (from: number): Troubles =>
    (id, index) =>
      id === 'shop' && index >= from ? { attempts: 0 } : {};
  const from = NOW - 4;
  const service = await watched(silentFrom(from));
  const [before] = await alarmsOf(service);
  // Half came in the first three buckets, none in the last.
  const late: Troubles = (id, index) => (id === 'shop' && index >= from ? { attempts: index < NOW - 1 ? 0.5 : 0 } : {});
  const corrected = countedClients(IDS, WEEKS, late).body(from, NOW);
  await service.send('PUT', '/v1/actuals', { series: corrected.series.filter(({ series }) => series === 'shop') });
  await service.cycle.run('refresh');
  const [revised] = await alarmsOf(service);
  expect(revised?.id).toBe(before?.id);
  expect(revised?.expected as number).toBeLessThan(0.6 * (before?.expected as number));
  const clock = stoppedClock();
  clock.endOf(NOW);
  const restarted = await createService({ clock, db: service.db, environment });
  await restarted.send('PUT', '/v1/actuals', bodyOf(NOW, NOW + 1, silentFrom(from)));
  await restarted.cycle.run('schedule');
  const [next] = await alarmsOf(restarted);
  expect(next).toMatchObject({ id: before?.id, status: 'open', observed: 0 });
  // As many as the last two buckets miss, not all five.
  expect(next?.expected as number).toBeLessThan(before?.expected as number);
  service.close();
});

test('a cycle without anything new changes nothing', async () => {
  const service = await watched(outage);
  const before = await service.db.all(sql`SELECT * FROM incident_book, incident, watch`);
  await service.cycle.run('refresh');
  await service.send('PUT', '/v1/actuals', bodyOf(NOW - 40, NOW, outage));
  await service.cycle.run('refresh');
  expect(await service.db.all(sql`SELECT * FROM incident_book, incident, watch`)).toEqual(before);
  service.close();
});

test('declines of one series are told apart from silence', async () => {
  const service = await watched((id, index) =>
    id === 'bank' && index >= NOW - 16 && index < NOW - 12 ? { approval: 0.35 } : {},
  );
  const found = (await alarmsOf(service)).filter(({ series: id, cause }) => id === 'bank' && cause !== null);
  expect(found.map(({ cause }) => cause)).toEqual(['approval']);
  expect(found[0]?.sentence).toMatch(/^Approval fell from 92 % to 3\d %$/);
  service.close();
});

test('calm series raise nothing, and each says after how long an outage would be noticed', async () => {
  const service = await watched(calm);
  expect((await alarmsOf(service)).filter(({ cause }) => cause !== null)).toEqual([]);
  const rows = await service.rows<SeriesRow>('/v1/series');
  const hours = Object.fromEntries(rows.map((row) => [row.series, row.outage_noticed_hours]));
  expect(hours.shop).toBe(2);
  expect(hours.tiny ?? 1_000).toBeGreaterThan(2);
  expect(rows.find(({ series: id }) => id === 'shop')?.promise).toMatch(/^an outage would be noticed after 2 h/);
  service.close();
});

test('counts that contradict each other are left out with a sentence, and the money is taken', async () => {
  const service = await watched(calm);
  const push = (attempts: number, approved: number) => ({
    series: [
      {
        series: 'shop',
        start: utcText(bucketStart(FIRST + NOW - 1, STEP_MS)),
        values: [5],
        counts: { attempts: [attempts], approved: [approved], sales: [0], log_sum: [0], log_squares: [0] },
      },
    ],
  });
  for (const [attempts, approved, why] of [
    [3, 5, /5 approved of 3 attempts/],
    [-1, 0, /-1 is no count/],
    [2.5, 1, /2.5 is no count/],
  ] as const) {
    const answer = await service.send('PUT', '/v1/actuals', push(attempts, approved));
    expect(answer.status).toBe(200);
    expect(((await answer.json()) as { remarks: string[] }).remarks).toEqual([expect.stringMatching(why)]);
  }
  const [stored] = await service.db.all<{ value: number; counts: string }>(
    sql`SELECT a.value, a.counts FROM actual a JOIN series s ON s.key = a.series WHERE s.id = 'shop' ORDER BY a.bucket DESC LIMIT 1`,
  );
  expect(stored?.value).toBe(5);
  expect(stored?.counts).not.toContain('-1');
  service.close();
});

test('a dimension of ten thousand values, and one that vanishes, are told in a sentence, and the rest goes on', async () => {
  const clock = stoppedClock();
  clock.endOf(NOW - 1);
  const service = await publishedService({ clock, series, until: 1, environment });
  /** Half of the attempts of each bucket in each of two channels. */
  const withParts = (from: number, to: number, values: readonly string[]) => {
    const body = bodyOf(from, to, calm);
    const one = body.series.find(({ series: id }) => id === 'shop') as (typeof body.series)[number];
    const share = (list: readonly (number | null)[]) => list.map((count) => Math.floor((count ?? 0) / 2));
    const parts = values.map((value) => ({
      dimension: 'channel',
      value,
      attempts: share(one.counts?.attempts ?? []),
      approved: share(one.counts?.approved ?? []),
    }));
    return { series: [{ ...one, parts }] };
  };
  const remarksOf = async (body: unknown) => {
    const answer = await service.send('PUT', '/v1/actuals', body);
    expect(answer.status).toBe(200);
    return ((await answer.json()) as { remarks: string[] }).remarks;
  };
  const many = Array.from({ length: 10_000 }, (_, value) => `value-${value}`);
  expect(await remarksOf(withParts(NOW - 1, NOW, many))).toEqual([
    expect.stringMatching(/^"shop": 10000 parts are more than \d+ and are left out/),
  ]);
  expect(await remarksOf(withParts(0, NOW - 40, ['web', 'pos']))).toEqual([]);
  expect(await remarksOf(withParts(NOW - 40, NOW, []))).toEqual([
    '"shop": channel is not given any more; its values are not told apart, the rest goes on',
  ]);
  await service.cycle.run('refresh');
  expect((await alarmsOf(service)).filter(({ cause }) => cause !== null)).toEqual([]);
  service.close();
});

test('counts that stop while money goes on are said so, and the band goes on alone', async () => {
  const clock = stoppedClock();
  clock.endOf(NOW - 1);
  const service = await publishedService({ clock, series, until: 1, environment });
  await service.send('PUT', '/v1/actuals', bodyOf(0, NOW - 40, calm));
  const money = bodyOf(NOW - 40, NOW, outage);
  await service.send('PUT', '/v1/actuals', withoutCounts(money));
  await service.cycle.run('refresh');
  const rows = await service.rows<SeriesRow>('/v1/series');
  expect(rows[0]?.promise).toBe('counts ended 3 days before money: judged by its band alone');
  const found = (await alarmsOf(service)).filter(({ series: id }) => id === 'shop');
  expect(found.some(({ detector, direction }) => detector === 'band' && direction === 'low')).toBe(true);
  service.close();
});

test('an incident ends a day after counts stop of which the money goes on', async () => {
  const service = await watched((id, index) => (id === 'shop' && index >= NOW - 4 ? { attempts: 0 } : {}));
  const shop = async () => (await alarmsOf(service)).filter(({ cause }) => cause === 'attempts');
  const [before] = await shop();
  expect(before?.status).toBe('open');
  const clock = stoppedClock();
  clock.endOf(NOW + 13);
  const later = await createService({ clock, db: service.db, environment });
  const money = bodyOf(NOW, NOW + 14, calm);
  await later.send('PUT', '/v1/actuals', withoutCounts(money));
  await later.cycle.run('schedule');
  expect(await shop()).toEqual([expect.objectContaining({ id: before?.id, status: 'closed', end: before?.end })]);
  service.close();
});

test('what the band raised while there were no counts ends when it is over, though counts have come back', async () => {
  const silent: Troubles = (id, index) => (id === 'shop' && index >= NOW - 3 && index < NOW ? { attempts: 0 } : {});
  const clock = stoppedClock();
  clock.endOf(NOW - 1);
  const service = await publishedService({ clock, series, until: 1, environment });
  await service.send('PUT', '/v1/actuals', bodyOf(0, NOW - 40, silent));
  const money = bodyOf(NOW - 40, NOW, silent);
  await service.send('PUT', '/v1/actuals', withoutCounts(money));
  await service.cycle.run('refresh');
  const ofBand = async () =>
    (await alarmsOf(service)).filter(({ detector, status }) => detector === 'band' && status === 'open');
  expect((await ofBand()).map(({ series: id }) => id)).toEqual(['shop']);
  clock.endOf(NOW + 3);
  await service.send('PUT', '/v1/actuals', bodyOf(NOW - 40, NOW + 4, silent));
  await service.cycle.run('schedule');
  expect(await ofBand()).toEqual([]);
  service.close();
});
