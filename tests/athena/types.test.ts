import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { literal, openDuck } from '@tidemark/shared/warehouse/duckdb';
import type { ColumnTypes } from '@tidemark/tools/athena-local/engine';
import { serveAthena } from '@tidemark/tools/athena-local/server';
import { BRISK, bucketRows, config, fetchInto, pointSdkAt, SOURCES, standIn } from '@tidemark/tools/payments/fetching';
import { makePayments, type Storage, writePayments } from '@tidemark/tools/payments/payments';
import { athenaSource, examine, type Finding } from '@tidemark/trainer/testing/history';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

// What the types of a table's columns do to its statements. `pnpm test:trino` runs this file on a real Trino, the
// default run on the stand-in: both have to answer alike.

let root: string;
let folders = 0;
// A few weeks, so that two months are fetched.
const payments = makePayments(1_500).filter(({ atMs }) => atMs < Date.parse('2024-01-20T00:00:00Z'));
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tidemark-types-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

interface Tables {
  readonly types?: ColumnTypes;
  readonly storage?: Storage;
}

/** Serves the payments with columns of such types, and does something meanwhile. */
async function served<T>({ types = {}, storage }: Tables, task: (folder: string) => Promise<T>): Promise<T> {
  const folder = join(root, String(folders++));
  await writePayments(folder, payments, storage);
  const server = await serveAthena(folder, { types });
  pointSdkAt(server.url);
  try {
    return await task(folder);
  } finally {
    await server.close();
  }
}

describe('both sources count the same, to the cent', () => {
  test.each<[string, Tables]>([
    [
      'status, type, client and merchant key as CHAR(n)',
      {
        types: {
          transactions: { estatus: 'char(20)', txn_type: 'char(20)', id_merchant: 'char(8)' },
          merchants: { client: 'char(40)', id_merchant: 'varchar' },
        },
      },
    ],
    [
      'merchant keys as BIGINT and INTEGER, amounts of half a cent as DOUBLE',
      {
        types: { transactions: { id_merchant: 'bigint' } },
        storage: { amountType: 'DECIMAL(18, 2)::DOUBLE * 10 + 0.005' },
      },
    ],
    ['amounts as REAL', { storage: { amountType: 'DECIMAL(18, 2)::REAL' } }],
  ])('%s', async (_, tables) => {
    await served(tables, async (folder) => {
      const settings = config();
      const [files, athena] = [`${folder}-files`, `${folder}-athena`];
      await fetchInto(files, await SOURCES.duckdb(folder, settings));
      await fetchInto(athena, await SOURCES.athena(folder, settings));
      const expected = await bucketRows(files, 7_200_000);
      expect(expected.size).toBeGreaterThan(200);
      expect(await bucketRows(athena, 7_200_000)).toEqual(expected);
    });
  });
});

test('half a cent of a floating-point number is rounded away from zero, as its shortest text has it', async () => {
  const folder = join(root, String(folders++));
  await writePayments(folder, payments);
  const amounts = [1.005, 0.285, 2.675, 0.125, 1.115, 1e-7];
  const duck = await openDuck();
  const rows = amounts.map((amount, nth) => `(${nth}, ${amount}::DOUBLE)`).join(', ');
  await duck.run(
    `COPY (SELECT TIMESTAMP '2024-01-01 00:00:01' AS txn_date, 1 AS id_merchant, tpv, 'venta' AS txn_type, 'aprobada' AS estatus
       FROM (VALUES ${rows}) AS v (nth, tpv)) TO ${literal(join(folder, 'transactions.parquet'))}`,
  );
  duck.close();
  const server = await serveAthena(folder);
  pointSdkAt(server.url);
  for (const [name, open] of Object.entries(SOURCES)) {
    const { manifest } = await fetchInto(`${folder}-${name}`, await open(folder, config()));
    expect(Object.values(manifest.windows)[0]?.total.gross, name).toBe('5.23');
  }
  await server.close();
});

describe('what Trino does not compare is told before a fetch, in one sentence, by doctor and fetch alike', () => {
  test.each<[string, Tables, object, RegExp]>([
    [
      'an INTEGER key against a VARCHAR key',
      { types: { transactions: { id_merchant: 'varchar' } } },
      {},
      /the join compares (varchar|string) \(id_merchant\) with int(eger)? \(id_merchant\); give both tables one type/,
    ],
    [
      'a text partition called a DATE',
      { storage: { partitioned: true } },
      { transactions: { partition: { column: 'dt', type: 'date' } } },
      /column dt of table transactions is string; the configuration says date; set transactions\.partition/,
    ],
  ])('%s', async (_, tables, settings, message) => {
    await served(tables, async (folder) => {
      await expect(fetchInto(`${folder}-work`, await SOURCES.athena(folder, config(settings)))).rejects.toThrow(
        message,
      );
      const source = await athenaSource(config(settings), standIn(), BRISK);
      const findings: Finding[] = [];
      try {
        for await (const found of examine(source, new AbortController().signal)) findings.push(found);
      } finally {
        await source.close();
      }
      expect(findings.filter(({ state }) => state === 'fail').map(({ says }) => says)).toContainEqual(
        expect.stringMatching(message),
      );
    });
  });
});

test('a statement that compares unlike types fails, as Trino has it', async () => {
  const types = { transactions: { id_merchant: 'varchar', txn_date: 'varchar' } };
  await served({ types }, async () => {
    const source = await athenaSource(config(), standIn(), BRISK);
    const ask = (sql: string) => source.ask({ sql, parameters: [] }, new AbortController().signal);
    await expect(ask('SELECT count(*) FROM "transactions" AS t WHERE t."id_merchant" = 1')).rejects.toThrow(
      /TYPE_MISMATCH.*Cannot apply operator: varchar = integer/,
    );
    await expect(
      ask(`SELECT count(*) FROM "transactions" AS t WHERE t."txn_date" >= CAST('2024-01-01' AS timestamp)`),
    ).rejects.toThrow(/TYPE_MISMATCH/);
    await expect(ask(`SELECT count(*) FROM "transactions" AS t WHERE t."id_merchant" = '1'`)).resolves.toBeDefined();
    await source.close();
  });
});
