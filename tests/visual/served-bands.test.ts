import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeServer } from '@tidemark/api';
import { startTestServer } from '@tidemark/api/testing/server';
import { madeUpSeries, pushOf } from '@tidemark/api/testing/service';
import { BAND_COLUMNS } from '@tidemark/shared/contract';
import { CHUNK_COLUMNS, encodeModel } from '@tidemark/shared/contract/model-file';
import { type Series, untrainedArtifact, WEEK_MS } from '@tidemark/shared/forecasting';
import { type Bindings, dataViewOf, type TableRow } from '@tidemark/tools/power-bi-host/data-view';
import { openStage, type Stage } from '@tidemark/tools/power-bi-host/harness';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const WEEK = 84;
/** The service has run for half a year when the report is opened; the merchants' clocks have just changed. */
const WEEKS = 44;
const BEGUN = 16 * WEEK;
const SIX_WEEKS = 6 * WEEK;
/** None as it is by default. */
const RULES = {
  TIDEMARK_ALARM_COVERAGE: '0.98',
  TIDEMARK_ALARM_DIRECTION: 'low',
  TIDEMARK_ALARM_MINIMUM: '50',
  TIDEMARK_ALARM_MINIMUM_SHARE: '0.1',
  TIDEMARK_ALARM_WARNING: '0.02',
  TIDEMARK_ALARM_CRITICAL: '0.6',
  TIDEMARK_ALARM_NEEDED: '2',
  TIDEMARK_ALARM_AMONG: '3',
};
const BOUND: Bindings = { time: 'bucket_start', actual: 'actual', series: 'series', state: 'state', model: 'model' };

let folder: string;
let server: NodeServer;
let stage: Stage;
/** `GET /v1/bands` of the last ten weeks, with what is to come. */
let rows: TableRow[];
let modelText: string;

/** Two shops; one with an outage, a spike and a silent feed, some of it long ago. */
function shops(): Series[] {
  const [steady, troubled] = [madeUpSeries('steady', WEEKS), madeUpSeries('troubled', WEEKS)];
  for (let k = 0; k < troubled.values.length; k++) {
    const value = troubled.values[k] as number;
    if (k % 700 < 5) troubled.values[k] = 0;
    if (k % 611 === 7) troubled.values[k] = 3 * value;
    if (k % 397 < 2) troubled.values[k] = Number.NaN;
  }
  return [steady, troubled];
}

async function asked(path: string): Promise<Response> {
  const response = await fetch(server.url + path);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response;
}

async function sent(path: string, body: unknown): Promise<void> {
  const text = typeof body === 'string';
  const headers = { 'content-type': text ? 'text/plain' : 'application/json' };
  const answer = await fetch(server.url + path, { method: 'PUT', headers, body: text ? body : JSON.stringify(body) });
  if (!answer.ok) throw new Error(`PUT ${path}: ${answer.status} ${await answer.text()}`);
}

/** Rows of a CSV answer by column, as Power Query types them. */
async function csvOf(path: string, columns: readonly string[]): Promise<TableRow[]> {
  const text = await (await asked(path)).text();
  const cells = [...text.matchAll(/("(?:[^"]|"")*"|[^,\r\n]*)(,|\r\n|$)/g)].map(([, cell = '', end]) => ({
    cell: cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell,
    end,
  }));
  const lines: string[][] = [[]];
  for (const { cell, end } of cells) {
    lines.at(-1)?.push(cell);
    if (end !== ',') lines.push([]);
  }
  const [head, ...rest] = lines.filter((line) => line.length === columns.length);
  expect(head).toEqual([...columns]);
  const numeric = new Set(['actual', 'forecast', 'lower', 'upper', 'chunk', 'chunks']);
  const typed = (name: string, cell: string) => (cell === '' ? null : numeric.has(name) ? Number(cell) : cell);
  return rest.map((line) => Object.fromEntries(columns.map((name, k) => [name, typed(name, line[k] as string)])));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-served-'));
  server = await startTestServer(join(folder, 'api.db'), { TIDEMARK_BACKFILL_DAYS: '7', ...RULES });
  const series = shops();
  const taught = series.map((one) => ({
    ...one,
    values: one.values.subarray(0, BEGUN).map((value) => (Number.isNaN(value) ? 0 : value)),
  }));
  await sent('/v1/model', encodeModel(untrainedArtifact(taught, { timeZone: 'America/New_York', trainShare: 0.9 })));
  // Weeks at once in the past, then every other day, as a service that is up.
  for (let at = 0; at < WEEKS * WEEK; ) {
    const next = at < BEGUN ? BEGUN : at < 34 * WEEK ? at + 2 * WEEK : Math.min(at + 24, WEEKS * WEEK);
    await sent('/v1/actuals', pushOf(series, at, next));
    await asked('/v1/series');
    at = next;
  }
  const from = new Date((series[0]?.firstBucket ?? 0) * 7_200_000 + (WEEKS - 10) * WEEK_MS).toISOString();
  rows = await csvOf(`/v1/bands?format=csv&from=${from}`, BAND_COLUMNS);
  const chunks = await csvOf('/v1/model.txt?format=csv', CHUNK_COLUMNS);
  expect(chunks.every(({ text }) => String(text).length <= 30_000)).toBe(true);
  modelText = chunks.map(({ text }) => text).join('');
  stage = await openStage();
});

