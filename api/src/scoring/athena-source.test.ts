import { paymentTablesSchema } from '@tidemark/shared/contract';
import { BUCKET_COLUMNS } from '@tidemark/shared/warehouse';
import type { Athena } from '@tidemark/shared/warehouse/athena';
import { expect, test } from 'vitest';
import { athenaAnswers, athenaSource } from './athena-source.ts';
import { parseAthena } from './source-setting.ts';

const setting = parseAthena(
  JSON.stringify({
    workgroup: 'primary',
    database: 'payments',
    tables: {
      transactions: { table: 'transactions', time: { column: 'txn_date' }, merchant: 'id_merchant', amount: 'tpv' },
      merchants: { table: 'merchants', key: 'id_merchant', client: 'client' },
    },
  }),
);

test('the trailing window has every bucket of every known client and group, to the cent, whatever the pages', async () => {
  if (!setting) throw new Error('no setting');
  const row = (cells: Partial<Record<(typeof BUCKET_COLUMNS)[number], string | null>>) =>
    BUCKET_COLUMNS.map((column) => cells[column] ?? (column === 'client' || column === 'value' ? null : '0'));
  const pages = [
    {
      rows: [
        [...BUCKET_COLUMNS],
        row({ client: 'bank', bucket: '100', net: '10.25', transactions: '3' }),
        row({ client: 'bank', bucket: '100', dimension: '1', value: 'web', net: '4.25', transactions: '1' }),
        row({ bucket: '101', net: '9.00', transactions: '1' }),
      ],
      next: 'more',
    },
    {
      rows: [
        row({ client: 'bank', bucket: '102', net: '0.10', transactions: '1' }),
        row({ client: 'new', bucket: '102', net: '0.20', transactions: '1' }),
      ],
      next: undefined,
    },
  ];
  const asked: string[] = [];
  const athena = {
    start: async ({ sql }: { sql: string }) => {
      asked.push(sql);
      return 'query-1';
    },
    look: async () => ({
      id: 'query-1',
      state: 'SUCCEEDED',
      reason: '',
      retryable: false,
      scannedBytes: 1,
      reused: false,
      submittedMs: Date.now(),
      resultFile: null,
    }),
    page: async (_: string, next: string | undefined) => pages[next === undefined ? 0 : 1],
  } as unknown as Athena;
  const { signal } = new AbortController();
  const known = [
    { id: 'bank', members: null },
    { id: 'silent', members: null },
    { id: 'both', members: ['bank', 'new'] },
    { id: 'everyone', members: [] },
  ];
  const question = { from: 100, to: 102, measure: 'net', known, signal } as const;
  const read = [...(await athenaSource(athena, setting.tables, 60_000).read(question))];
  const values = Object.fromEntries(
    read.map(({ id, buckets }) => [id, buckets.map(({ value, state }) => `${value} ${state}`)]),
  );
  expect(values).toEqual({
    bank: ['10.25 observed', '0 zero', '0.1 observed'],
    silent: ['0 zero', '0 zero', '0 zero'],
    both: ['10.25 observed', '0 zero', '0.3 observed'],
    everyone: ['10.25 observed', '0 zero', '0.3 observed'],
    new: ['0 zero', '0 zero', '0.2 observed'],
  });
  expect(asked.length).toBe(1);
});

test('a wrong setting is named', () => {
  expect(parseAthena('')).toBe(null);
  expect(() => parseAthena('{')).toThrow('invalid TIDEMARK_ATHENA: not JSON');
  expect(() => parseAthena('{"workgroup":"x"}')).toThrow('invalid TIDEMARK_ATHENA: database');
});

test('tables are said as in the trainer’s configuration: what is left out fits the sample tables', () => {
  const tables = parseAthena('{"workgroup":"x","database":"d","tables":{"transactions":{"type":null}}}')?.tables;
  expect(tables).toEqual({ ...paymentTablesSchema.parse({}), transactions: expect.objectContaining({ type: null }) });
  expect(tables?.transactions.status).toEqual({ column: 'estatus', accepted: ['aprobada'] });
});

test('a query that has scanned more than it may is stopped at Athena', async () => {
  const stopped: string[] = [];
  const athena = {
    start: async () => 'query-2',
    look: async () => ({ id: 'query-2', state: 'RUNNING', scannedBytes: 3e9 }),
    stop: async (id: string) => void stopped.push(id),
  } as unknown as Athena;
  const { pages } = athenaAnswers(athena, 10_000, undefined, { maxScannedBytes: 2e9 });
  const answer = pages({ sql: 'SELECT 1', parameters: [] }, new AbortController().signal)[Symbol.asyncIterator]();
  await expect(answer.next()).rejects.toThrow('stopped at 3000 MB to be read; explain.maxScannedMb allows 2000');
  expect(stopped).toEqual(['query-2']);
});
