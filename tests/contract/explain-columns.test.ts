import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type ActualsSource,
  type AthenaSetting,
  askColumns,
  folderSource,
  liveForecaster,
  openAthenaSource,
  parseAthena,
  parseFolder,
} from '@tidemark/api/testing/scoring';
import {
  createService,
  FIRST,
  madeUpArtifact,
  madeUpSeries,
  type Service,
  STEP_MS,
  stoppedClock,
  WEEK,
} from '@tidemark/api/testing/service';
import { openDatabaseFile } from '@tidemark/api/testing/store';
import { until } from '@tidemark/api/testing/until';
import type { AlarmColumns, AlarmRow } from '@tidemark/shared/contract';
import { encodeModel } from '@tidemark/shared/contract/model-file';
import { bucketStart, DAY_MS, WEEK_MS } from '@tidemark/shared/forecasting';
import { literal, openDuck, openFolder } from '@tidemark/shared/warehouse/duckdb';
import type { Faults } from '@tidemark/tools/athena-local/faults';
import { type AthenaServer, serveAthena } from '@tidemark/tools/athena-local/server';
import { pointSdkAt } from '@tidemark/tools/payments/fetching';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

const NOW = 13 * WEEK;
/** In its last buckets a switch refuses most payments of one terminal of the shop, which are web payments of one issuer. */
const BEGINS = NOW - 4;
const TABLES = { dimensions: { channel: 'channel', issuer: 'issuer' }, stepHours: 2 };
const EXPLAIN = { columns: { reason: 'decline_reason', terminal: 'terminal' } };

let root: string;
let athena: AthenaServer;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tidemark-columns-'));
  await writeLog(root);
  athena = await serveAthena(root, {});
  pointSdkAt(athena.url);
});
afterAll(async () => {
  await athena?.close();
  await rm(root, { recursive: true, force: true });
});

/** A payment every few minutes at two clients; 8 of 100 are refused, for lack of money or a wrong code. */
async function writeLog(folder: string): Promise<void> {
  const duck = await openDuck();
  const start = (FIRST * STEP_MS) / 1_000;
  const refused = `(client = 'shop' AND terminal = 'T1' AND bucket >= ${BEGINS} AND k % 20 <> 0)`;
  await duck.run(`CREATE TABLE payment AS SELECT *, k % 25 IN (3, 16) OR ${refused} AS declined, ${refused} AS refused FROM (
    SELECT client, merchant AS id_merchant, bucket, k, 'T' || (k % 2) AS terminal,
      CASE WHEN k % 4 = 2 THEN 'pos' ELSE 'web' END AS channel, CASE WHEN k % 4 = 0 THEN 'E2' ELSE 'E1' END AS issuer, make_timestamp((${start} + bucket * 7200 + k * 120) * 1000000) AS txn_date
    FROM (VALUES ('shop', 1), ('cafe', 2)) AS m (client, merchant), range(${NOW}) AS b (bucket), range(60) AS n (k)
    WHERE k < 36 + (bucket * 7919) % 13)`);
  const columns = `id_merchant, txn_date, CAST(20 + k % 9 AS DECIMAL(18, 2)) AS tpv, 'venta' AS txn_type,
    CASE WHEN declined THEN 'rechazada' ELSE 'aprobada' END AS estatus, channel, issuer, terminal,
    CASE WHEN refused THEN '91' WHEN declined THEN CASE k % 3 WHEN 0 THEN '51' ELSE '55' END END AS decline_reason`;
  await duck.writeParquet(`SELECT ${columns} FROM payment ORDER BY txn_date`, join(folder, 'transactions.parquet'));
  await duck.run(
    `COPY (SELECT * FROM (VALUES (1, 'shop'), (2, 'cafe')) AS m (id_merchant, client)) TO ${literal(join(folder, 'merchants.parquet'))}`,
  );
  duck.close();
}

