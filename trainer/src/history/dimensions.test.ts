import { expect, test } from 'vitest';
import { parseConfig } from '../config.ts';
import { resolveTables } from './dimensions.ts';

const TABLES: Record<string, Record<string, string>> = {
  transactions: {
    txn_date: 'timestamp',
    id_merchant: 'integer',
    tpv: 'decimal(14,2)',
    txn_type: 'varchar',
    estatus: 'varchar',
    Canal: 'varchar',
    emisor: 'string',
    region: 'integer',
  },
  merchants: { id_merchant: 'integer', client: 'varchar', region: 'varchar' },
};

const source = {
  columns: async (table: string) =>
    new Map(Object.entries(TABLES[table] ?? {}).map(([name, type]) => [name, { type, partition: false }])),
};

const resolved = (config: object) => resolveTables(parseConfig(config, 'test'), source);

test('unless told otherwise attempts are counted by the text columns of known names, under the name of what they mean', async () => {
  const { tables, remarks } = await resolved({});
  expect(tables.dimensions).toEqual([
    { name: 'channel', column: 'Canal', table: 'transactions' },
    { name: 'issuer', column: 'emisor', table: 'transactions' },
    { name: 'region', column: 'region', table: 'merchants' },
  ]);
  expect(remarks).toEqual([]);
});

test('a column that something else is read from is no dimension', async () => {
  const { tables } = await resolved({ transactions: { status: { column: 'emisor', accepted: ['sí'] } } });
  expect(tables.dimensions?.map(({ name }) => name)).toEqual(['channel', 'region']);
});

test('dimensions that are named are the ones there are, in their order', async () => {
  const { tables } = await resolved({ dimensions: { bank: 'emisor', zone: { column: 'REGION', table: 'merchants' } } });
  expect(tables.dimensions).toEqual([
    { name: 'bank', column: 'emisor', table: 'transactions' },
    { name: 'zone', column: 'region', table: 'merchants' },
  ]);
});

test('a column that is not there is named with what to do, and the others are counted by', async () => {
  const { tables, remarks } = await resolved({ dimensions: { method: 'metodo', channel: 'canal' } });
  expect(tables.dimensions).toEqual([{ name: 'channel', column: 'Canal', table: 'transactions' }]);
  expect(remarks).toEqual([
    expect.stringMatching(/dimension method: table transactions has no column metodo; .* take it out/),
  ]);
});

test('no dimension at all can be asked for', async () => {
  expect((await resolved({ dimensions: {} })).tables.dimensions).toEqual([]);
});
