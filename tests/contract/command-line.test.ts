import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { literal, openDuck } from '@tidemark/shared/warehouse/duckdb';
import { decimalText, makePayments, writePayments } from '@tidemark/tools/payments/payments';
import {
  configSchemaCommand,
  doctorCommand,
  fetchCommand,
  prepareCommand,
  simulateCommand,
} from '@tidemark/trainer/testing/commands';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const CLI = resolve(import.meta.dirname, '../../trainer/src/cli.ts');
const ONLINE_RETAIL = resolve(import.meta.dirname, '../../../shared/data/online-retail');

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tidemark-cli-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

function trainer(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8', cwd: root });
  return { status, stdout, stderr, last: stdout.trim().split('\n').at(-1) ?? '' };
}

describe('trainer fetch', () => {
  let tables: string;
  beforeAll(async () => {
    tables = join(root, 'tables');
    await writePayments(tables, makePayments(500));
  });

  test('prints every statement with its parameters on a dry run, and runs none', () => {
    const { status, stdout } = trainer('fetch', '--history', tables, '--work', 'dry', '--dry-run');
    expect(status).toBe(0);
    expect(stdout).toMatch(/t\."txn_date" >= CAST\(\? AS timestamp\)/);
    expect(stdout).toMatch(/-- parameters: \["2023-12-30 00:00:00","2024-03-02 14:00:00","venta",/);
    expect(existsSync(join(root, 'dry'))).toBe(false);
  });

  test('with --json, every line is an object and the last one is the result', () => {
    const { status, stdout } = trainer('fetch', '--history', tables, '--out', 'json', '--json');
    expect(status).toBe(0);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({ event: 'planned', windows: 4, pending: 4 });
    expect(lines.at(-1)).toMatchObject({
      stage: 'fetch',
      windows: 4,
      netTotal: expect.stringMatching(/^-?\d+\.\d\d$/),
    });
  });

  test.each([
    ['no folder', ['--history', 'nowhere'], /no history folder: nowhere/],
    [
      'no table',
      ['--history', '.'],
      /no table transactions in \.; expected transactions\.parquet, transactions\.csv or/,
    ],
    [
      'an odd time',
      ['--history', 'tables', '--from', '2024-01-01T01:00:00Z'],
      /invalid --from; not a UTC date .*: 2024-01-01T01:00:00Z/,
    ],
    ['an unknown source', ['--source', 'oracle'], /Allowed choices are duckdb, athena/],
    ['no configuration', ['--history', 'tables', '--config', 'x.json'], /no configuration file: x\.json/],
    [
      'an empty range',
      ['--history', 'tables', '--from', '2031-01-01'],
      /no transaction in transactions of tables in the range/,
    ],
  ])('%s is the user’s mistake: one sentence, exit code 2', (_, args, message) => {
    const { status, stderr } = trainer('fetch', ...args, '--work', 'never');
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/ {4}at /);
    expect(status).toBe(2);
  });

  test('a missing column names those that are there; an unreadable file names itself', async () => {
    await writeFile(join(root, 'amount.json'), '{ "transactions": { "amount": "importe" } }');
    expect(trainer('fetch', '--history', tables, '--config', 'amount.json').stderr).toMatch(
      /table transactions has no column importe; it has txn_id, txn_date, id_merchant, tpv, txn_type, estatus/,
    );
    const broken = join(root, 'broken');
    await writePayments(broken, makePayments(50));
    await writeFile(join(broken, 'transactions.parquet'), 'not parquet');
    const { status, stderr } = trainer('fetch', '--history', broken);
    expect(stderr).toMatch(/cannot read .*transactions\.parquet/);
    expect(status).toBe(2);
  });
});