interface Detail {
  readonly alarm: AlarmRow;
  readonly asked: AlarmColumns | null;
}

const folderOf = (explain: object) => {
  const setting = parseFolder(JSON.stringify({ folder: root, tables: TABLES, explain }));
  if (!setting) throw new Error('no setting');
  return folderSource(setting);
};
const athenaOf = (explain: object) => {
  const setting = parseAthena(JSON.stringify({ workgroup: 'primary', database: 'default', tables: TABLES, explain }));
  if (!setting) throw new Error('no setting');
  return openAthenaSource(setting);
};

/** A cycle over the whole log, and then the questions about what it found. */
async function afterCycle(
  source: ReturnType<typeof folderOf>,
): Promise<{ service: Service; again: () => Promise<number> }> {
  const clock = stoppedClock();
  clock.endOf(NOW - 1);
  const service = await createService({ clock, environment: { TIDEMARK_BACKFILL_DAYS: '7' }, cycle: { source } });
  const series = ['shop', 'cafe'].map((id) => ({ ...madeUpSeries(id, 13), measure: 'net' as const }));
  expect((await service.send('PUT', '/v1/model', encodeModel(madeUpArtifact(series)))).status).toBe(200);
  await service.cycle.run('schedule');
  const live = liveForecaster(service.db);
  const again = () => askColumns({ db: service.db, source, clock, log: () => {}, live });
  expect(await again()).toBeGreaterThan(0);
  return { service, again };
}

async function detailOf(service: Service): Promise<Detail> {
  const rows = await service.rows<AlarmRow>('/v1/alarms');
  const { id } = rows.find((row) => row.series === 'shop' && row.detector === 'approval') as AlarmRow;
  return (await (await service.get(`/v1/alarms/${id}`)).json()) as Detail;
}

describe.each([
  ['a folder', folderOf],
  ['Athena', athenaOf],
])('an incident of a service that reads %s', (_, sourceOf) => {
  test('is asked about by columns that are not counted in every cycle, once, and says what they tell', async () => {
    const { service, again } = await afterCycle(sourceOf(EXPLAIN));
    const { alarm, asked } = await detailOf(service);
    expect(asked?.failure).toBeNull();
    const [reason, terminal, both] = asked?.columns ?? [];
    expect(reason).toMatchObject({ column: 'reason', counts: 'declines', values: [{ value: '91', expected: 0 }] });
    expect(reason?.values[0]?.observed).toBeGreaterThan(60);
    expect(terminal).toMatchObject({ column: 'terminal', counts: 'declines', values: [{ value: 'T1' }] });
    expect(terminal?.values[0]?.share).toBeGreaterThan(0.95);
    expect(both).toMatchObject({ column: 'channel × issuer', counts: 'declines', values: [{ value: 'web × E1' }] });
    expect(both?.values[0]?.observed).toBe(terminal?.values[0]?.observed);
    const page = await (await service.get(`/incidents/${alarm.id}?language=en`)).text();
    expect(page).toMatch(/<strong><bdi>91<\/bdi><\/strong>: \d+ declined, usually 0/);
    expect(await again()).toBe(0);
    service.close();
  });
});

test('what a folder is measured by is the row groups of the hours asked about, and the columns named', async () => {
  const sorted = await mkdtemp(join(tmpdir(), 'tidemark-sorted-'));
  const duck = await openDuck();
  for (const table of ['transactions', 'merchants']) {
    const from = literal(join(root, `${table}.parquet`));
    await duck.run(`COPY (FROM ${from}) TO ${literal(join(sorted, `${table}.parquet`))} (ROW_GROUP_SIZE 2048)`);
  }
  duck.close();
  const setting = parseFolder(JSON.stringify({ folder: sorted, tables: TABLES }));
  if (!setting) throw new Error('no setting');
  const folder = await openFolder(sorted, { ...setting.tables, files: setting.files });
  const start = bucketStart(FIRST, STEP_MS);
  const day = { fromMs: start + 5 * WEEK_MS, toMs: start + 5 * WEEK_MS + DAY_MS };
  const all = { fromMs: start, toMs: start + 13 * WEEK_MS };
  const whole = await folder.tables.scanBytes(['terminal'], [all]);
  expect(await folder.tables.scanBytes(['terminal'], [day])).toBeLessThan(whole / 10);
  expect(await folder.tables.scanBytes([], [all])).toBeLessThan(whole);
  await folder.close();
  await rm(sorted, { recursive: true });
});

