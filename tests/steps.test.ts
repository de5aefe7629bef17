import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeServer } from '@tidemark/api';
import { startTestServer } from '@tidemark/api/testing/server';
import { type BandRow, utcText } from '@tidemark/shared/contract';
import { createRandom, DAY_MS, HOUR_MS, WEEK_MS } from '@tidemark/shared/forecasting';
import { dataViewOf } from '@tidemark/tools/power-bi-host/data-view';
import { openStage, type Stage } from '@tidemark/tools/power-bi-host/harness';
import { runTrainer } from '@tidemark/trainer/testing/command-line';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** Buckets of other lengths, from the files to the picture: transactions → history → model → API → visual. */
const WEEKS = 26;
const COVERAGE = 0.95;
let folder: string;
let stage: Stage;

/** One shop's sales every half hour, with a daily and a weekly rhythm and noise. */
async function writeHistory(dir: string) {
  const random = createRandom(11);
  const lines = ['txn_id,txn_date,id_merchant,tpv,txn_type,estatus'];
  for (let k = 0; k < WEEKS * 7 * 48; k++) {
    const at = new Date(Date.UTC(2025, 0, 6) + k * 0.5 * HOUR_MS + 60_000).toISOString().slice(0, 19).replace('T', ' ');
    const rhythm = 1.6 + Math.sin((2 * Math.PI * k) / 48) + 0.3 * Math.sin((2 * Math.PI * k) / 336);
    lines.push(`${k},${at},m1,${Math.max(1, 100 * rhythm + 12 * random.normal()).toFixed(2)},venta,aprobada`);
  }
  await writeFile(join(dir, 'transactions.csv'), `${lines.join('\n')}\n`);
  await writeFile(join(dir, 'merchants.csv'), 'id_merchant,client\nm1,Corner Shop\n');
}

async function trainer(...args: string[]): Promise<void> {
  const { code, errors } = await runTrainer(args);
  expect(code, errors).toBe(0);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-steps-'));
  await writeHistory(folder);
  stage = await openStage();
});

afterAll(async () => {
  await stage?.close();
  await rm(folder, { recursive: true, force: true });
});

const STEPS = [
  { stepHours: 0.5, weeks: 14, days: 7 },
  { stepHours: 1, weeks: 14, days: 14 },
  { stepHours: 2, weeks: 14, days: 14 },
  { stepHours: 6, weeks: 26, days: 28 },
  { stepHours: 24, weeks: 26, days: 60 },
];
/** The shortest, the longest and one between; two hours are what every other test has, one is left to `pnpm test:soak`. */
const TRIED =
  process.env.TIDEMARK_TEST_SOAK === 'true' ? STEPS : STEPS.filter(({ stepHours }) => ![1, 2].includes(stepHours));

describe.each(TRIED)('with buckets of $stepHours h', ({ stepHours, weeks, days }) => {
  let server: NodeServer;
  let bands: BandRow[];
  const stepMs = stepHours * HOUR_MS;

  beforeAll(async () => {
    const work = join(folder, `work-${stepHours}`);
    const config = join(folder, `config-${stepHours}.json`);
    await writeFile(config, JSON.stringify({ timeZone: 'Europe/Madrid', stepHours, groups: { named: {} } }));
    server = await startTestServer(join(folder, `${stepHours}.db`));
    const begin = utcText(Date.UTC(2025, 0, 6) + (WEEKS - weeks) * WEEK_MS);
    const source = ['--source', 'duckdb', '--history', folder, '--from', begin];
    await trainer('fetch', ...source, '--work', work, '--config', config);
    await trainer('prepare', '--work', work, '--config', config);
    await trainer('train', '--work', work, '--config', config, '--steps', '10');
    await trainer('publish', '--work', work, '--api', server.url, '--backfill-days', String(days));
    const from = utcText(Date.UTC(2025, 0, 6) + (WEEKS * 7 - days) * DAY_MS);
    const path = `/v1/bands?series=Corner%20Shop&coverage=${COVERAGE}&from=${from}&limit=10000`;
    const answer = (await (await fetch(server.url + path)).json()) as { rows: BandRow[] };
    bands = answer.rows;
  });

  afterAll(() => server?.stop());

  test('bands follow each other by the step and reach a day ahead', () => {
    const starts = bands.map(({ bucket_start }) => Date.parse(bucket_start));
    for (const [k, start] of starts.slice(1).entries()) expect(start - (starts[k] as number)).toBe(stepMs);
    const ahead = bands.filter(({ state }) => state === 'open' || state === 'future');
    expect(ahead.length * stepMs).toBe(DAY_MS);
    for (const { lower, upper, forecast } of ahead) {
      expect(lower).toBeLessThan(forecast as number);
      expect(upper).toBeGreaterThan(forecast as number);
    }
  });

  test('bands issued before their actual hold it as often as they promise', () => {
    const judged = bands.filter(({ state, lower }) => state === 'observed' && lower !== null);
    expect(judged.length).toBeGreaterThanOrEqual((days * DAY_MS) / stepMs - 2);
    const inside = judged.filter(({ actual, lower, upper }) => {
      return (actual as number) >= (lower as number) && (actual as number) <= (upper as number);
    });
    // Four standard deviations of so many buckets, and what a model of ten steps of training may lack.
    const tolerance = 4 * Math.sqrt((COVERAGE * (1 - COVERAGE)) / judged.length) + 0.01;
    expect(Math.abs(inside.length / judged.length - COVERAGE)).toBeLessThan(tolerance);
  });

  test('the series says its step, and actuals of another step are refused with both', async () => {
    const series = (await (await fetch(`${server.url}/v1/series`)).json()) as { rows: { step_minutes: number }[] };
    expect(new Set(series.rows.map(({ step_minutes }) => step_minutes))).toEqual(new Set([stepHours * 60]));
    const other = stepHours === 3 ? 60 : 180;
    const body = {
      step_minutes: other,
      series: [{ series: 'Corner Shop', start: '2025-07-10T00:00:00Z', values: [1] }],
    };
    const refused = await fetch(`${server.url}/v1/actuals`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(refused.status).toBe(409);
    expect(((await refused.json()) as { detail: string }).detail).toMatch(
      new RegExp(`buckets of ${other} minutes, but those stored are of ${stepHours * 60} minutes`),
    );
  });

  test('the visual draws band and line, and complains of nothing', async () => {
    const visual = await stage.open();
    const rows = bands.map((row) => ({ ...row })) as unknown as Parameters<typeof dataViewOf>[0];
    const ended = await visual.update({ width: 960, height: 480, view: dataViewOf(rows) });
    expect(ended.name).toBe('rendering-finished');
    expect(await visual.frame.locator('.band path.outer').count()).toBeGreaterThan(0);
    expect(await visual.frame.locator('.actual path').count()).toBeGreaterThan(0);
    expect(visual.complaints).toEqual([]);
    await visual.close();
  });
});
