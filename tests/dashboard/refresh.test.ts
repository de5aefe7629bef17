import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NodeServer, startNode } from '@tidemark/api';
import { madeUpArtifact, madeUpSeries, pushOf } from '@tidemark/api/testing/service';
import { ALARM_COLUMNS, type AlarmRow, BAND_COLUMNS, type BandRow, SERIES_COLUMNS } from '@tidemark/shared/contract';
import { encodeModel } from '@tidemark/shared/contract/model-file';
import type { Series } from '@tidemark/shared/forecasting';
import { DAY_MS } from '@tidemark/shared/forecasting';
import { columnIs } from '@tidemark/tools/dashboard/dax/context';
import { type DaxModel, daxModel } from '@tidemark/tools/dashboard/dax/model';
import { createQueryEngine } from '@tidemark/tools/dashboard/m/query-engine';
import { Moment } from '@tidemark/tools/dashboard/m/values';
import { committedPage } from '@tidemark/tools/dashboard/page-preview/committed-report';
import { previewPage } from '@tidemark/tools/dashboard/page-preview/preview-page';
import { committedModel } from '@tidemark/tools/dashboard/project-files';
import { msOf, type Row, refresh, type Tables } from '@tidemark/tools/dashboard/tables';
import { openStage, type Stage } from '@tidemark/tools/power-bi-host/harness';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ADMIN = 'an-admin-key-for-this-test';
const READ = 'a-read-key-for-this-test';
const hash = (key: string) => createHash('sha256').update(key).digest('hex');
const WEEKS = 20;

/** Clients with a rhythm; one has an outage three days before the end and is low at the end, and a group sums them. */
function company(): Series[] {
  const clients = ['Azul', 'Brisa', 'Coral, S.A.'].map((id) => madeUpSeries(id, WEEKS));
  const troubled = clients[0] as Series;
  const end = troubled.values.length;
  for (let k = end - 38; k < end - 34; k++) troubled.values[k] = 0;
  for (let k = end - 2; k < end; k++) troubled.values[k] = (troubled.values[k] as number) * 0.1;
  const sums = troubled.values.map((_, k) => clients.reduce((sum, { values }) => sum + (values[k] as number), 0));
  return [...clients, { ...troubled, id: 'Todos', values: sums }];
}

let server: NodeServer;
let folder: string;
let stage: Stage;
let nowMs: number;
const asked: URL[] = [];
const logged: string[] = [];
const model = committedModel();
/** Every table but the bands. */
const OTHERS = model.tables.map(({ name }) => name).filter((name) => name !== 'Bands');

