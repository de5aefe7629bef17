import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DAY_MS } from '@tidemark/shared/forecasting';
import { type AthenaServer, serveAthena } from '@tidemark/tools/athena-local/server';
import { bucketFiles, bucketRows, config, fetchInto, pointSdkAt, SOURCES } from '@tidemark/tools/payments/fetching';
import {
  decimalText,
  expectedBuckets,
  isCounted,
  makePayments,
  type Payment,
  type Storage,
  writePayments,
} from '@tidemark/tools/payments/payments';
import { stepMsOf } from '@tidemark/trainer/testing/config';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const payments = makePayments();

interface Case {
  readonly title: string;
  readonly storage?: Storage;
  readonly config?: object;
  /** The log, if it is not the usual one. */
  readonly log?: readonly Payment[];
  /** A payment as the configuration wants it read. */
  readonly readAs?: (payment: Payment) => Payment;
  /** The instant a payment counts at, if not its own. */
  readonly instantMs?: (payment: Payment) => number;
}

const CASES: readonly Case[] = [
  { title: 'TIMESTAMP in UTC, exact decimals' },
  { title: 'amounts as DOUBLE', storage: { amountType: 'DOUBLE' } },
  { title: 'amounts with more decimals than the currency', storage: { amountType: 'DECIMAL(18, 4)' } },
  { title: 'CSV files', storage: { format: 'csv' } },
  {
    title: 'TIMESTAMP in London wall time across a change of clocks',
    storage: { time: 'make_timestamp((at_s + CASE WHEN at_s < 1711846800 THEN 0 ELSE 3600 END) * 1000000)' },
    config: { transactions: { time: { zone: 'Europe/London' } } },
    // Moved so that the log runs over the end of March, when London's clocks go forward.
    log: payments.map((payment) => ({ ...payment, atMs: payment.atMs + 30 * DAY_MS })),
  },
  ...(
    [
      // When the clocks go back, and by how long: what is paid in the second pass is read as its first.
      ['Europe/Madrid', '2024-10-27T01:00:00Z', 60],
      ['America/Sao_Paulo', '2018-02-18T02:00:00Z', 60],
      ['Australia/Lord_Howe', '2024-04-06T15:00:00Z', 30],
    ] as const
  ).map(([zone, back, minutes]): Case => {
    const backMs = Date.parse(back);
    const moved = Math.floor((backMs - Date.parse('2024-02-01T00:00:00Z')) / DAY_MS) * DAY_MS;
    const isSecondPass = (ms: number) => ms >= backMs && ms < backMs + minutes * 60_000;
    return {
      title: `TIMESTAMP in ${zone} wall time over the night in which ${minutes} minutes come twice`,
      storage: { time: `timezone('${zone}', to_timestamp(at_s))` },
      config: { stepHours: 1, transactions: { time: { zone } } },
      log: payments.map((payment) => ({ ...payment, atMs: payment.atMs + moved })),
      instantMs: ({ atMs }) => (isSecondPass(atMs) ? atMs - minutes * 60_000 : atMs),
    };
  }),
  {
    title: 'TIMESTAMP WITH TIME ZONE',
    storage: { time: 'to_timestamp(at_s)' },
    config: { transactions: { time: { type: 'timestamptz' } } },
  },
  {
    title: 'a DATE column in a merchant zone puts each day into the bucket of its midnight',
    storage: { time: 'make_timestamp(at_s * 1000000)::DATE' },
    config: { transactions: { time: { type: 'date', zone: 'America/Mexico_City' } } },
    instantMs: (payment) => Math.floor(payment.atMs / DAY_MS) * DAY_MS + 6 * 3_600_000,
  },
  {
    title: 'a string partition of days',
    storage: { partitioned: true },
    config: { transactions: { partition: { column: 'dt', type: 'string' } } },
  },
  { title: 'one-hour buckets', config: { stepHours: 1 } },
  { title: 'daily buckets', config: { stepHours: 24 } },
  {
    title: 'every status',
    config: { transactions: { status: null } },
    readAs: (payment) => ({ ...payment, status: 'aprobada' }),
  },
  {
    title: 'no type column: negative amounts are the refunds',
    config: { transactions: { type: null, refundsStored: 'signed' } },
    readAs: (payment) => ({ ...payment, type: (payment.cents ?? 0n) < 0n ? 'devolucion' : 'venta' }),
  },
];