test('the same seed simulates the same bytes; the log ends with an incident still going on', async () => {
  for (const folder of ['one', 'same']) expect(trainer('simulate', '--out', folder, '--seed', '5').status).toBe(0);
  const log = (folder: string) => readFile(join(root, folder, 'transactions.parquet'));
  expect((await log('same')).equals(await log('one'))).toBe(true);
  const incidents = JSON.parse(await readFile(join(root, 'one', 'incidents.json'), 'utf8')) as {
    kind: string;
    end: string;
  }[];
  expect(new Set(incidents.map(({ kind }) => kind))).toEqual(
    new Set(['outage', 'partial-drop', 'spike', 'level-shift', 'declines']),
  );
  const duck = await openDuck();
  const [newest] = await duck.rows<{ ms: number }>(
    `SELECT epoch_ms(max(txn_date))::DOUBLE AS ms FROM read_parquet(${literal(join(root, 'one', 'transactions.parquet'))})`,
  );
  duck.close();
  expect(incidents.some(({ end }) => Date.parse(end) >= (newest?.ms ?? Number.POSITIVE_INFINITY))).toBe(true);
});

describe.skipIf(!existsSync(ONLINE_RETAIL))(
  'the real log of an online retailer (needs ../shared/data/online-retail)',
  () => {
    test('its totals are the exact decimal sums of the file, per client and as a whole', async () => {
      const { status, last } = trainer(
        'fetch',
        '--source',
        'duckdb',
        '--history',
        ONLINE_RETAIL,
        '--out',
        'retail',
        '--json',
      );
      expect(status).toBe(0);
      const result = JSON.parse(last);
      const duck = await openDuck();
      const rows = await duck.rows<{ client: string; type: string; amount: number }>(
        `SELECT client, txn_type AS type, tpv AS amount FROM read_parquet(${literal(join(ONLINE_RETAIL, 'transactions.parquet'))})
       LEFT JOIN read_parquet(${literal(join(ONLINE_RETAIL, 'merchants.parquet'))}) USING (id_merchant)`,
      );
      duck.close();
      const net = new Map<string, bigint>();
      const total = { venta: 0n, devolucion: 0n };
      for (const { client, type, amount } of rows) {
        // The decimal that a double of a few digits was written as, taken apart as text.
        const [whole = '0', part = ''] = String(amount).split('.');
        expect(part.length).toBeLessThanOrEqual(2);
        const cents = BigInt(whole) * 100n + BigInt(part.padEnd(2, '0'));
        total[type as 'venta' | 'devolucion'] += cents;
        net.set(client, (net.get(client) ?? 0n) + (type === 'venta' ? cents : -cents));
      }
      expect(result).toMatchObject({
        grossTotal: decimalText(total.venta),
        refundTotal: decimalText(total.devolucion),
        netTotal: decimalText(total.venta - total.devolucion),
        transactions: rows.length,
        unmatched: 0,
      });
      expect(Object.keys(result.clients)).toHaveLength(38);
      for (const [client, cents] of net) expect(result.clients[client].net, client).toBe(decimalText(cents));
    });

    test('its newest bucket, which nobody knows to be complete, is open in every series', async () => {
      expect(trainer('fetch', '--history', ONLINE_RETAIL, '--work', 'retail').status).toBe(0);
      const { status, last } = trainer('prepare', '--work', 'retail', '--json');
      expect(status).toBe(0);
      expect(JSON.parse(last)).toMatchObject({ stage: 'prepare', series: 39, netTotal: '9769872.05' });
      const quality = JSON.parse(await readFile(join(root, 'retail', 'series', 'quality.json'), 'utf8'));
      expect(quality.series.every((series: { buckets: { open: number } }) => series.buckets.open === 1)).toBe(true);
      const page = await readFile(join(root, 'retail', 'series', 'quality.html'), 'utf8');
      expect(page).toContain('United Kingdom');
      expect(page).not.toMatch(/src=|href=|url\(|NaN|undefined/);
    });
  },
);

test('prepare without a history says which command makes one', () => {
  const { status, stderr } = trainer('prepare', '--work', 'empty');
  expect(stderr).toBe('trainer: no fetched history in empty; run `trainer fetch` first\n');
  expect(status).toBe(2);
});

test.each([simulateCommand, doctorCommand, fetchCommand, prepareCommand, configSchemaCommand])(
  '%o says what it does and what each option means',
  (command) => {
    const help = command().helpInformation();
    expect(help).toMatch(/^Usage: /);
    for (const option of command().options) expect(option.description, option.long ?? '').not.toBe('');
  },
);