afterAll(async () => {
  await stage?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The newest `buckets` actuals of each series, as a report binds them; the model in one cell. */
function boundRows(buckets: number): TableRow[] {
  return ['steady', 'troubled'].flatMap((series, n) => {
    const own = rows.filter((row) => row.series === series && row.state !== 'future' && row.state !== 'open');
    const last = own.slice(-buckets);
    return last.map(({ bucket_start, bucket_start_local, actual, state }, k) => ({
      series,
      bucket_start,
      bucket_start_local,
      actual,
      state,
      model: n === 1 && k === 3 ? modelText : null,
    }));
  });
}

/** Severities by the words of the visual's export. */
const SEVERITY_OF: Readonly<Record<string, string>> = { Notice: 'info', Warning: 'warning', Alarm: 'critical' };

interface Drawn {
  readonly limits: ReadonlyMap<string, readonly number[]>;
  /** In words, lower case; empty without an alarm. */
  readonly severities: ReadonlyMap<string, string>;
  readonly notices: string;
}

/** What the visual has computed, to the last digit: its own export, by series and time. */
async function computedFrom(bound: readonly TableRow[], bindings = BOUND): Promise<Drawn> {
  const visual = await stage.open({ download: true });
  await visual.update({
    width: 1200,
    height: 700,
    view: dataViewOf(bound, { bindings, objects: { zoom: { days: 0 } } }),
  });
  expect(await visual.frame.locator('.tidemark').getAttribute('data-source')).toBe('model');
  await visual.frame.locator('.toolbar .export').click({ force: true });
  await expect.poll(async () => (await visual.eventsNamed('download')).length).toBe(1);
  const { content } = await visual.told<{ content: string }>('download');
  const notices = (await visual.frame.locator('.notices').textContent()) ?? '';
  expect(visual.complaints).toEqual([]);
  await visual.close();
  const lines = content.split('\r\n').slice(1);
  const limits = lines.map((line): [string, number[]] => {
    const [time, series, , ...rest] = line.split(',');
    return [`${series} ${time}`, rest.slice(0, 3).map((cell) => (cell === '' ? Number.NaN : Number(cell)))];
  });
  const severities = lines.map((line): [string, string] => {
    const [time, series, ...rest] = line.split(',');
    return [`${series} ${time}`, SEVERITY_OF[rest.at(-2) ?? ''] ?? ''];
  });
  return { limits: new Map(limits), severities: new Map(severities), notices };
}

/** Largest relative difference from what the service issued, over the rows both know, and how many those are. */
function compared({ limits }: Drawn, column: 'bucket_start' | 'bucket_start_local') {
  const counts = { past: 0, future: 0 };
  let worst = 0;
  for (const row of rows) {
    const ours = limits.get(`${row.series} ${String(row[column]).slice(0, 19)}`);
    if (ours === undefined || Number.isNaN(ours[0])) continue;
    counts[row.state === 'future' || row.state === 'open' ? 'future' : 'past']++;
    [row.forecast, row.lower, row.upper].forEach((theirs, k) => {
      const difference = Math.abs((ours[k] as number) - (theirs as number));
      if (difference > 0) worst = Math.max(worst, difference / Math.abs(theirs as number));
    });
  }
  return { ...counts, worst };
}

describe('a report with a model of a service that has run for half a year', () => {
  test('computes the very bands the service issued from six weeks of rows, past and future, to a millionth', async () => {
    const drawn = await computedFrom(boundRows(SIX_WEEKS));
    const { past, future, worst } = compared(drawn, 'bucket_start');
    expect({ past, future }).toEqual({ past: 2 * 40 * 12, future: 2 * 12 });
    expect(worst).toBeLessThanOrEqual(1e-6);
    expect(drawn.notices).toBe('');
  });

  test('judges by the rules of the service, none of them the usual one: the same severities, bucket by bucket', async () => {
    const { severities } = await computedFrom(boundRows(SIX_WEEKS));
    const issued = rows.filter((row) => row.state === 'observed' || row.state === 'zero').slice(-40 * 12);
    const served = issued.map((row) => [row.bucket_start, row.severity ?? '']);
    const drawn = issued.map((row) => [
      row.bucket_start,
      severities.get(`${row.series} ${String(row.bucket_start).slice(0, 19)}`),
    ]);
    expect(drawn).toEqual(served);
    expect(served.some(([, severity]) => severity === 'critical')).toBe(true);
  });

  test('does so on the merchants’ clock as well, through the change of their clocks', async () => {
    const drawn = await computedFrom(boundRows(SIX_WEEKS), { ...BOUND, time: 'bucket_start_local' });
    const { past, future, worst } = compared(drawn, 'bucket_start_local');
    expect({ past, future }).toEqual({ past: 2 * 40 * 12, future: 2 * 12 });
    expect(worst).toBeLessThanOrEqual(1e-6);
  });

  test('draws limits of its own before what the model remembers, where rows reach far enough', async () => {
    const drawn = await computedFrom(boundRows(10 * WEEK));
    const known = [...drawn.limits.values()].filter(([median]) => !Number.isNaN(median)).length;
    expect(known).toBe(2 * (10 * WEEK + 12));
    expect(compared(drawn, 'bucket_start').past).toBe(2 * 10 * WEEK);
  });

  test('with too few rows it bridges the gap and says so', async () => {
    const drawn = await computedFrom(boundRows(2 * WEEK));
    expect(drawn.notices).toContain('26 days missing between the model’s memory and the first row');
    const { past, future, worst } = compared(drawn, 'bucket_start');
    expect({ past, future }).toEqual({ past: 2 * 2 * WEEK, future: 2 * 12 });
    expect(worst).toBeGreaterThan(1e-6);
  });
});
