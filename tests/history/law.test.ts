import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveAthena } from '@tidemark/tools/athena-local/server';
import { BRISK, bucketFiles, config, fetchInto, pointSdkAt, standIn } from '@tidemark/tools/payments/fetching';
import { athenaSource, duckdbSource, totalsOf } from '@tidemark/trainer/testing/history';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  centsOf,
  csvOf,
  dayFirst,
  decimal,
  groupedAmount,
  isoTime,
  plainAmount,
  type Sale,
  sales,
  writeHistory,
} from './ugly.ts';

let root: string;
let folders = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tidemark-law-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** What may be wrong with one row. */
const flaw = fc.constantFrom(
  'none',
  'none',
  'none',
  'refused',
  'other',
  'refund',
  'no-amount',
  'no-time',
  'future',
  'past',
  'negative',
  'twice',
  'no-merchant',
);

const AMOUNTS = [
  { write: plainAmount, settings: {} },
  { write: String, settings: { amountUnit: 'minor' } },
  { write: groupedAmount(',', '.'), settings: { amountFormat: { decimal: ',', thousands: '.' } } },
  {
    write: (cents: number) => `$${groupedAmount('.', ',')(cents)}`.replace('$-', '-$'),
    settings: { amountFormat: { thousands: ',', currency: '$' } },
  },
] as const;
const TIMES = [
  { write: isoTime, settings: { type: 'timestamp' } },
  { write: String, settings: { type: 'epoch-ms' } },
  { write: dayFirst, settings: { type: 'text', format: 'DD/MM/YYYY HH:mm:ss' } },
  { write: (ms: number) => `${isoTime(ms + 19_800_000)}+05:30`, settings: { type: 'timestamptz' } },
  // Local time without an offset, in a zone that changes none in these weeks.
  { write: (ms: number) => isoTime(ms - 6 * 3_600_000), settings: { type: 'timestamp', zone: 'America/Mexico_City' } },
] as const;

const history = fc.record({
  flaws: fc.array(flaw, { minLength: 420, maxLength: 420 }),
  amount: fc.constantFrom(...AMOUNTS),
  time: fc.constantFrom(...TIMES),
  delimiter: fc.constantFrom(';', '\t', '|'),
  negativeSales: fc.constantFrom('subtract', 'refund', 'absolute'),
  packed: fc.boolean(),
});

/** The rows that a flaw makes of one, and how they are to be counted. */
function rowsOf(sale: Sale, kind: string, nth: number): Sale[] {
  const cents = sale.cents as number;
  switch (kind) {
    case 'refused':
      return [{ ...sale, status: 'rechazada' }];
    case 'other':
      return [{ ...sale, type: 'ajuste' }];
    case 'refund':
      return [{ ...sale, type: 'devolucion', cents: nth % 2 === 0 ? -cents : cents }];
    case 'no-amount':
      return [{ ...sale, cents: null }];
    case 'no-time':
      return [{ ...sale, atMs: null }];
    case 'future':
      return nth % 40 === 0 ? [{ ...sale, atMs: Date.UTC(2090, 0, 1 + (nth % 20)) }] : [sale];
    case 'past':
      return nth % 200 === 0 ? [{ ...sale, atMs: Date.UTC(1970, 0, 2) }] : [sale];
    case 'negative':
      return [{ ...sale, cents: -cents }];
    case 'twice':
      return [sale, sale];
    case 'no-merchant':
      return [{ ...sale, merchant: '99' }];
    default:
      return [sale];
  }
}

