import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DAY_MS } from '@tidemark/shared/forecasting';
import { bucketFiles, bucketRows, config, fetchInto } from '@tidemark/tools/payments/fetching';
import { isCounted, makePayments, type Payment, writePayments } from '@tidemark/tools/payments/payments';
import { duckdbSource } from '@tidemark/trainer/testing/history';
import { afterAll, beforeAll, expect, test } from 'vitest';

const settings = config();
const payments = makePayments(3_000);
let root: string;
let folders = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tidemark-resume-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function tablesOf(log: readonly Payment[]): Promise<string> {
  const folder = join(root, `tables-${folders++}`);
  await writePayments(folder, log);
  return folder;
}

const workFolder = () => join(root, `work-${folders++}`);
const months = (events: readonly { event: string; month?: string }[]) =>
  events.flatMap((event) => (event.event === 'window' ? [event.month] : []));

test('a second run fetches only the windows that the late days reach', async () => {
  const tables = await tablesOf(payments);
  const work = workFolder();
  const first = await fetchInto(work, await duckdbSource(tables, settings));
  expect(months(first.events)).toEqual(['2023-12', '2024-01', '2024-02', '2024-03']);
  const before = await bucketFiles(work);
  const manifest = await readFile(join(work, 'history', 'manifest.json'));
  // The log ends on 2 March: February lies within three days of it, January does not.
  const second = await fetchInto(work, await duckdbSource(tables, settings));
  expect(months(second.events)).toEqual(['2024-02', '2024-03']);
  expect(await bucketFiles(work)).toEqual(before);
  expect(await readFile(join(work, 'history', 'manifest.json'))).toEqual(manifest);
});

test('late data is taken in, and gives what a fresh fetch gives', async () => {
  const late: Payment = {
    atMs: Date.parse('2024-02-29T12:00:00Z'),
    merchant: 1,
    cents: 12_345n,
    type: 'venta',
    status: 'aprobada',
  };
  const work = workFolder();
  const fresh = workFolder();
  await fetchInto(work, await duckdbSource(await tablesOf(payments), settings));
  const tables = await tablesOf([...payments, late]);
  const { manifest } = await fetchInto(work, await duckdbSource(tables, settings));
  await fetchInto(fresh, await duckdbSource(tables, settings));
  expect(await bucketFiles(work)).toEqual(await bucketFiles(fresh));
  expect(manifest.windows['2024-02']?.late).toEqual({ Norte: 1 });
  expect(manifest.windows['2024-03']?.late).toEqual({});
});

test('a log that has grown is taken on from where it ended', async () => {
  const cut = Date.parse('2024-01-20T11:00:00Z');
  const work = workFolder();
  const fresh = workFolder();
  await fetchInto(work, await duckdbSource(await tablesOf(payments.filter(({ atMs }) => atMs < cut)), settings));
  const tables = await tablesOf(payments);
  await fetchInto(work, await duckdbSource(tables, settings));
  await fetchInto(fresh, await duckdbSource(tables, settings));
  expect(await bucketFiles(work)).toEqual(await bucketFiles(fresh));
});

/** A short log with another merchant table. */
async function withMerchants(rows: readonly string[], log = payments.slice(0, 400)): Promise<string> {
  const tables = await tablesOf(log);
  await rm(join(tables, 'merchants.parquet'));
  await writeFile(join(tables, 'merchants.csv'), ['id_merchant,client', ...rows, ''].join('\n'));
  return tables;
}

test.each([
  ['has moved to another client', ['1,Norte', '2,Sur', '3,Zulu'], '"2" is of client "Sur" now, of "Norte" before: all'],
  ['had no client before', ['1,Norte', '2,Norte', '3,Zulu', '4,Este'], null],
])('where a merchant %s, months that had settled are fetched again', async (_, merchants, says) => {
  const work = workFolder();
  const fresh = workFolder();
  await fetchInto(work, await duckdbSource(await withMerchants(['1,Norte', '2,Norte', '3,Zulu']), settings));
  const tables = await withMerchants(merchants);
  const { events, manifest } = await fetchInto(work, await duckdbSource(tables, settings));
  expect(months(events)).toHaveLength(4);
  expect(events.flatMap((event) => (event.event === 'warning' ? [event.says] : [])).join()).toContain(says ?? '');
  const anew = await fetchInto(fresh, await duckdbSource(tables, settings));
  expect(await bucketFiles(work)).toEqual(await bucketFiles(fresh));
  expect(manifest).toEqual({ ...anew.manifest, source: manifest.source });
  // Once is enough.
  const again = await fetchInto(work, await duckdbSource(tables, settings));
  expect(months(again.events)).toEqual(['2024-02', '2024-03']);
});

test('a merchant that is new fetches nothing again while nearly every transaction has a client', async () => {
  const work = workFolder();
  const nameless = payments.findIndex(({ merchant }) => merchant === 4);
  const log = payments.filter(({ merchant }, k) => (merchant !== null && merchant < 4) || k === nameless);
  await fetchInto(work, await duckdbSource(await withMerchants(['1,Norte', '2,Norte', '3,Zulu'], log), settings));
  const tables = await withMerchants(['1,Norte', '2,Norte', '3,Zulu', '4,Este', '5,Sol'], log);
  const { events } = await fetchInto(work, await duckdbSource(tables, settings));
  expect(months(events)).toEqual(['2024-02', '2024-03']);
});