async function send(method: string, path: string, body: unknown) {
  const text = typeof body === 'string';
  const response = await fetch(server.url + path, {
    method,
    headers: { authorization: `Bearer ${ADMIN}`, 'content-type': text ? 'text/plain' : 'application/json' },
    body: text ? body : JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
}

/** Power Query with the committed queries, in pages of a hundred rows so that it has to page. */
function engine(parameters: Record<string, string> = {}, key = READ) {
  const pages = (model.queries.get('GetPages') as string).replaceAll('10000', '100');
  return createQueryEngine({
    queries: new Map([...model.queries, ['GetPages', pages]]),
    parameters: { BaseUrl: JSON.stringify(server.url), HistoryDays: '30', ...parameters },
    key,
    get: (url) => {
      asked.push(url);
      return fetch(url);
    },
    now: () => nowMs,
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-dashboard-'));
  server = await startNode({
    environment: {
      TIDEMARK_KEYS: `admin:admin:${hash(ADMIN)},dashboard:read:${hash(READ)}`,
      TIDEMARK_CLOCK: 'newest',
      TIDEMARK_READ_WAIT_SECONDS: '60',
      TIDEMARK_BACKFILL_DAYS: '28',
      TIDEMARK_THREADS: '0',
    },
    port: 0,
    databaseFile: join(folder, 'tidemark.db'),
    log: (_, event, fields) => void logged.push(`${event} ${JSON.stringify(fields)}`),
  });
  const series = company();
  await send('PUT', '/v1/model', encodeModel(madeUpArtifact(series)));
  const pushed = pushOf(series, 0, WEEKS * 84);
  const group = pushed.series.find(({ series: id }) => id === 'Todos') as { members?: string[] };
  group.members = ['Azul', 'Brisa', 'Coral, S.A.'];
  await send('PUT', '/v1/actuals', pushed);
  const first = series[0] as Series;
  nowMs = (first.firstBucket + first.values.length) * first.stepMs + 20 * 60_000;
  stage = await openStage();
});

afterAll(async () => {
  await stage?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('what Power Query does on a refresh, against the real API', () => {
  let tables: Tables;
  let filled: DaxModel;
  /** A measure over some series or all, at the time of the refresh. */
  const figure = (name: string, series?: readonly string[]) =>
    filled.measure(name, filled.context(series ? [columnIs('Series', 'Series', series)] : []), { nowMs });

  beforeAll(async () => {
    tables = await refresh(model, await engine());
    filled = daxModel(model, tables);
  });

  test('every table is filled through the committed queries', () => {
    const headline = (name: string) => figure('Is headline', [name]);
    expect(filled.tables.Series?.map((row) => [row.Series, row.Kind, headline(String(row.Series))])).toEqual([
      ['Azul', 'Client', 0],
      ['Brisa', 'Client', 0],
      ['Coral, S.A.', 'Client', 0],
      ['Todos', 'Group', 1],
    ]);
    expect(tables.Bands?.length).toBeGreaterThan(4 * 12 * 30);
    expect(tables.Alarms?.length).toBeGreaterThan(1);
    expect(tables.Model?.map(({ Chunk }) => Chunk)).toEqual(tables.Model?.map((_, k) => k + 1));
  });

  test('every measure of the model comes to a value from its own text', () => {
    const measures = model.tables.flatMap(({ children }) => children.filter(({ kind }) => kind === 'measure'));
    for (const { name } of measures) expect(() => figure(name), name).not.toThrow();
  });

  test('every alarm links to its page at the API', async () => {
    for (const alarm of tables.Alarms ?? []) {
      expect(alarm.Link).toBe(`${server.url}/incidents/${encodeURIComponent(String(alarm.Id))}`);
    }
    const page = await fetch(`${tables.Alarms?.[0]?.Link}`);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(await page.text()).toContain('/sign-in');
  });

  test('the model’s chunks join to the text that the API serves', async () => {
    const text = await (await fetch(`${server.url}/v1/model.txt?states=true&key=${READ}`)).text();
    // Said once in a visual: on the newest bucket of the first series.
    const newest = Math.max(
      ...(filled.tables.Bands ?? []).map((row) => (row.State === 'observed' ? msOf(row['Bucket start UTC']) : 0)),
    );
    const bucket = filled.context(
      [columnIs('Bands', 'Bucket start UTC', [new Moment('datetime', newest)]), columnIs('Series', 'Series', ['Azul'])],
      filled.context(),
    );
    expect(filled.measure('Model text', bucket, { nowMs })).toBe(text);
  });

  test('bands come in pages, and together they are what the API says in one answer', async () => {
    const bands = asked.filter(({ pathname }) => pathname === '/v1/bands');
    expect(bands.length).toBeGreaterThan(10);
    expect(bands[1]?.searchParams.get('cursor')).toMatch(/^\d{4}-.*Z\|Azul$/);
    const query = new URLSearchParams(bands[0]?.searchParams);
    for (const name of ['limit', 'format', 'key']) query.delete(name);
    const answer = await fetch(`${server.url}/v1/bands?${query}`, { headers: { authorization: `Bearer ${READ}` } });
    const { rows } = (await answer.json()) as { rows: BandRow[] };
    const keyOf = (series: unknown, ms: number) => `${series} ${ms}`;
    const byKey = new Map(rows.map((row) => [keyOf(row.series, Date.parse(row.bucket_start)), row]));
    expect(tables.Bands).toHaveLength(rows.length);
    for (const row of tables.Bands ?? []) {
      const same = byKey.get(keyOf(row.Series, msOf(row['Bucket start UTC']))) as BandRow;
      expect([row.Actual, row.Lower, row.Upper, row.Score, row.State, row.Fan]).toEqual([
        same.actual,
        same.lower,
        same.upper,
        same.score,
        same.state,
        same.fan,
      ]);
    }
  });

  test('the key travels in the query string of every call and is in no log line', () => {
    expect(asked.every(({ searchParams }) => searchParams.get('key') === READ)).toBe(true);
    expect(logged.length).toBeGreaterThan(10);
    expect(logged.join('\n')).not.toContain(READ);
  });

  test('called again, it gives the same rows', async () => {
    const again = await refresh(model, await engine());
    expect(again.Bands).toEqual(tables.Bands);
    expect(again.Alarms).toEqual(tables.Alarms);
  });

  test('every column a query keeps is in the header the API sends', async () => {
    for (const [path, columns] of [
      ['bands', BAND_COLUMNS],
      ['alarms', ALARM_COLUMNS],
      ['series', SERIES_COLUMNS],
    ] as const) {
      const answer = await fetch(`${server.url}/v1/${path}?format=csv&key=${READ}`);
      const header = (await answer.text()).split('\r\n')[0]?.split(',');
      expect(header).toEqual(columns);
      const query = model.queries.get(path.charAt(0).toUpperCase() + path.slice(1)) as string;
      const kept = /Table\.SelectColumns\(\w+, \{([^}]*)\}/.exec(query)?.[1]?.match(/\w+/g);
      // Columns that name clients stand in tables of their own.
      const named = header?.filter((column) => column !== 'contributors' && column !== 'members') ?? [];
      expect(kept).toEqual(path === 'series' ? [...named, 'kind'] : named);
    }
  });

  test('with incremental refresh a partition brings its own buckets only, an old one none', async () => {
    const day = (ms: number) =>
      `#datetime(${new Date(ms).toISOString().slice(0, 10).split('-').map(Number).join(', ')}, 0, 0, 0)`;
    const start = Math.floor(nowMs / DAY_MS) * DAY_MS - 5 * DAY_MS;
    const partition = await refresh(model, await engine({ RangeStart: day(start), RangeEnd: day(start + DAY_MS) }), [
      ...OTHERS,
    ]);
    expect(partition.Bands).toHaveLength(4 * 12);
    const old = await refresh(
      model,
      await engine({ RangeStart: day(start - 900 * DAY_MS), RangeEnd: day(start - 899 * DAY_MS) }),
      OTHERS,
    );
    expect(old.Bands).toEqual([]);
  });

  test('partitions of alarms together are all alarms, each once', async () => {
    const text = (ms: number) =>
      `#datetime(${new Date(ms).toISOString().slice(0, 10).split('-').map(Number).join(', ')}, 0, 0, 0)`;
    const others = model.tables.map(({ name }) => name).filter((name) => name !== 'Alarms');
    const cut = Math.floor(nowMs / DAY_MS) * DAY_MS - 2 * DAY_MS;
    const before = await refresh(model, await engine({ RangeEnd: text(cut) }), others);
    const after = await refresh(model, await engine({ RangeStart: text(cut) }), others);
    const ids = [...(before.Alarms ?? []), ...(after.Alarms ?? [])].map(({ Id }) => Id);
    expect(ids.toSorted()).toEqual((tables.Alarms ?? []).map(({ Id }) => Id).toSorted());
    expect(before.Alarms?.length).toBeGreaterThan(0);
    expect(after.Alarms?.length).toBeGreaterThan(0);
  });

  test('sentences come in the language of the parameter', async () => {
    const spanish = await refresh(
      model,
      await engine({ Language: '"es"' }),
      model.tables.map(({ name }) => name).filter((name) => name !== 'Series'),
    );
    expect(spanish.Series?.map((row) => row.Promise)).not.toEqual(tables.Series?.map((row) => row.Promise));
    expect(asked.at(-1)?.searchParams.get('language')).toBe('es');
  });

  test('members of groups and who sees which client are tables of their own', async () => {
    expect(tables.Membership?.map(({ Group, Member }) => `${Group}: ${Member}`)).toEqual([
      'Todos: Azul',
      'Todos: Brisa',
      'Todos: Coral, S.A.',
    ]);
    const others = model.tables.map(({ name }) => name).filter((name) => name !== 'Access');
    const access = await refresh(
      model,
      await engine({ AccessList: '" Ana@Example.com = Coral, S.A.; bo@example.com=Azul;"' }),
      others,
    );
    expect(access.Access).toEqual([
      { User: 'ana@example.com', Series: 'Coral, S.A.' },
      { User: 'bo@example.com', Series: 'Azul' },
    ]);
  });

  test('a lower coverage gives a narrower band from the same model', async () => {
    const width = (rows: Tables[string]) =>
      (rows ?? []).reduce((sum, row) => sum + Number(row.Upper ?? 0) - Number(row.Lower ?? 0), 0);
    const narrow = await refresh(model, await engine({ Coverage: '0.8' }), OTHERS);
    expect(width(narrow.Bands ?? [])).toBeLessThan(width(tables.Bands ?? []));
  });

  test('the test of the connection, a GET of the base address with the key, is answered', async () => {
    const answer = await fetch(`${server.url}/?key=${READ}`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json']);
  });

  test('a wrong key is an error of the data source, not an empty table', async () => {
    await expect(refresh(model, await engine({}, 'wrong'))).rejects.toThrow(/DataSource\.Error: \(401\)/);
  });

  test('page Now reads the days it draws: two of the clients, five of the headline, and what is coming', () => {
    const newest = Math.max(...(filled.tables.Series ?? []).map((row) => msOf(row['Newest bucket UTC'])));
    for (const [visual, days] of [
      ['clients', 2],
      ['headline', 5],
    ] as const) {
      const { filters = [] } = committedPage('now').page.visuals.find(({ name }) => name === visual) ?? {};
      const windows = filters.find(({ name }) => name === 'Window')?.values ?? [];
      const read = filled.context([columnIs('Bands', 'Window', windows)]).visible('Bands');
      const drawn = (filled.tables.Bands ?? []).filter((row) => msOf(row['Bucket start UTC']) > newest - days * DAY_MS);
      expect(new Set(read)).toEqual(new Set(drawn));
      expect(read.length).toBeLessThan(4 * 12 * (days + 3));
    }
  });

  test('keys join the tables: every band has its series, date and hour', () => {
    const keys = (table: string, column: string) =>
      new Set(tables[table]?.map((row) => (typeof row[column] === 'string' ? row[column] : msOf(row[column]))));
    const [series, dates, slots] = [keys('Series', 'Series'), keys('Date', 'Date'), keys('Time slot', 'Time slot')];
    for (const row of tables.Bands ?? []) {
      expect(series).toContain(row.Series);
      expect(dates).toContain(msOf(row.Date));
      expect(slots).toContain(row['Time slot']);
    }
  });

  test('the figures of the pages are those the API’s rows give', async () => {
    const answer = await fetch(`${server.url}/v1/alarms?key=${READ}`);
    const alarms = ((await answer.json()) as { rows: AlarmRow[] }).rows;
    const open = alarms.filter(({ status }) => status === 'open');
    expect(open.length).toBeGreaterThan(0);
    expect(figure('Active alarms')).toBe(open.length);
    expect(figure('Status')).toMatch(/^ALARM · (Azul|Todos) below minimum since/);
    const lost = alarms.filter(({ series, volume }) => series === 'Azul' && volume < 0);
    expect(figure('Lost volume', ['Azul'])).toBeCloseTo(-lost.reduce((sum, { volume }) => sum + volume, 0), 2);
    // A client counts once: the group beside it does not double the total.
    const byClient = ['Azul', 'Brisa', 'Coral, S.A.'].map((id) => Number(figure('Actual', [id])));
    expect(figure('Actual')).toBeCloseTo(
      byClient.reduce((sum, value) => sum + value, 0),
      2,
    );
    expect(Number(figure('Observed coverage'))).toBeGreaterThan(0.8);
    expect(figure('Hours since last data')).toBeCloseTo(1 / 3, 6);
  });

  /** The status of the same rows with some of them changed, seen hours later, refreshed then or not. */
  const seen = (change: Partial<Tables>, hoursLater = 0, refreshedLater = hoursLater) => {
    const refreshed = new Moment('datetime', nowMs + refreshedLater * 3_600_000);
    const changed = daxModel(model, { ...tables, Figures: [{ 'Refreshed at UTC': refreshed }], ...change } as Tables);
    return changed.measure('Status', changed.context(), { nowMs: nowMs + hoursLater * 3_600_000 });
  };

  test('the status names the feed, one silent series, or a report that is not refreshed', () => {
    expect(seen({ Alarms: [] })).toBe('OK · no open incident');
    expect(seen({ Alarms: [] }, 7)).toMatch(/^NO DATA SINCE \w{3} \d+ \w{3} \d\d:\d\d$/);
    expect(seen({ Alarms: [] }, 7, 0)).toMatch(/^REPORT NOT REFRESHED SINCE .* UTC$/);
    const late = (row: Row) => row.Series === 'Azul' && msOf(row['Bucket start UTC']) > nowMs - 10 * 3_600_000;
    expect(seen({ Alarms: [], Bands: tables.Bands?.filter((row) => !late(row)) ?? [] })).toBe('NO DATA FROM Azul');
  });

  test('an open alarm is never hidden by what is wrong with the data', () => {
    const start = new Moment('datetime', nowMs - 3_600_000);
    const [alarm] = tables.Alarms ?? [];
    const open = { Id: '1', Status: 'open', Severity: 'critical', Series: 'Azul', Direction: 'low', Storm: null };
    const Alarms = [{ ...alarm, ...open, Start: start, 'Start UTC': start }] as Row[];
    expect(seen({ Alarms })).toMatch(/^ALARM · Azul below minimum since \w{3} \d\d:\d\d$/);
    expect(seen({ Alarms }, 7)).toMatch(/^ALARM · Azul below minimum /);
  });

  test.each(['now', 'clients', 'history', 'model-health', 'incident'])(
    'the page %s draws from these tables with the packaged visual',
    async (page) => {
      const { png, complaints, drawn } = await previewPage(page, { model: filled, viewer: { nowMs } }, stage);
      expect(complaints).toEqual([]);
      const bands = committedPage(page).page.visuals.filter(({ type }) => type === stage.visual.guid);
      expect(Object.keys(drawn)).toEqual(bands.map(({ name }) => name));
      for (const count of Object.values(drawn)) expect(count).toBeGreaterThan(3);
      expect(png.length).toBeGreaterThan(20_000);
    },
    60_000,
  );
});
