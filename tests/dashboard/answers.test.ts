import { BAND_COLUMNS, SERIES_COLUMNS } from '@tidemark/shared/contract';
import { DAY_MS } from '@tidemark/shared/forecasting';
import { createQueryEngine } from '@tidemark/tools/dashboard/m/query-engine';
import type { Moment, Table } from '@tidemark/tools/dashboard/m/values';
import { committedModel } from '@tidemark/tools/dashboard/project-files';
import { describe, expect, test } from 'vitest';

const model = committedModel();
const NOW = Date.UTC(2026, 10, 30, 9);

const problem = (status: number, detail: string) =>
  new Response(JSON.stringify({ type: '/problems/x', title: 'x', status, detail }), {
    status,
    headers: { 'content-type': 'application/problem+json' },
  });
const csv = (text: string) => new Response(text, { headers: { 'content-type': 'text/csv; charset=utf-8' } });
const page = (status: number) => new Response('<h1>Sign in</h1>', { status, headers: { 'content-type': 'text/html' } });

/** Runs one query of the committed model against answers in turn, the last of them for ever. */
async function ran(query: string, answers: readonly (() => Response)[], parameters: Record<string, string> = {}) {
  const asked: URL[] = [];
  const engine = await createQueryEngine({
    queries: model.queries,
    parameters,
    key: 'k',
    now: () => NOW,
    get: async (url) => (answers[Math.min(asked.push(url), answers.length) - 1] as () => Response)(),
  });
  const table = (await engine.run(query)) as Table;
  return { table, asked };
}

describe('an answer that is no table', () => {
  test.each<[string, () => Response, string]>([
    ['a refusal', () => problem(400, 'from 1 is no time'), 'The API answers 400 to v1/bands: from 1 is no time'],
    ['no such address', () => problem(404, 'no route'), 'The API answers 404 to v1/bands: no route'],
    ['a fault', () => problem(500, 'request 7 failed'), 'The API answers 500 to v1/bands: request 7 failed'],
    ['too many requests', () => problem(429, 'wait a minute'), 'The API answers 429 to v1/bands: wait a minute'],
    ['not ready', () => problem(503, 'no model is loaded'), 'The API answers 503 to v1/bands: no model is loaded'],
    ['a proxy’s page', () => page(502), 'The API answers 502 to v1/bands: no reason is given; is BaseUrl'],
    ['another site', () => page(200), 'BaseUrl (http://localhost:8787) is not the address of the Tidemark API'],
  ])('%s: the error is its sentence', async (_, answer, sentence) => {
    await expect(ran('Bands', [answer])).rejects.toThrow(`Tidemark: ${sentence}`);
  });

  test('a busy API is asked again by Power Query itself before anything is said', async () => {
    const busy = () => problem(503, 'not yet');
    const { table, asked } = await ran('Series', [busy, busy, () => csv(`${SERIES_COLUMNS.join(',')}\r\n`)]);
    expect([table.rows.length, asked.length]).toEqual([0, 3]);
  });

  test.each([401, 403])('%i is left to Power BI, which asks for the credential', async (status) => {
    await expect(ran('Bands', [() => problem(status, 'no')])).rejects.toThrow(
      /^DataSource\.Error: \(\d+\) credentials$/,
    );
  });

  test('no row is an empty table', async () => {
    const { table, asked } = await ran('Bands', [() => csv(`${BAND_COLUMNS.join(',')}\r\n`)]);
    expect([table.rows.length, asked.length]).toEqual([0, 1]);
  });

  test.each([
    ['"https://t.example"', 'https://t.example/v1/bands'],
    ['"https://t.example/"', 'https://t.example/v1/bands'],
    ['"https://t.example/pay"', 'https://t.example/pay/v1/bands'],
    ['"https://t.example/pay/"', 'https://t.example/pay/v1/bands'],
  ])('the address %s asks %s', async (BaseUrl, address) => {
    const { asked } = await ran('Bands', [() => csv(`${BAND_COLUMNS.join(',')}\r\n`)], { BaseUrl });
    expect(asked.map(({ origin, pathname }) => origin + pathname)).toEqual([address]);
  });
});

test.each([10, 90, 800])('the calendar of %i days reaches as far back as partitions are kept', async (days) => {
  const { table } = await ran('Date', [() => csv('')], { HistoryDays: String(days) });
  const dates = table.rows.map((row) => (row[table.at('date')] as Moment).ms);
  const policy = model.tables.find(({ name }) => name === 'Bands')?.properties;
  const kept = Number(policy?.get('rollingWindowPeriods'));
  const oldest = Math.min(Date.UTC(2026, 10 - kept, 1), NOW - days * DAY_MS);
  expect(dates[0]).toBeLessThanOrEqual(oldest - DAY_MS);
  expect(dates.at(-1)).toBeGreaterThanOrEqual(NOW + 2 * DAY_MS);
});
