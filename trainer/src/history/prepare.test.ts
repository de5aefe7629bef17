import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HOUR_MS } from '@tidemark/shared/forecasting';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Config, parseConfig } from '../config.ts';
import { duckdbSource } from './duckdb-source.ts';
import { planFetch, runFetch } from './fetch.ts';
import { prepareHistory } from './prepare.ts';
import { qualityPage } from './quality-page.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tidemark-prepare-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const START = Date.parse('2024-01-01T00:00:00Z');

/** A log of one sale of 10.10 by `a` in every hour of ten weeks and one of 0.20 by `b` at noon, with changes. */
async function fetched(
  name: string,
  config: Config,
  keep: (hour: number) => boolean,
  extra: string[] = [],
): Promise<string> {
  const folder = join(root, name);
  await mkdir(folder);
  const rows = ['txn_id,txn_date,id_merchant,tpv,txn_type,estatus'];
  const row = (atMs: number, merchant: number, amount: string) =>
    rows.push(
      `${rows.length},${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')},${merchant},${amount},venta,aprobada`,
    );
  for (let hour = 0; hour < 70 * 24; hour++) {
    if (!keep(hour)) continue;
    row(START + hour * HOUR_MS + 60_000, 1, '10.10');
    if (hour % 24 === 12) row(START + hour * HOUR_MS, 2, '0.20');
  }
  await writeFile(join(folder, 'transactions.csv'), `${[...rows, ...extra].join('\n')}\n`);
  await writeFile(join(folder, 'merchants.csv'), 'id_merchant,client\n1,a\n2,b\n');
  const source = await duckdbSource(folder, config);
  const { signal } = new AbortController();
  const work = join(root, `${name}-work`);
  await runFetch(source, work, await planFetch(source, work, {}, signal), { signal, tell: () => {} });
  await source.close();
  return work;
}

const config = parseConfig({}, 'test');

test('zero, missing and open are three different things', async () => {
  const outage = (hour: number) => hour >= 500 && hour < 506;
  const feedDown = (hour: number) => hour >= 900 && hour < 960;
  const work = await fetched('states', config, (hour) => !outage(hour) && !feedDown(hour));
  const { all, report } = await prepareHistory(work, config);
  const [total, a, b] = all.map(({ series }) => series);
  expect([total?.id, a?.id, b?.id]).toEqual(['total', 'a', 'b']);
  expect(a?.states.slice(249, 254)).toEqual(['observed', 'zero', 'zero', 'zero', 'observed']);
  expect(new Set(a?.states.slice(450, 480))).toEqual(new Set(['missing']));
  expect(a?.values.slice(450, 480).every(Number.isNaN)).toBe(true);
  expect(b?.states[0]).toBe('zero');
  expect(a?.states.at(-1)).toBe('open');
  expect(a?.states.filter((state) => state === 'open')).toHaveLength(1);
  expect(report.feedGaps).toEqual([{ from: '2024-02-07T12:00:00.000Z', to: '2024-02-10T00:00:00.000Z' }]);
});

test('a group is the exact sum of its clients in every bucket', async () => {
  const work = await fetched(
    'groups',
    parseConfig({ groups: { named: { both: ['a', 'b'], total: 'all' } } }, 'test'),
    () => true,
  );
  const settings = parseConfig({ groups: { eachClient: false, named: { both: ['a', 'b'], onlyB: ['b'] } } }, 'test');
  const { all } = await prepareHistory(work, settings);
  expect(all.map(({ series }) => series.id)).toEqual(['both', 'onlyB']);
  expect(all[0]?.series.values[6]).toBe(20.4); // two of 10.10 and one of 0.20, as cents and not as 20.400000000000002
});

test('a known gap of the configuration is missing even where it is short', async () => {
  const settings = parseConfig({ feedGaps: [{ from: '2024-01-21T20:00:00Z', to: '2024-01-22T02:00:00Z' }] }, 'test');
  const work = await fetched('told', settings, (hour) => hour < 500 || hour >= 506);
  const { all } = await prepareHistory(work, settings);
  expect(all[1]?.series.states.slice(249, 254)).toEqual(['observed', 'missing', 'missing', 'missing', 'observed']);
});

test('a series with too little history is prepared, and the report says what is wrong with it', async () => {
  const work = await fetched('short', config, (hour) => hour < 100);
  const { all, report } = await prepareHistory(work, config);
  expect(all).toHaveLength(3);
  expect(report.series.map(({ modelable }) => modelable)).toEqual([false, false, false]);
  expect(report.series[0]?.reason).toMatch(/too little history: 49 complete buckets; at least 168/);
});

test('the page of a client that only refunds has the scale of what it lost', async () => {
  const prepared = await prepareHistory(await fetched('refunds', config, (hour) => hour < 100), config);
  const all = prepared.all.map((one) => ({
    ...one,
    series: { ...one.series, values: one.series.values.map((value) => -value) },
  }));
  const page = qualityPage({ ...prepared, all });
  expect(page).not.toMatch(/class="scale"[^>]*>0\./);
  expect(page).toMatch(/>0<\/text><text class="scale"[^>]*>-[\d.]+K?<\/text>/);
});

test('a group of unknown clients, or with the name of a client, is refused', async () => {
  const work = await fetched('names', config, (hour) => hour < 60);
  const named = (groups: object) => prepareHistory(work, parseConfig({ groups: { named: groups } }, 'test'));
  await expect(named({ south: ['c'] })).rejects.toThrow(/group south names a client that is not in the history: c/);
  await expect(named({ a: ['a'] })).rejects.toThrow(/group a has the name of a client/);
});

test('a history that a fetch left unfinished is refused: holes would look like silence', async () => {
  const work = await fetched('cut', config, (hour) => hour < 60);
  const file = join(work, 'history', 'manifest.json');
  await writeFile(file, (await readFile(file, 'utf8')).replace('"complete": true', '"complete": false'));
  await expect(prepareHistory(work, config)).rejects.toThrow(/did not end; run `trainer fetch` again/);
});

test('another bucket length than was fetched is refused', async () => {
  const work = await fetched('step', config, (hour) => hour < 60);
  await expect(prepareHistory(work, parseConfig({ stepHours: 4 }, 'test'))).rejects.toThrow(
    /2-hour buckets, the configuration says 4/,
  );
});
