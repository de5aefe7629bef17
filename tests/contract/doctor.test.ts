import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveAthena } from '@tidemark/tools/athena-local/server';
import { BRISK, config, pointSdkAt, standIn } from '@tidemark/tools/payments/fetching';
import { makePayments, type Payment, type Storage, writePayments } from '@tidemark/tools/payments/payments';
import type { Config } from '@tidemark/trainer/testing/config';
import { athenaSource, examine, type Finding } from '@tidemark/trainer/testing/history';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let root: string;
let folders = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tidemark-doctor-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const payments = makePayments(4_000);

async function findings(
  settings: Config,
  { log = payments, storage, workgroup }: { log?: readonly Payment[]; storage?: Storage; workgroup?: string } = {},
): Promise<Map<string, Finding>> {
  const tables = join(root, `tables-${folders++}`);
  await writePayments(tables, log, storage);
  const server = await serveAthena(tables, {
    workgroups: { primary: { output: 's3://r/' }, bare: {}, managed: { managed: true } },
  });
  pointSdkAt(server.url);
  const source = await athenaSource(settings, standIn(workgroup), BRISK);
  const found = new Map<string, Finding>();
  for await (const one of examine(source, new AbortController().signal)) found.set(one.check, one);
  await source.close();
  await server.close();
  return found;
}

describe('a log with every fault it can have', () => {
  let found: Map<string, Finding>;
  beforeAll(async () => {
    found = await findings(config({ transactions: { refundsStored: 'signed' } }), {
      storage: { amountType: 'DECIMAL(18, 3)' },
    });
  });

  test.each([
    ['credentials and region', 'ok', /us-east-1/],
    ['workgroup', 'ok', /primary, Athena engine version 3; results go to s3:\/\/r\//],
    ['transaction table', 'ok', /./],
    ['merchant key', 'fail', /1 of 6 merchants name more than one client/],
    ['newest complete bucket', 'ok', /2024-03-02 10:00 to 2024-03-02 12:00 UTC; newest transaction 2024-03-02 13:07/],
    ['statuses and types', 'warn', /neither sale nor refund are left out: ajuste/],
    ['sign of refunds', 'warn', /% of \d+ refunds are negative, the configuration says signed/],
    ['volume without a client', 'warn', /% of the gross volume has no client/],
    ['pruning of the time predicate', 'warn', /every window reads far more than its time/],
  ])('%s: %s', (check, state, says) => {
    expect(found.get(check)).toMatchObject({ state, says: expect.stringMatching(says) });
  });
});

test('a table partitioned by day prunes', async () => {
  const settings = config({ transactions: { partition: { column: 'dt', type: 'string' } } });
  const found = await findings(settings, { storage: { partitioned: true } });
  expect(found.get('pruning of the time predicate')).toMatchObject({ state: 'ok' });
});

test('a DATE column that would put a whole day into one bucket is told', async () => {
  const settings = config({ transactions: { time: { type: 'date' } } });
  const found = await findings(settings, { storage: { time: 'make_timestamp(at_s * 1000000)::DATE' } });
  expect(found.get('time column')).toMatchObject({
    state: 'warn',
    says: expect.stringMatching(/a whole day falls into/),
  });
});

test('days kept in a TIMESTAMP are told too', async () => {
  const found = await findings(config(), { storage: { time: "date_trunc('day', make_timestamp(at_s * 1000000))" } });
  expect(found.get('time of day')).toMatchObject({ state: 'warn' });
});

test('a column of another type than configured names both and the key to change; the other lines follow', async () => {
  const found = await findings(config({ transactions: { time: { type: 'timestamptz' }, amount: 'tpvs' } }));
  expect(found.get('transaction table')).toMatchObject({ state: 'fail' });
  expect(found.get('transaction table')?.says).toMatch(
    /txn_date of table transactions is timestamp; the configuration says timestamptz/,
  );
  expect(found.get('transaction table')?.says).toMatch(
    /no column tpvs; it has txn_id, txn_date, id_merchant, tpv, .*; set transactions\.amount/,
  );
  expect(found.has('merchant key')).toBe(true);
});

test('a missing table is told', async () => {
  const found = await findings(config({ transactions: { table: 'pagos' } }));
  expect(found.get('transaction table')).toMatchObject({
    state: 'fail',
    says: expect.stringMatching(/no table pagos/),
  });
});

test('a workgroup without a result location asks for one; one that manages results does not', async () => {
  const bare = await findings(config(), { workgroup: 'bare' });
  expect(bare.get('workgroup')).toMatchObject({
    state: 'fail',
    says: expect.stringMatching(/ATHENA_OUTPUT_LOCATION=s3:/),
  });
  expect(bare.size).toBe(2);
  const managed = await findings(config(), { workgroup: 'managed' });
  expect(managed.get('workgroup')).toMatchObject({
    state: 'ok',
    says: expect.stringMatching(/Athena keeps the results/),
  });
});

test('a country without a list of holidays and a group with a client’s name are told before a fetch', async () => {
  const named = { Norte: ['Norte'] };
  const wrong = await findings(config({ calendar: { country: 'uk' }, groups: { named } }));
  expect(wrong.get('calendar')).toMatchObject({
    state: 'fail',
    says: expect.stringMatching(/unknown country: UK; did you mean GB/),
  });
  expect(wrong.get('clients')).toMatchObject({
    state: 'fail',
    says: expect.stringMatching(/group Norte has the name/),
  });
  const right = await findings(
    config({ calendar: { country: 'gb', region: 'eng' }, groups: { eachClient: false, named } }),
  );
  expect(right.get('calendar')).toMatchObject({ state: 'ok', says: 'public holidays of GB-ENG' });
  expect(right.get('clients')).toMatchObject({ state: 'ok' });
});

test('clients, statuses and types that do not occur are named', async () => {
  const found = await findings(config({ clients: ['Norte', 'Sur'], transactions: { status: { accepted: ['ok'] } } }));
  expect(found.get('clients')).toMatchObject({ state: 'fail', says: expect.stringMatching(/does not: Sur/) });
  expect(found.get('statuses and types')).toMatchObject({
    state: 'fail',
    says: expect.stringMatching(/none of ok occurs in estatus/),
  });
});