test('where a merchant has moved, months that the source no longer holds stay as they were', async () => {
  const work = workFolder();
  await fetchInto(work, await duckdbSource(await withMerchants(['1,Norte', '2,Norte']), settings));
  const before = await bucketFiles(work);
  const recent = payments.slice(0, 400).filter(({ atMs }) => atMs >= Date.parse('2024-01-20T00:00:00Z'));
  const { events } = await fetchInto(
    work,
    await duckdbSource(await withMerchants(['1,Norte', '2,Sur'], recent), settings),
  );
  expect(months(events)).toEqual(['2024-02', '2024-03']);
  const after = await bucketFiles(work);
  for (const month of ['2023-12.parquet', '2024-01.parquet']) expect(after.get(month)).toEqual(before.get(month));
});

test('a source that ends before what was fetched of it stops a fetch, and nothing is lost', async () => {
  const work = workFolder();
  await fetchInto(work, await duckdbSource(await tablesOf(payments.slice(0, 400)), settings));
  const before = await bucketFiles(work);
  const cut = payments.slice(0, 400).filter(({ atMs }) => atMs < Date.parse('2024-02-20T00:00:00Z'));
  await expect(fetchInto(work, await duckdbSource(await tablesOf(cut), settings))).rejects.toThrow(
    /is of 2024-02-19T.*, but the last fetch saw one of 2024-03-02T13:07:11Z; bring back what is missing, or fetch into/,
  );
  expect(await bucketFiles(work)).toEqual(before);
});

test('a bucket file that is not the one the manifest names is fetched again', async () => {
  const tables = await tablesOf(payments);
  const work = workFolder();
  await fetchInto(work, await duckdbSource(tables, settings));
  const before = await bucketFiles(work);
  const buckets = join(work, 'history', 'buckets');
  await writeFile(join(buckets, '2023-12.parquet'), 'broken');
  await rm(join(buckets, '2024-01.parquet'));
  await writeFile(join(buckets, '2024-02.parquet.1.partial'), 'half');
  await copyFile(join(buckets, '2024-02.parquet'), join(buckets, '1999-01.parquet'));
  await fetchInto(work, await duckdbSource(tables, settings));
  expect(await bucketFiles(work)).toEqual(before);
});

test('another configuration makes the whole history anew and leaves nothing of the old one', async () => {
  const tables = await tablesOf(payments);
  const work = workFolder();
  await fetchInto(work, await duckdbSource(tables, settings));
  const hourly = config({ stepHours: 1 });
  const { events } = await fetchInto(work, await duckdbSource(tables, hourly));
  expect(months(events)).toHaveLength(4);
  const keys = [...(await bucketRows(work, 3_600_000)).keys()];
  expect(keys.some((key) => Number(key.split('|')[1]) % 2 === 1)).toBe(true);
});

test('the range of a folder grows but never shrinks: a partial month is not lost for a smaller one', async () => {
  const tables = await tablesOf(payments);
  const work = workFolder();
  await fetchInto(work, await duckdbSource(tables, settings));
  const before = await bucketFiles(work);
  const asked = { fromMs: Date.parse('2024-01-10T00:00:00Z'), toMs: Date.parse('2024-02-10T00:00:00Z') };
  await fetchInto(work, await duckdbSource(tables, settings), asked);
  expect(await bucketFiles(work)).toEqual(before);
});

test('only the range asked for is fetched, to the bucket', async () => {
  const work = workFolder();
  const asked = { fromMs: Date.parse('2024-01-10T02:00:00Z'), toMs: Date.parse('2024-02-01T04:00:00Z') };
  await fetchInto(work, await duckdbSource(await tablesOf(payments), settings), asked);
  const buckets = [...(await bucketRows(work, 7_200_000)).keys()].map((key) => Number(key.split('|')[1]) * 7_200_000);
  expect(Math.min(...buckets)).toBeGreaterThanOrEqual(asked.fromMs);
  expect(Math.max(...buckets)).toBeLessThan(asked.toMs);
  const inRange = payments.filter(
    (payment) => payment.atMs >= asked.fromMs && payment.atMs < asked.toMs && isCounted(payment),
  );
  const rows = [...(await bucketRows(work, 7_200_000)).values()];
  expect(rows.reduce((sum, row) => sum + row.transactions, 0)).toBe(inRange.length);
});

test('a range without a transaction is refused', async () => {
  const source = await duckdbSource(await tablesOf(payments), settings);
  await expect(fetchInto(workFolder(), source, { fromMs: Date.parse('2030-01-01T00:00:00Z') })).rejects.toMatchObject({
    code: 'empty-history',
  });
});

test('a manifest of a newer format is refused by its number', async () => {
  const work = workFolder();
  await mkdir(join(work, 'history'), { recursive: true });
  await writeFile(join(work, 'history', 'manifest.json'), JSON.stringify({ format: 7 }));
  await expect(fetchInto(work, await duckdbSource(await tablesOf(payments.slice(0, 50)), settings))).rejects.toThrow(
    /got format 7, expected 2: a newer version of the trainer wrote it; update this one, or delete .*history to fetch anew/,
  );
});

test('the late days are counted from the newest transaction, not from the clock', async () => {
  const week = config({ lateDays: 40 });
  const work = workFolder();
  const tables = await tablesOf(payments.filter(({ atMs }) => atMs < Date.parse('2024-01-01T00:00:00Z') + 60 * DAY_MS));
  await fetchInto(work, await duckdbSource(tables, week));
  const { events } = await fetchInto(work, await duckdbSource(tables, week));
  expect(months(events)).toEqual(['2024-01', '2024-02']);
});
