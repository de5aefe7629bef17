import { type AlarmRow, type BandRow, formatCursor, utcText } from '@tidemark/shared/contract';
import { wireNumber } from '@tidemark/shared/contract/fan-text';
import { decodeModel, encodeModel, joinChunks, type TextChunk } from '@tidemark/shared/contract/model-file';
import { DEFAULT_RULES } from '@tidemark/shared/detection';
import { bandAt, bucketStart, createForecaster, type Fan } from '@tidemark/shared/forecasting';
import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { liveForecaster } from '../scoring/live-forecaster.ts';
import { planCycle } from '../scoring/plan.ts';
import { scoreChunk } from '../scoring/score-chunk.ts';
import { stateMemory } from '../scoring/scorer.ts';
import { readSeries, upsertActuals } from '../store/actuals.ts';
import { claimQuestion, readColumnAnswers, returnQuestion, writeColumnAnswer } from '../store/column-answers.ts';
import { readCalendarEdition } from '../store/maintenance.ts';
import { publishModel } from '../store/models.ts';
import { applyRetention } from '../store/retention.ts';
import { anyPostgres, type ContractDatabase, embeddedDatabase, localD1 } from '../testing/databases.ts';
import {
  FIRST,
  madeUpArtifact,
  madeUpSeries,
  publishedService,
  pushOf,
  STEP_MS,
  stoppedClock,
  WEEK,
} from '../testing/service.ts';

const NOW = 6 * WEEK;
const series = [madeUpSeries('bank', 7), madeUpSeries('shop', 7), madeUpSeries('all', 7)];
const at = (index: number) => utcText(bucketStart(FIRST + index, STEP_MS));
const environment = { TIDEMARK_BACKFILL_DAYS: '3' };