test('rows and money of the source are those of the buckets and those set aside, to the cent', async () => {
  await fc.assert(
    fc.asyncProperty(history, async ({ flaws, amount, time, delimiter, negativeSales, packed }) => {
      const rows = sales(flaws.length).flatMap((sale, nth) => rowsOf(sale, flaws[nth] as string, nth));
      const text = (part: readonly Sale[]) => csvOf(part, { delimiter, amount: amount.write, time: time.write });
      const half = Math.floor(rows.length / 2);
      const place = await writeHistory(join(root, String(folders++)), {
        'transactions/a.csv': text(rows.slice(0, half)),
        [`transactions/b.csv${packed ? '.gz' : ''}`]: text(rows.slice(half)),
      });
      const settings = config({
        transactions: { id: 'txn_id', time: time.settings, negativeSales, ...amount.settings },
      });
      const { manifest } = await fetchInto(`${place}-work`, await duckdbSource(place, settings));
      const totals = totalsOf(manifest);
      const aside = Object.values(totals.setAside);
      const sum = (of: (sums: (typeof aside)[number]) => string) =>
        aside.reduce((all, one) => all + Number(of(one)), 0);
      expect(totals.transactions + aside.reduce((all, { transactions }) => all + transactions, 0)).toBe(rows.length);
      const source = expectedMoney(rows, negativeSales);
      expect(cents(totals.grossTotal) + Math.round(100 * sum(({ gross }) => gross))).toBe(source.gross);
      expect(cents(totals.refundTotal) + Math.round(100 * sum(({ refunds }) => refunds))).toBe(source.refunds);
      expect(Math.round(100 * sum(({ other }) => other))).toBe(source.other);
      const countOf = (kind: string) => flaws.filter((one) => one === kind).length;
      expect(totals.setAside.status?.transactions ?? 0).toBe(countOf('refused'));
      expect(totals.setAside.repeated?.transactions ?? 0).toBe(countOf('twice'));
      expect(totals.setAside['without-amount']?.transactions ?? 0).toBe(countOf('no-amount'));
      expect(totals.setAside['without-time']?.transactions ?? 0).toBe(countOf('no-time'));
    }),
    { numRuns: 12 },
  );
});

/** Cents of decimal text that a double holds exactly at this size. */
function cents(text: string): number {
  return Math.round(100 * Number(text));
}

/** Money of all rows, whatever becomes of them, added up one by one in cents. */
function expectedMoney(rows: readonly Sale[], negativeSales: string) {
  let [gross, refunds, other] = [0, 0, 0];
  for (const { cents: value, type } of rows) {
    const amount = value ?? 0;
    if (type === 'ajuste') other += amount;
    else if (type === 'devolucion') refunds += Math.abs(amount);
    else if (amount >= 0 || negativeSales === 'subtract') gross += amount;
    else if (negativeSales === 'absolute') gross -= amount;
    else refunds -= amount;
  }
  return { gross, refunds, other };
}

test('both sources count what is delivered twice once, windows apart or not, and leave the same bytes', async () => {
  const all = sales(900);
  // Again at once, again after days across a month's end, and again after the time within which it is a repeat.
  const again = all.filter((_, nth) => nth % 9 === 0).map((sale) => ({ ...sale }));
  const later = all.slice(600, 640).map((sale) => ({ ...sale, atMs: (sale.atMs as number) + 9 * 86_400_000 }));
  const anew = all.slice(0, 5).map((sale) => ({ ...sale, atMs: (sale.atMs as number) + 33 * 86_400_000 }));
  const place = await writeHistory(join(root, 'twice'), {
    'transactions.csv': csvOf([...later, ...all, ...again, ...anew]),
  });
  const settings = config({ transactions: { id: 'txn_id' } });
  const duckdb = await fetchInto(join(root, 'twice-duckdb'), await duckdbSource(place, settings));
  const server = await serveAthena(place);
  pointSdkAt(server.url);
  const athena = await fetchInto(join(root, 'twice-athena'), await athenaSource(settings, standIn(), BRISK));
  await server.close();
  const counted = totalsOf(duckdb.manifest);
  expect(counted.transactions).toBe(all.length + anew.length);
  expect(counted.grossTotal).toBe(decimal(centsOf(all) + centsOf(anew)));
  expect(counted.setAside.repeated).toMatchObject({ transactions: again.length + later.length });
  expect(totalsOf(athena.manifest).setAside).toEqual(counted.setAside);
  const [ours, theirs] = [await bucketFiles(join(root, 'twice-duckdb')), await bucketFiles(join(root, 'twice-athena'))];
  for (const [name, bytes] of ours) expect(theirs.get(name)?.equals(bytes), name).toBe(true);
});
