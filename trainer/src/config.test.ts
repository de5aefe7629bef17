import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig, parseConfig } from './config.ts';
import { writeProposals } from './config-file.ts';

test('an empty file fits the sample tables', () => {
  const config = parseConfig({}, 'x');
  expect(config.transactions).toMatchObject({ table: 'transactions', amount: 'tpv', merchant: 'id_merchant' });
  expect(config.transactions.type).toEqual({ column: 'txn_type', sales: ['venta'], refunds: ['devolucion'] });
  expect(config.groups).toEqual({ eachClient: true, named: { total: 'all' } });
});

test.each([
  [{ stepHours: 5 }, /stepHours: .*5/],
  [{ timeZone: 'Mars' }, /timeZone: not an IANA time zone such as America\/Mexico_City: "Mars"/],
  [{ transactions: { tabel: 'x' } }, /transactions: .*tabel/],
  [{ clients: [] }, /clients/],
  [
    { feedGaps: [{ from: '2026-03-05T00:00:00Z', to: '2026-03-01T00:00:00Z' }] },
    /feedGaps\.0: it ends before it begins/,
  ],
  [
    { transactions: { type: { sales: ['venta', 'devolucion'] } } },
    /transactions\.type: sales and refunds name the same type/,
  ],
  [{ athena: { concurrency: 0 } }, /athena.concurrency: .*0/],
])('%j is refused by key and value', (value, message) => {
  expect(() => parseConfig(value, 'tidemark.config.json')).toThrow(message);
});

test('a key for credentials is refused: they never come from a file of ours', () => {
  expect(() => parseConfig({ athena: { accessKeyId: 'x' } }, 'x')).toThrow(/accessKeyId/);
});

test('the file beside the history is found; a file that is named must exist', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-config-'));
  await writeFile(join(folder, 'tidemark.config.json'), '{ "timeZone": "Asia/Tokyo" }');
  expect(loadConfig(undefined, folder).timeZone).toBe('Asia/Tokyo');
  expect(() => loadConfig(join(folder, 'other.json'))).toThrow(/no configuration file: .*other.json/);
  await writeFile(join(folder, 'tidemark.config.json'), '{');
  expect(() => loadConfig(undefined, folder)).toThrow(/not JSON/);
  await rm(folder, { recursive: true });
});

test('the file may be empty, and begin with a byte order mark', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-config-'));
  const file = join(folder, 'tidemark.config.json');
  for (const text of ['', '\n', '\uFEFF', '\uFEFF{}']) {
    await writeFile(file, text);
    expect(loadConfig(file)).toEqual(parseConfig({}, 'x'));
  }
  await writeFile(file, '\uFEFF{ "timeZone": "Asia/Kathmandu" }');
  await writeProposals([{ key: 'transactions.amount', value: 'paid' }], file, undefined);
  expect(loadConfig(file)).toMatchObject({ timeZone: 'Asia/Kathmandu', transactions: { amount: 'paid' } });
  await rm(folder, { recursive: true });
});
