import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Series } from '@tidemark/shared/forecasting';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readPrepared, seriesFile, writePrepared } from './prepared.ts';
import { readPreparedCounts } from './prepared-counts.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-prepared-'));
});
afterEach(() => rm(folder, { recursive: true }));

const example = (id: string): Series => ({
  id,
  measure: 'net',
  stepMs: 7_200_000,
  firstBucket: 228_000,
  values: Float64Array.of(10.25, 0, Number.NaN, -3.5, 1),
  states: ['observed', 'zero', 'missing', 'observed', 'open'],
});

test('series come back exactly as they were written, in their order', async () => {
  const series = [example('total'), example("O'Higgins"), example('España')];
  await writePrepared(
    folder,
    series.map((one) => ({ series: one, transactions: [1, 0, 0, 2, 1] })),
  );
  expect(await readPrepared(folder)).toEqual(series);
  expect(await readdir(join(folder, 'series'))).toEqual(['counts.parquet', 'series.parquet']);
});

test('counts come back exactly as they were written, without those that were not known', async () => {
  const series = [example('total'), example('money only')];
  const unknown = Number.NaN;
  const counts = {
    attempts: Float64Array.of(5, 0, unknown, 2, 1),
    approved: Float64Array.of(4, 0, unknown, 2, 1),
    sales: Float64Array.of(3, 0, unknown, 2, 1),
    logSum: Float64Array.of(3.25, 0, unknown, -2.5, 0.1234),
    logSquares: Float64Array.of(4.5, 0, unknown, 6.25, 0.0152),
    refunds: Float64Array.of(0, 3.07, unknown, 12.5, 0),
    parts: [
      {
        dimension: 'channel',
        value: 'web',
        attempts: Float64Array.of(2, 0, unknown, 0, 1),
        approved: Float64Array.of(1, 0, unknown, 0, 1),
      },
    ],
  };
  await writePrepared(
    folder,
    series.map((one, nth) => ({ series: one, transactions: [1, 0, 0, 2, 1], counts: nth === 0 ? counts : null })),
  );
  expect(await readPreparedCounts(folder, series)).toEqual(new Map([['total', counts]]));
});

test('more rows than are read at once come back as they were written, too', async () => {
  const long = ['a', 'b'].map((id, nth): Series => {
    const values = Float64Array.from({ length: 5_000 }, (_, index) => (index % 7 === 0 ? Number.NaN : index + nth));
    const states = Array.from(values, (value) => (Number.isNaN(value) ? 'missing' : 'observed'));
    return { ...example(id), values, states };
  });
  const countsOf = ({ values }: Series) => {
    const part = { dimension: 'channel', value: 'web', attempts: values, approved: values };
    const other = { dimension: 'channel', value: 'app', attempts: values, approved: values };
    const known = { attempts: values, approved: values, sales: values, logSum: values, logSquares: values };
    return { ...known, refunds: values, parts: [other, part] };
  };
  const all = long.map((series) => ({ series, transactions: series.values.map(() => 1), counts: countsOf(series) }));
  await writePrepared(folder, all);
  expect(await readPrepared(folder)).toEqual(long);
  expect(await readPreparedCounts(folder, long)).toEqual(new Map(all.map(({ series, counts }) => [series.id, counts])));
});

test('what was prepared of nothing, or without any counts, is read as that', async () => {
  await writePrepared(folder, [{ series: example('money only'), transactions: [1, 0, 0, 2, 1] }]);
  expect(await readPreparedCounts(folder, [example('money only')])).toEqual(new Map());
  await writePrepared(folder, []);
  expect([await readPrepared(folder), await readPreparedCounts(folder, [])]).toEqual([[], new Map()]);
});

test('where counts cannot be written, the series stay as they were', async () => {
  await mkdir(join(folder, 'series', 'counts.parquet'), { recursive: true });
  await expect(writePrepared(folder, [{ series: example('total'), transactions: [1, 0, 0, 2, 1] }])).rejects.toThrow();
  expect(await readdir(join(folder, 'series'))).toEqual(['counts.parquet']);
});

test('a folder without series says which command makes them', async () => {
  await expect(readPrepared(folder)).rejects.toThrow(/run `trainer prepare` first/);
});

test('a file that is not Parquet is named', async () => {
  await writePrepared(folder, []);
  await writeFile(seriesFile(folder), 'not parquet');
  await expect(readPrepared(folder)).rejects.toMatchObject({ code: 'unreadable-series' });
});

test('what a killed run left half-written goes with the next one', async () => {
  await mkdir(join(folder, 'series'));
  await writeFile(join(folder, 'series', 'series.parquet.77.partial'), 'PAR1');
  await writePrepared(folder, []);
  expect((await readdir(join(folder, 'series'))).sort()).toEqual(['counts.parquet', 'series.parquet']);
});