// One suite, every store: what holds on the embedded file holds on D1 as workerd serves it.
describe.each([
  ['the embedded file', embeddedDatabase],
  ['D1 in workerd', localD1],
  ['PostgreSQL', anyPostgres],
])('on %s', (_, open) => {
  let database: ContractDatabase;
  beforeAll(async () => {
    database = await open();
  });
  afterEach(() => database.empty());
  afterAll(() => database.close());

  async function service(until = NOW, rules: Record<string, string> = {}, all = series) {
    const clock = stoppedClock();
    clock.endOf(until - 1);
    const options = { clock, series: all, until, environment: { ...environment, ...rules }, db: database.db };
    return { clock, ...(await publishedService(options)) };
  }

  test('what is pushed comes back to the cent, scored, with 24 hours ahead', async () => {
    const { rows } = await service();
    const bands = await rows<BandRow>('/v1/bands?series=shop');
    const shop = series[1];
    const passed = bands.filter(({ actual }) => actual !== null);
    expect(passed.length).toBe(28 * 12);
    for (const row of passed) expect(row.actual).toBe(shop?.values[Date.parse(row.bucket_start) / STEP_MS - FIRST]);
    expect(bands.filter(({ score }) => score !== null).length).toBe(36);
    expect(bands.filter(({ actual, upper }) => actual === null && upper !== null).length).toBe(12);
    const local = bands[0];
    expect(Date.parse(local?.bucket_start ?? '') - Date.parse(`${local?.bucket_start_local}Z`)).toBe(5 * 3_600_000);
  });

  test('what is given again changes nothing, whatever its digits; what differs in its last bit or one count is stored', async () => {
    const { db } = database;
    const counts = (attempts: number) => ({
      ...{ attempts, approved: 7, sales: 6, logSum: 21.12345, logSquares: 1e-7, refunds: 12.5 },
      parts: [{ dimension: 'channel', value: 'web, "böse"', attempts: 9, approved: 7 }],
    });
    const values = [0.1 + 0.2, 36, 0, -12.34, 123_456_789.123_456_78, 1e21, 1 / 3, null];
    const give = (given: readonly (number | null)[], attempts: number, knownAt: number) =>
      upsertActuals(
        db,
        ['shop', 'bank'].map((id) => ({
          ...{ id, measure: 'gross' as const, scoreFrom: null, members: null },
          buckets: given.map((value, index) => ({
            ...{ bucket: FIRST + index, value, state: value === null ? ('missing' as const) : ('observed' as const) },
            counts: id === 'shop' ? counts(attempts) : null,
          })),
        })),
        knownAt,
      );
    const knownAt = (id: string) =>
      db.all<{ known: number; value: number | null }>(
        sql`SELECT a.known_at AS known, a.value FROM actual a JOIN series s ON s.key = a.series WHERE s.id = ${id} ORDER BY a.bucket`,
      );
    await give(values, 12, 1);
    await give(values, 12, 2);
    for (const id of ['shop', 'bank']) expect(await knownAt(id)).toEqual(values.map((value) => ({ known: 1, value })));
    await give([0.3, ...values.slice(1)], 12, 3);
    for (const id of ['shop', 'bank'])
      expect((await knownAt(id)).map(({ known }) => known)).toEqual([3, ...values.slice(1).map(() => 1)]);
    await give([0.3, ...values.slice(1)], 13, 4);
    expect((await knownAt('shop')).map(({ known }) => known)).toEqual(values.map(() => 4));
    expect((await knownAt('bank'))[0]).toEqual({ known: 3, value: 0.3 });
  });

  test('pages of any size give the rows of one answer, by the cursor a client builds from its last row', async () => {
    const { rows } = await service();
    const whole = await rows<BandRow>('/v1/bands');
    expect(new Set(whole.map((row) => row.series))).toEqual(new Set(['all', 'bank', 'shop']));
    for (const limit of [1_000, 349, 100]) {
      const paged: BandRow[] = [];
      for (let cursor = ''; ; ) {
        const page = await rows<BandRow>(`/v1/bands?limit=${limit}${cursor}`);
        paged.push(...page);
        const last = page.at(-1);
        if (page.length < limit || !last) break;
        cursor = `&cursor=${encodeURIComponent(formatCursor(last))}`;
      }
      expect(paged).toEqual(whole);
    }
  });

  test('another coverage gives nested bands and its own verdicts; another horizon the bands issued that long before', async () => {
    const { rows } = await service();
    const [narrow, wide, ahead] = [
      await rows<BandRow>('/v1/bands?series=bank&coverage=0.8'),
      await rows<BandRow>('/v1/bands?series=bank&coverage=0.999'),
      await rows<BandRow>('/v1/bands?series=bank&horizon=6'),
    ];
    narrow.forEach((row, index) => {
      const other = wide[index];
      if (row.lower === null || !other) return;
      expect(row.lower).toBeGreaterThanOrEqual(other.lower as number);
      expect(row.upper as number).toBeLessThanOrEqual(other.upper as number);
      expect(row.score ?? 0).toBeGreaterThanOrEqual(other.score ?? 0);
    });
    expect(narrow.some(({ severity }) => severity !== null)).toBe(true);
    const issued = ahead.filter(({ origin }) => origin !== null);
    expect(issued.length).toBeGreaterThan(20);
    for (const row of issued) expect(Date.parse(row.bucket_start) - Date.parse(row.origin as string)).toBe(6 * STEP_MS);
  });

  test("an incident opens, escalates and closes under one id, keeps what people said, and names a group's members", async () => {
    const { clock, send, rows } = await service();
    const members = ['bank', 'shop'];
    const push = (index: number, factor: number) =>
      send('PUT', '/v1/actuals', {
        series: pushOf(series, index, index + 1).series.map((one) => ({
          ...one,
          ...(one.series === 'all' ? { members } : {}),
          values: one.values.map((value) => (value as number) * (one.series === 'bank' ? 1 : factor)),
        })),
      });
    const of = async (id: string) => (await rows<AlarmRow>('/v1/alarms?series=all')).find((row) => row.id === id);
    await rows('/v1/alarms');
    clock.endOf(NOW);
    await push(NOW, 2);
    const [opened] = await rows<AlarmRow>('/v1/alarms?series=all&status=open');
    expect(opened).toMatchObject({ start: at(NOW), status: 'open', direction: 'high', buckets: 1 });
    expect(opened?.contributors).toMatch(/^shop \d/);
    // A group that names no members is the sum of all clients.
    await database.db.run(sql`UPDATE series SET members = '[]' WHERE id = 'all'`);
    const [summed] = await rows<AlarmRow>('/v1/alarms?series=all&status=open&limit=1');
    expect(summed).toEqual(opened);
    await database.db.run(sql`UPDATE series SET members = ${JSON.stringify(members)} WHERE id = 'all'`);
    const id = opened?.id as string;
    expect((await send('POST', `/v1/alarms/${id}/ack`, { by: 'ana', note: 'promotion' })).status).toBe(200);
    clock.endOf(NOW + 1);
    await push(NOW + 1, 4);
    expect(await of(id)).toMatchObject({ status: 'open', buckets: 2, acknowledged_by: 'ana', severity: 'critical' });
    clock.endOf(NOW + 2);
    await push(NOW + 2, 1);
    expect((await send('POST', `/v1/alarms/${id}/label`, { label: 'normal' })).status).toBe(200);
    const closed = await of(id);
    expect(closed).toMatchObject({ status: 'closed', end: at(NOW + 2), label: 'normal', note: 'promotion' });
    const all = series[2];
    const bands = await rows<BandRow>(`/v1/bands?series=all&from=${at(NOW)}&to=${at(NOW + 2)}`);
    const excess = bands.reduce((sum, row) => sum + (row.actual ?? 0) - (row.forecast ?? 0), 0);
    expect(closed?.volume).toBeCloseTo(excess, 1);
    expect(all?.id).toBe('all');
    expect((await send('POST', '/v1/alarms/none/ack', {})).status).toBe(404);
  });

  test('maintenance mutes what it overlaps and leaves what it does not', async () => {
    const { clock, send, rows, get } = await service();
    const window = { id: 'move', series: 'shop', from: at(NOW), to: at(NOW + 1), effect: 'mute' };
    expect((await send('PUT', '/v1/maintenance', window)).status).toBe(200);
    clock.endOf(NOW + 1);
    await send('PUT', '/v1/actuals', {
      series: pushOf(series, NOW, NOW + 2).series.map((one) => ({ ...one, values: [0, 0] })),
    });
    const starts = async (id: string) =>
      (await rows<AlarmRow>(`/v1/alarms?series=${id}&from=${at(NOW)}`)).map(({ start }) => start);
    expect(await starts('shop')).toEqual([at(NOW + 1)]);
    expect(await starts('bank')).toEqual([at(NOW)]);
    const shown = (await rows<BandRow>(`/v1/bands?series=shop&from=${at(NOW)}&to=${at(NOW + 1)}`))[0];
    expect(shown).toMatchObject({ direction: 'low', severity: null });
    expect(await rows('/v1/maintenance')).toMatchObject([{ id: 'move', effect: 'mute', factor: 1 }]);
    expect((await send('DELETE', '/v1/maintenance?id=move', '')).status).toBe(200);
    expect(await (await get('/v1/maintenance')).json()).toEqual({ rows: [] });
  });

  test('maintenance entered afterwards mutes what was judged and keeps the change; taken away, the alarm is back', async () => {
    const { clock, cycle, send, rows } = await service();
    clock.endOf(NOW + 1);
    await send('PUT', '/v1/actuals', {
      series: pushOf(series, NOW, NOW + 2).series.map((one) => ({ ...one, values: [0, one.values[1] ?? 0] })),
    });
    const shown = async (id: string) =>
      (await rows<BandRow>(`/v1/bands?series=${id}&from=${at(NOW)}&to=${at(NOW + 1)}`))[0];
    const alarmed = async (id: string) => (await rows<AlarmRow>(`/v1/alarms?series=${id}&from=${at(NOW)}`)).length;
    const before = await shown('shop');
    expect([before?.severity, await alarmed('shop'), await alarmed('bank')]).toEqual(['critical', 1, 1]);
    const issues = await database.db.all(sql`SELECT * FROM issue`);

    // A second of the bucket is enough to excuse it.
    const window = { id: 'late', series: 'shop', from: at(NOW - 1), to: at(NOW).replace('00Z', '01Z'), effect: 'mute' };
    await send('PUT', '/v1/maintenance', window);
    expect(await shown('shop')).toMatchObject({ ...before, severity: null });
    expect([await alarmed('shop'), await alarmed('bank')]).toEqual([0, 1]);
    const changes = () =>
      database.db.all<{ before: string; after: string }>(
        sql`SELECT before, after FROM change WHERE subject = 'verdict'`,
      );
    expect((await changes()).map((one) => [JSON.parse(one.before).severity, JSON.parse(one.after).severity])).toEqual([
      ['critical', null],
    ]);

    await send('PUT', '/v1/maintenance', { ...window, effect: 'widen', factor: 100, series: null });
    expect([await shown('shop'), await shown('bank')]).toMatchObject([
      { severity: null, direction: null, score: 0 },
      { severity: null, direction: null, score: 0 },
    ]);
    await send('DELETE', '/v1/maintenance?id=late', '');
    expect(await shown('shop')).toEqual(before);
    expect([await alarmed('shop'), await alarmed('bank')]).toEqual([1, 1]);
    await cycle.run('refresh');
    expect(await database.db.all(sql`SELECT * FROM issue`)).toEqual(issues);
    expect(await database.db.all(sql`SELECT * FROM pending`)).toEqual([]);
  });

  test('a calendar that changes while a cycle runs holds for what the cycle judges', async () => {
    const { clock, cycle, send, rows } = await service();
    await cycle.run('refresh');
    clock.endOf(NOW);
    await send('PUT', '/v1/actuals', {
      series: pushOf(series, NOW, NOW + 1).series.map((one) => ({ ...one, values: [0] })),
    });
    // The calendar as another isolate read it, a moment before the entry was stored.
    const edition = await readCalendarEdition(database.db);
    await send('PUT', '/v1/maintenance', { id: 'now', from: at(NOW), to: at(NOW + 1), effect: 'mute' });
    const live = await liveForecaster(database.db)();
    if (!live) throw new Error('no model');
    const context = {
      db: database.db,
      model: live,
      rules: DEFAULT_RULES,
      calendar: [],
      calendarEdition: edition,
      now: 0,
      cycleId: null,
      memory: stateMemory(9),
      pendingDeliveries: () => [],
    };
    await scoreChunk(context, planCycle(await readSeries(database.db), new Set(), FIRST + NOW, 1));
    const [judged] = await database.db.all(sql`SELECT COUNT(*) AS flagged FROM verdict WHERE alarm = 'critical'`);
    expect(judged).toEqual({ flagged: 3 });
    expect(await rows('/v1/alarms?status=open')).toEqual([]);
    const bands = await rows<BandRow>(`/v1/bands?from=${at(NOW)}&to=${at(NOW + 1)}`);
    expect(bands.map(({ direction, severity }) => [direction, severity])).toEqual([
      ['low', null],
      ['low', null],
      ['low', null],
    ]);
  });

  test('a model goes live after its smoke test, serves from the next origin on, and rolls back', async () => {
    const { clock, send, rows, get } = await service();
    await rows('/v1/bands?series=shop');
    const broken = madeUpArtifact(series, 'broken');
    const nan = {
      ...broken,
      metadata: {
        ...broken.metadata,
        series: broken.metadata.series.map((one) => ({ ...one, scale: 1e300, levelFloor: 1e300 })),
      },
    };
    const refused = await send('PUT', '/v1/model', encodeModel(nan));
    expect([refused.status, await refused.json()]).toMatchObject([400, { type: '/problems/invalid-model' }]);
    expect((await send('PUT', '/v1/model', encodeModel(madeUpArtifact(series, 'second')))).status).toBe(200);
    clock.endOf(NOW);
    await send('PUT', '/v1/actuals', pushOf(series, NOW, NOW + 1));
    const bands = await rows<BandRow>(`/v1/bands?series=shop&from=${at(NOW)}&to=${at(NOW + 2)}`);
    expect(bands.map((row) => row.model_version)).toEqual(['first', 'second']);
    expect(await (await send('POST', '/v1/model/rollback', '')).json()).toMatchObject({ model_version: 'first' });
    expect((await send('POST', '/v1/model/rollback', '')).status).toBe(409);
    expect(await (await get('/v1/model')).json()).toMatchObject({ model_version: 'first', series: 3 });
  });

  test('the model text, its chunks, and a bundle whose states forecast what the service serves', async () => {
    const { get, rows } = await service();
    const text = await (await get('/v1/model.txt')).text();
    expect(decodeModel(text).artifact.metadata.modelVersion).toBe('first');
    const csv = await (await get('/v1/model.txt?format=csv&states=false')).text();
    const chunks = [...csv.matchAll(/^(\d+),(\d+),(?:"((?:[^"]|"")*)"|([^\r]*))\r$/gm)].map(
      ([, chunk, count, quoted, bare]): TextChunk => ({
        chunk: Number(chunk),
        chunks: Number(count),
        text: quoted?.replaceAll('""', '"') ?? bare ?? '',
      }),
    );
    expect(chunks.every((chunk) => chunk.text.length <= 30_000)).toBe(true);
    expect(joinChunks(chunks)).toBe(text);
    const bundle = decodeModel(await (await get('/v1/model.txt?states=true&series=shop&days=3')).text());
    expect(bundle.rules).toEqual(DEFAULT_RULES);
    const [state] = bundle.states;
    if (!state) throw new Error('no state in the bundle');
    const forecaster = createForecaster(bundle.artifact);
    const known = await rows<BandRow>(`/v1/bands?series=shop&from=${utcText((state.origin + 1) * STEP_MS)}`);
    expect(known.filter((row) => row.actual !== null).length).toBe(36);
    for (const { actual, forecast, lower, upper } of known) {
      const [fan] = forecaster.forecast(state).fans;
      const band = bandAt(fan as Fan, 0.99);
      expect([forecast, lower, upper]).toEqual([fan?.median as number, band.lower, band.upper].map(wireNumber));
      if (actual === null) break;
      forecaster.observe(state, state.origin + 1, actual);
    }
  });

  test('a question about an incident is claimed once, anew when its time is over, and answered by who asked last', async () => {
    const { db } = database;
    const claim = (now: number, deadBefore: number) => claimQuestion(db, 'i-1', { until: 7, now, deadBefore });
    const answer = (attempts: number, failure: string | null) =>
      writeColumnAnswer(db, { incident: 'i-1', attempts }, { findings: failure === null ? [] : null, failure });
    const stored = async () => (await readColumnAnswers(db, ['i-1'])).get('i-1');
    expect(await claim(1_000, 0)).toBe(1);
    expect(await claim(2_000, 999)).toBeNull();
    expect(await claim(2_000, 1_000)).toBe(2);
    await answer(1, 'too late');
    expect(await stored()).toMatchObject({ findings: null, failure: null });
    await returnQuestion(db, { incident: 'i-1', attempts: 2 });
    expect(await claim(3_000, 0)).toBe(3);
    await answer(3, null);
    expect(await stored()).toMatchObject({ findings: [], failure: null });
    expect(await claim(9e9, 8e9)).toBeNull();
  });

  test('retention forgets what is old and keeps what is labelled', async () => {
    const { cycle, rows } = await service();
    await cycle.run('refresh');
    const keep = FIRST + NOW - 24;
    await applyRetention(database.db, { all: keep, laterHorizons: keep + 12, logs: 0 });
    expect(
      (await rows<BandRow>('/v1/bands?series=shop')).every((row) => Date.parse(row.bucket_start) >= keep * STEP_MS),
    ).toBe(true);
    const issues = await database.db.all<{ origin: number; later: string }>(
      sql`SELECT origin, later_horizons AS later FROM issue WHERE series = (SELECT key FROM series WHERE id = 'shop')`,
    );
    expect(issues.length).toBe(24);
    for (const { origin, later } of issues) expect(later === '').toBe(origin < keep + 12);
    await applyRetention(database.db, { all: keep, laterHorizons: keep + 15, logs: 0 });
    const emptied = await database.db.all<{ count: number }>(
      sql`SELECT COUNT(*) AS count FROM issue WHERE series = (SELECT key FROM series WHERE id = 'shop') AND later_horizons = ''`,
    );
    expect(emptied).toEqual([{ count: 15 }]);
    for (const table of ['actual', 'verdict', 'change', 'pending']) {
      const old = sql`SELECT COUNT(*) AS old FROM ${sql.identifier(table)} WHERE bucket < ${keep}`;
      expect(await database.db.all(old)).toEqual([{ old: 0 }]);
    }
  });

  test('what is known of an incident or a storm goes with it', async () => {
    const { db } = database;
    await service();
    for (const [id, end, label] of [
      ['old', 10, null],
      ['labelled', 10, 'normal'],
      ['new', 30, null],
    ] as const) {
      await db.run(
        sql`INSERT INTO incident (id, series, direction, start, "end", status, severity, score, volume, buckets, opened_at, label, storm)
            VALUES (${id}, 1, 'low', 9, ${end}, 'closed', 'info', 1, 1, 1, 0, ${label}, ${`storm of ${id}`})`,
      );
      await db.run(
        sql`INSERT INTO storm (id, cause, start, "end", status, members) VALUES (${`storm of ${id}`}, 'attempts', 9, ${end}, 'closed', '[]')`,
      );
      await db.run(sql`INSERT INTO explanation (incident, until, corrections, at) VALUES (${id}, ${end}, 0, 0)`);
      await claimQuestion(db, id, { until: end, now: 0, deadBefore: 0 });
    }
    await applyRetention(db, { all: 20, laterHorizons: 20, logs: 0 });
    for (const [table, name] of [
      ['incident', 'id'],
      ['explanation', 'incident'],
      ['column_answer', 'incident'],
      ['storm', 'id'],
    ] as const) {
      const kept = await db.all<{ name: string }>(
        sql`SELECT ${sql.identifier(name)} AS name FROM ${sql.identifier(table)} ORDER BY 1`,
      );
      const of = table === 'storm' ? 'storm of ' : '';
      expect(kept.map((row) => row.name)).toEqual([`${of}labelled`, `${of}new`]);
    }
  });

  test('health, readiness and metrics tell how far it is', async () => {
    const { get, cycle } = await service();
    expect(await (await get('/v1/health')).json()).toMatchObject({
      status: 'behind',
      model_version: 'first',
      series: 3,
    });
    await cycle.run('refresh');
    expect(await (await get('/v1/health')).json()).toMatchObject({
      status: 'ok',
      newest_scored: at(NOW - 1),
      engine: database.db.engine,
      lag_minutes: 6,
    });
    expect((await get('/v1/ready')).status).toBe(200);
    const metrics = await (await get('/v1/metrics')).text();
    expect(metrics).toMatch(/^tidemark_scored_lag_seconds 360$/m);
    expect(metrics).toMatch(/^tidemark_judged_buckets\{days="7"\} 108$/m);
    expect(Number(/^tidemark_coverage_ratio\{days="7".+\} (.+)$/m.exec(metrics)?.[1])).toBeGreaterThan(0.8);
  });

  test('health warns once the special days a model knows have ended, and not before', async () => {
    const { send, get } = await service();
    const warnings = async (through: string) => {
      const artifact = madeUpArtifact(series, `until ${through}`);
      const specialDays = { through, days: [] };
      const text = encodeModel({ ...artifact, metadata: { ...artifact.metadata, specialDays } });
      expect((await send('PUT', '/v1/model', text)).status).toBe(200);
      return ((await (await get('/v1/health')).json()) as { warnings: string[] }).warnings;
    };
    expect(await warnings('2999-12-31')).toEqual([]);
    expect(await warnings('2001-12-31')).toEqual([expect.stringContaining('up to 2001-12-31 only: train again')]);
  });

  test('a live model of an earlier format is named, and can be replaced', async () => {
    const { send, get, db } = await service();
    const text = encodeModel(madeUpArtifact(series, 'earlier'));
    expect((await send('PUT', '/v1/model', text)).status).toBe(200);
    await publishModel(db, 'old', 'tidemark-model v1 00000000\n{}\n', 0);
    expect(await (await get('/v1/series')).text()).toMatch(/got v1, expected v\d+; train again/);
    expect((await send('PUT', '/v1/model', encodeModel(madeUpArtifact(series, 'newer')))).status).toBe(200);
    expect(((await (await get('/v1/health')).json()) as { model_version: string }).model_version).toBe('newer');
  });

  test('a series that is given is scored without leaving a trace', async () => {
    const { send, rows } = await service();
    const [shop] = pushOf(series, 0, NOW).series.filter((one) => one.series === 'shop');
    const response = await send('POST', '/v1/score', { series: 'shop', start: shop?.start, values: shop?.values });
    const given = ((await response.json()) as { rows: BandRow[] }).rows;
    expect(given.length).toBe(NOW + 12);
    expect(given.at(-1)).toMatchObject({ state: 'future', horizon: 12 });
    const served = await rows<BandRow>('/v1/bands?series=shop');
    const next = served.find(({ horizon, actual }) => horizon === 1 && actual === null);
    const same = given.find(({ bucket_start }) => bucket_start === next?.bucket_start);
    expect(Math.abs((same?.forecast ?? 0) - (next?.forecast ?? 1)) / (next?.forecast ?? 1)).toBeLessThan(0.05);
  });

  test('a series that is given gets the rows it gets when stored: n of m, minimum and maintenance included', async () => {
    const now = 10 * WEEK;
    const longer = series.map(({ id }) => madeUpSeries(id, 11));
    const rules = {
      TIDEMARK_ALARM_NEEDED: '2',
      TIDEMARK_ALARM_AMONG: '3',
      TIDEMARK_ALARM_MINIMUM: '30',
      TIDEMARK_ALARM_WARNING: '0.5',
    };
    const { send, rows } = await service(now, rules, longer);
    // One outage alone, two close by, two under maintenance, one within widened limits, one hole.
    const changed: Record<number, number | null> = { 30: 0, 24: 0, 22: 1, 14: 0, 13: 0, 8: 5_000, 7: 5_000, 4: null };
    const maintenance = [
      { id: 'mute', series: 'shop', from: at(now - 14), to: at(now - 12), effect: 'mute' },
      { id: 'widen', from: at(now - 8), to: at(now - 6), effect: 'widen', factor: 50 },
      { id: 'other', series: 'bank', from: at(now - 30), to: at(now - 20), effect: 'mute' },
    ];
    for (const entry of maintenance) expect((await send('PUT', '/v1/maintenance', entry)).status).toBe(200);
    const values = Array.from(longer[1]?.values.subarray(0, now) ?? []).map((value, index) => {
      const change = changed[now - index];
      return change === undefined ? value : change;
    });
    const given = { series: 'shop', start: at(0), values };
    await send('PUT', '/v1/actuals', { series: [{ ...given, measure: 'gross' }] });
    const stored = await rows<BandRow>('/v1/bands?series=shop');
    const scored = ((await (await send('POST', '/v1/score', given)).json()) as { rows: BandRow[] }).rows;
    const shown = stored.filter(({ fan }) => fan !== null);
    const from = shown[0]?.bucket_start ?? '';
    // Of a series that is given nobody can say that its next bucket has begun.
    const known = shown.map((row) => (row.state === 'open' ? { ...row, state: 'future' } : row));
    expect(scored.filter(({ bucket_start }) => bucket_start >= from)).toEqual(known);
    expect(shown.filter(({ severity }) => severity !== null).map(({ bucket_start }) => bucket_start)).toEqual([
      at(now - 22),
    ]);
  });
});