test.each([
  ['a column that the files lack', { columns: { gone: 'nope' } }, 'no column nope in the files of transactions; '],
  [
    'a budget under one MB',
    { ...EXPLAIN, maxScannedMb: 0.001 },
    'stopped at 1 MB to be read; explain.maxScannedMb allows 0.001',
  ],
])('a folder that cannot answer by %s says so in words for people', async (_, explain, failure) => {
  const start = bucketStart(FIRST, STEP_MS);
  const windows = [0, 1].map((week) => ({ fromMs: start + week * WEEK_MS, toMs: start + week * WEEK_MS + DAY_MS }));
  const signal = new AbortController().signal;
  const asked = folderOf(explain).askColumns?.({ clients: ['shop'], windows, signal });
  await expect(asked).rejects.toThrow(failure);
});

/** A service with an incident that nobody has asked about, and its file, which a second process may open. */
async function incidentToAskAbout(clock = stoppedClock()) {
  const folder = await mkdtemp(join(root, 'store-'));
  const file = join(folder, 'tidemark.db');
  const store = await openDatabaseFile(file, 'kill');
  const quiet = folderOf({});
  clock.endOf(NOW - 1);
  const environment = { TIDEMARK_BACKFILL_DAYS: '7' };
  const service = await createService({ clock, db: store.db, environment, cycle: { source: quiet } });
  const series = ['shop', 'cafe'].map((id) => ({ ...madeUpSeries(id, 13), measure: 'net' as const }));
  await service.send('PUT', '/v1/model', encodeModel(madeUpArtifact(series)));
  await service.cycle.run('schedule');
  const ask = (source: ActualsSource, wall = clock.wall(), stopping?: AbortSignal) =>
    askColumns({
      db: store.db,
      source,
      clock: { kind: 'wall', wall: () => wall },
      log: () => {},
      live: liveForecaster(store.db),
      stopping,
    });
  return { service, file, clock, ask, close: () => store.close() };
}

/** An Athena that has seen no statement yet. */
async function freshAthena(faults: Partial<Faults>): Promise<void> {
  await athena.close();
  athena = await serveAthena(root, { faults });
  pointSdkAt(athena.url);
}

const MINUTE_MS = 60_000;
const running = () => [...athena.executions.values()].filter(({ state }) => state === 'RUNNING').map(({ id }) => id);
const settingText = (setting: object) =>
  JSON.stringify({ workgroup: 'primary', database: 'default', tables: TABLES, explain: EXPLAIN, ...setting });

