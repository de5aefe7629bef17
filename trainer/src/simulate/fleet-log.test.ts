import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Duck, openDuck } from '@tidemark/shared/warehouse/duckdb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_FLEET, writeFleetLog } from './fleet-log.ts';

const fleet = { ...DEFAULT_FLEET, seed: 3, clients: 2, days: 100, scale: 1, zone: 'Europe/Madrid' };
let root: string;
let duck: Duck;
let truth: Record<string, string>[];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tidemark-fleet-'));
  for (const folder of ['one', 'same']) await writeFleetLog(join(root, folder), fleet);
  const [head = '', ...lines] = (await readFile(join(root, 'one', 'truth.csv'), 'utf8')).trim().split('\n');
  const columns = head.split(',');
  truth = lines.map((line) => Object.fromEntries(line.split(',').map((cell, k) => [columns[k]!, cell])));
  duck = await openDuck();
});

afterAll(async () => {
  duck.close();
  await rm(root, { recursive: true, force: true });
});

/** What happened to the first client during its trouble of a kind. */
async function during(kind: string) {
  const trouble = truth.find((row) => row.kind === kind && row.client?.startsWith('C00'))!;
  const [found] = await duck.rows<{ attempts: number; approved: number; web: number; e1: number; log: number }>(
    `SELECT count(*)::DOUBLE AS attempts, (count(*) FILTER (estatus = 'aprobada'))::DOUBLE AS approved,
       (count(*) FILTER (canal = 'web'))::DOUBLE AS web,
       ((count(*) FILTER (emisor = 'E1' AND estatus = 'aprobada')) / greatest(1, count(*) FILTER (emisor = 'E1')))::DOUBLE AS e1,
       avg(ln(tpv::DOUBLE)) AS log
     FROM '${join(root, 'one', 'transactions.parquet')}'
     WHERE starts_with(id_merchant, '000') AND txn_date >= ?::TIMESTAMP AND txn_date < ?::TIMESTAMP`,
    [trouble.start!.replace('Z', ''), trouble.end!.replace('Z', '')],
  );
  return { ...found!, expected: Number(trouble.expected), side: trouble.side };
}

describe('a simulated fleet', () => {
  test('is the same bytes for the same seed', async () => {
    for (const file of ['transactions.parquet', 'merchants.parquet', 'truth.csv', 'tidemark.config.json']) {
      const [one, same] = await Promise.all(['one', 'same'].map((folder) => readFile(join(root, folder, file))));
      expect(same!.equals(one!), file).toBe(true);
    }
  });

  test('has a trouble of every kind for each client, and one storm', () => {
    for (const client of ['C00-shop-300', 'C01-food-100']) {
      expect(new Set(truth.filter((row) => row.client === client).map(({ kind }) => kind)).size).toBe(11);
    }
    expect(new Set(truth.filter(({ kind }) => kind === 'storm-4h').map(({ start }) => start)).size).toBe(1);
  });

  test('shows in its transactions what its truth says', async () => {
    for (const kind of ['outage-2h', 'outage-6h', 'outage-24h', 'storm-4h']) {
      expect((await during(kind)).attempts, kind).toBe(0);
    }
    const declines = await during('declines-6h');
    expect(declines.approved / declines.attempts).toBeCloseTo(0.35, 1);
    const spike = await during('spike-2h');
    expect(spike.side).toBe('high');
    expect(spike.approved).toBeGreaterThan(1.6 * spike.expected);
    expect((await during('channel-down-8h')).web).toBe(0);
    expect((await during('issuer-declines-8h')).e1).toBeLessThan(0.2);
    expect((await during('ticket-half-6h')).log).toBeLessThan(3.4 - 0.5);
    const drop = await during('drop50-8h');
    expect(drop.approved).toBeLessThan(0.8 * drop.expected);
  });
});