/** What a bucket file holds of the channels: their names in order, what is not known last. */
function partsOf(channels: Readonly<Record<string, readonly [number, number]>>) {
  return ['pos', 'web', '∅'].flatMap((value) => {
    const [attempts, approved] = channels[value] ?? [0, 0];
    return attempts === 0 ? [] : [{ dimension: 'channel', value: value === '∅' ? null : value, attempts, approved }];
  });
}

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tidemark-contract-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe.each(CASES.map((one, index) => ({ ...one, index })))(
  '$title',
  ({ index, storage, config: file = {}, log = payments, readAs = (payment) => payment, instantMs }) => {
    const settings = config(file);
    let server: AthenaServer;
    const work = (source: string) => join(root, String(index), source);

    beforeAll(async () => {
      const folder = join(root, String(index), 'tables');
      await writePayments(folder, log, storage);
      server = await serveAthena(folder);
      pointSdkAt(server.url);
      await fetchInto(work('duckdb'), await SOURCES.duckdb(folder, settings));
      await fetchInto(work('athena'), await SOURCES.athena(folder, settings));
    });
    afterAll(() => server.close());

    test('both sources leave byte-identical files', async () => {
      const [duckdb, athena] = [await bucketFiles(work('duckdb')), await bucketFiles(work('athena'))];
      expect([...athena.keys()]).toEqual([...duckdb.keys()]);
      for (const [name, bytes] of duckdb) expect(athena.get(name)?.equals(bytes), name).toBe(true);
    });

    test('every bucket is what adding the payments up one by one gives, to the cent', async () => {
      const stepMs = stepMsOf(settings);
      const expected = [...expectedBuckets(log.map(readAs), stepMs, instantMs)].map(
        ([key, { gross, refunds, logSum, logSquares, channels, ...counts }]) => [
          key,
          {
            gross: decimalText(gross),
            refunds: decimalText(refunds),
            net: decimalText(gross - refunds),
            ...counts,
            logSum: decimalText(logSum, 4),
            logSquares: decimalText(logSquares, 4),
            parts: JSON.stringify(partsOf(channels)),
          },
        ],
      );
      const rows = await bucketRows(work('duckdb'), stepMs);
      expect(rows.size).toBe(expected.length);
      for (const [key, sums] of expected as [string, object][]) expect(rows.get(key), key).toEqual(sums);
    });
  },
);

test('asking for some clients still counts transactions without a client, and nobody else', async () => {
  const folder = join(root, 'some');
  await writePayments(folder, payments);
  const settings = config({ clients: ['Norte', 'O\'Higgins, "Ñandú"\n& Cía'] });
  const server = await serveAthena(folder);
  pointSdkAt(server.url);
  for (const [name, open] of Object.entries(SOURCES)) {
    const work = join(root, 'some-work', name);
    const { manifest } = await fetchInto(work, await open(folder, settings));
    const clients = new Set([...(await bucketRows(work, stepMsOf(settings))).keys()].map((key) => key.split('|')[0]));
    expect([...clients].sort()).toEqual(['Norte', 'O\'Higgins, "Ñandú"\n& Cía', '∅']);
    const without = [...expectedBuckets(payments, 1e15)].find(([key]) => key.startsWith('∅'))?.[1];
    const unmatched = Object.values(manifest.windows).reduce((sum, entry) => sum + entry.unmatched.transactions, 0);
    expect(unmatched).toBe(without?.transactions);
  }
  await server.close();
});

test('merchants listed twice do not multiply transactions, and are counted', async () => {
  const folder = join(root, 'twice');
  await writePayments(folder, payments);
  const { manifest } = await fetchInto(join(root, 'twice-work'), await SOURCES.duckdb(folder, config()));
  const accepted = payments.filter(isCounted);
  const entries = Object.values(manifest.windows);
  const twice = entries.flatMap(({ duplicated }) => Object.values(duplicated));
  expect(entries.reduce((sum, entry) => sum + entry.total.transactions, 0)).toBe(accepted.length);
  expect(twice.reduce((sum, count) => sum + count, 0)).toBe(
    accepted.filter(({ merchant }) => merchant === 2 || merchant === 6).length,
  );
});