describe('a question to Athena, by the unmodified SDK, of a query that goes on and on', () => {
  beforeEach(() => freshAthena({ runMs: 600_000, readsPerMs: 1e6 }));

  test.each([
    [
      'reads more than it may',
      { explain: { ...EXPLAIN, maxScannedMb: 200 } },
      /^stopped at \d+ MB to be read; explain\.maxScannedMb allows 200$/,
    ],
    [
      'takes longer than it may',
      { timeoutMinutes: 0.02, explain: { ...EXPLAIN, maxScannedMb: 1e6 } },
      /^Athena (query \S+ took longer|did not deliver within)/,
    ],
  ])('that %s is stopped at Athena in the middle of its scan, once and for good', async (_, setting, failure) => {
    const { service, ask, close } = await incidentToAskAbout();
    const source = openAthenaSource(parseAthena(settingText(setting)) as AthenaSetting);
    expect(await ask(source)).toBeGreaterThan(0);
    const stopped = [...athena.executions.values()];
    expect(stopped.map(({ state, result }) => [state, result])).toEqual(stopped.map(() => ['CANCELLED', undefined]));
    for (const { stoppedAfter = 0 } of stopped) expect(stoppedAfter).toBeGreaterThan(0);
    expect((await detailOf(service)).asked?.failure).toMatch(failure);
    expect(await ask(source)).toBe(0);
    close();
  });

  test('is stopped there where the service stops, and asked again by the next one at once', async () => {
    const { service, ask, close } = await incidentToAskAbout();
    const source = athenaOf(EXPLAIN);
    const stopping = new AbortController();
    const asking = ask(source, undefined, stopping.signal);
    await until(running, (found) => found.length > 0);
    stopping.abort(new Error('the service is stopping'));
    expect(await asking).toBe(0);
    expect(running()).toEqual([]);
    expect((await detailOf(service)).asked).toMatchObject({ columns: [], failure: null });
    athena.disturb({ runMs: 0 });
    expect(await ask(source)).toBeGreaterThan(0);
    expect((await detailOf(service)).asked?.columns.length).toBe(3);
    close();
  });
});

describe('a question whose process is killed before the answer', () => {
  beforeEach(() => freshAthena({ runMs: 1_000 }));

  test('is asked again by the next one once its time is over, and Athena is paid once for the statement', async () => {
    const { service, file, clock, ask, close } = await incidentToAskAbout();
    const program = fileURLToPath(new URL('./asking-process.ts', import.meta.url));
    const child = spawn(process.execPath, [program, file, String(clock.wall()), settingText({})], { stdio: 'inherit' });
    await until(running, (found) => found.length > 0);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('close', resolve));
    athena.disturb({ runMs: 0 });
    expect((await detailOf(service)).asked).toMatchObject({ columns: [], failure: null });
    const source = athenaOf(EXPLAIN);
    const [first] = [...athena.executions.values()];
    // The process that was killed had claimed one question; the others are free at once.
    await ask(source);
    await ask(source, clock.wall() + 10 * MINUTE_MS);
    await ask(source, clock.wall() + 12 * MINUTE_MS);
    expect((await detailOf(service)).asked?.columns.length).toBe(3);
    const statements = [...athena.executions.values()].map(({ sql }) => sql);
    expect(new Set(statements).size).toBe(statements.length);
    expect(first?.state).toBe('SUCCEEDED');
    close();
  });

  test('three times is given up, and its page says so', async () => {
    const { service, clock, ask, close } = await incidentToAskAbout();
    let asked = 0;
    const never: ActualsSource = {
      ...athenaOf(EXPLAIN),
      askColumns: () => {
        asked++;
        return new Promise(() => {});
      },
    };
    const { id } = (await detailOf(service)).alarm;
    for (let hour = 0; hour < 6; hour++) {
      void ask(never, clock.wall() + hour * 60 * MINUTE_MS);
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    const detail = (await (await service.get(`/v1/alarms/${id}`)).json()) as Detail;
    expect(detail.asked?.failure).toBe('the service ended 3 times before the answer came; it is not asked again');
    expect(asked).toBeLessThanOrEqual(3 * 6);
    close();
  });
});

describe('an incident', () => {
  test('is not asked about by a statement that would read more than it may, and its page says so', async () => {
    const { service, again } = await afterCycle(folderOf({ ...EXPLAIN, maxScannedMb: 0.001 }));
    const { alarm, asked } = await detailOf(service);
    expect(asked).toMatchObject({ columns: [], failure: expect.stringMatching(/explain.maxScannedMb allows 0/) });
    const page = await (await service.get(`/incidents/${alarm.id}?language=es`)).text();
    expect(page).toContain('No se pudo consultar');
    expect(await again()).toBe(0);
    service.close();
  });
});
