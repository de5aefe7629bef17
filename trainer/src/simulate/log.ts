import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { bucketAt, bucketStart, DEFAULT_STEP_MS, zoneClock } from '@tidemark/shared/forecasting';
import { type Duck, openDuck } from '@tidemark/shared/warehouse/duckdb';
import { writeJson } from '../write-file.ts';
import { type SimulatedCounts, simulateCounts } from './buckets.ts';
import { CLIENTS, COMPANY_FROM, COMPANY_UNTIL, COMPANY_ZONE, FEED_GAP, INCIDENTS } from './company.ts';
import { oneOf } from './one-of.ts';
import { random } from './random.ts';

const STEP = DEFAULT_STEP_MS;
const FIRST_BUCKET = bucketAt(COMPANY_FROM, DEFAULT_STEP_MS);
const BUCKETS = bucketAt(COMPANY_UNTIL, DEFAULT_STEP_MS) + 1 - FIRST_BUCKET;

/** What `writeSimulatedLog` wrote. */
export interface SimulatedLog {
  readonly transactions: number;
  readonly clients: number;
  readonly incidents: number;
}

/**
 * Writes `transactions.parquet`, `merchants.parquet`, `incidents.json` and a fitting `tidemark.config.json` into a
 * folder. The same seed writes the same bytes.
 */
export async function writeSimulatedLog(folder: string, seed: number): Promise<SimulatedLog> {
  await mkdir(folder, { recursive: true });
  const duck = await openDuck();
  try {
    await planBuckets(duck, seed);
    await duck.run('CREATE TABLE merchants (id_merchant INTEGER, client VARCHAR)');
    for (const { client, merchant } of merchants()) {
      await duck.run('INSERT INTO merchants VALUES (?, ?)', [merchant, client]);
    }
    await duck.writeParquet(transactionsOf(seed), join(folder, 'transactions.parquet'));
    await duck.writeParquet('SELECT * FROM merchants ORDER BY id_merchant', join(folder, 'merchants.parquet'));
    const [counted] = await duck.rows<{ rows: number }>('SELECT sum(count)::DOUBLE AS rows FROM plan');
    await writeJson(join(folder, 'tidemark.config.json'), { timeZone: COMPANY_ZONE });
    await writeJson(join(folder, 'incidents.json'), INCIDENTS);
    return { transactions: counted?.rows ?? 0, clients: CLIENTS.length, incidents: INCIDENTS.length };
  } finally {
    duck.close();
  }
}

/** Counts per bucket, client and kind; DuckDB turns each into that many transactions. */
async function planBuckets(duck: Duck, seed: number): Promise<void> {
  await duck.run(`CREATE TABLE plan (
    bucket_ms BIGINT, span_ms BIGINT, first_merchant INTEGER, merchants INTEGER,
    type VARCHAR, status VARCHAR, count BIGINT, mean DOUBLE, spread DOUBLE)`);
  const clock = zoneClock(COMPANY_ZONE);
  await duck.append('plan', (appender) => {
    let firstMerchant = 1;
    for (const [order, client] of CLIENTS.entries()) {
      const stretch = { clock, firstBucket: FIRST_BUCKET, buckets: BUCKETS, stepMs: STEP };
      const counts = simulateCounts(client.rhythm, stretch, random(seed * 1_000 + order), factorsOf(client.name));
      decline(counts, client.name);
      for (let index = 0; index < BUCKETS; index++) {
        const bucketMs = bucketStart(FIRST_BUCKET + index, DEFAULT_STEP_MS);
        for (const [kind, type, status] of KINDS) {
          const count = counts[kind][index]!;
          if (count === 0) continue;
          appender.appendBigInt(BigInt(bucketMs));
          appender.appendBigInt(BigInt(Math.min(STEP, COMPANY_UNTIL - bucketMs)));
          appender.appendInteger(firstMerchant);
          appender.appendInteger(client.merchants);
          appender.appendVarchar(type);
          appender.appendVarchar(status);
          appender.appendBigInt(BigInt(count));
          appender.appendDouble(client.rhythm.ticket.mean);
          appender.appendDouble(client.rhythm.ticket.spread);
          appender.endRow();
        }
      }
      firstMerchant += client.merchants;
    }
  });
}

const CHANNELS = { pos: 0.7, web: 0.2, app: 0.1 };
const ISSUERS = { 'Banco Uno': 0.45, 'Banco Dos': 0.3, 'Banco Tres': 0.25 };

const KINDS: readonly (readonly [keyof SimulatedCounts, string, string])[] = [
  ['sales', 'venta', 'aprobada'],
  ['refunds', 'devolucion', 'aprobada'],
  ['declined', 'venta', 'rechazada'],
];

function* merchants(): Generator<{ merchant: number; client: string }> {
  let merchant = 0;
  for (const client of CLIENTS) {
    for (let shop = 0; shop < client.merchants; shop++) yield { merchant: ++merchant, client: client.name };
  }
}

/** Turns sales of a client into declined ones while an incident is about that. */
function decline({ sales, declined }: SimulatedCounts, client: string): void {
  for (const { kind, start, end, factor, client: of } of INCIDENTS) {
    if (kind !== 'declines' || of !== client) continue;
    const [from, to] = [start, end].map((time) => bucketAt(Date.parse(time), STEP) - FIRST_BUCKET) as [number, number];
    for (let index = from; index < to; index++) {
      const lost = Math.round((1 - factor) * sales[index]!);
      sales[index]! -= lost;
      declined[index]! += lost;
    }
  }
}

/** The product of a client's incidents and the feed gap at each bucket; the last bucket is cut short. */
function factorsOf(client: string): (index: number) => number {
  const factors = new Float64Array(BUCKETS).fill(1);
  const multiply = (startMs: number, endMs: number, factor: number) => {
    for (
      let index = bucketAt(startMs, DEFAULT_STEP_MS) - FIRST_BUCKET;
      bucketStart(FIRST_BUCKET + index, DEFAULT_STEP_MS) < endMs;
      index++
    ) {
      if (index >= 0 && index < BUCKETS) factors[index] = factors[index]! * factor;
    }
  };
  for (const incident of INCIDENTS) {
    if (incident.client === client && incident.kind !== 'declines')
      multiply(Date.parse(incident.start), Date.parse(incident.end), incident.factor);
  }
  multiply(FEED_GAP.start, FEED_GAP.end, 0);
  multiply(bucketStart(FIRST_BUCKET + BUCKETS - 1, DEFAULT_STEP_MS), COMPANY_UNTIL, (COMPANY_UNTIL % STEP) / STEP);
  return (index) => factors[index]!;
}

/**
 * One row per transaction, in time order. Every number comes from a hash of the seed and the transaction's place, so
 * that neither threads nor order can change it; amounts are log-normal (Box and Muller 1958).
 */
function transactionsOf(seed: number): string {
  const uniform = (salt: number) =>
    `(hash(${seed}, bucket_ms, first_merchant, type, status, nth, ${salt}) / 18446744073709551616.0)`;
  return `
    WITH single AS (SELECT *, unnest(range(count)) AS nth FROM plan),
    drawn AS (
      SELECT
        make_timestamp(1000 * (bucket_ms + 1000 * floor(${uniform(1)} * span_ms / 1000)::BIGINT)) AS txn_date,
        (first_merchant + floor(merchants * ${uniform(2)} ** 1.5))::INTEGER AS id_merchant,
        round(mean * exp(spread * sqrt(-2 * ln(1 - ${uniform(3)})) * cos(2 * pi() * ${uniform(4)}) - spread * spread / 2), 2) AS tpv,
        type AS txn_type, status AS estatus, nth,
        ${oneOf(CHANNELS, uniform(5))} AS canal, ${oneOf(ISSUERS, uniform(6))} AS emisor
      FROM single
    )
    SELECT printf('T%09d', row_number() OVER wide) AS txn_id, txn_date, id_merchant, tpv, txn_type, estatus, canal, emisor
    FROM drawn
    WINDOW wide AS (ORDER BY txn_date, id_merchant, txn_type, estatus, tpv, nth)
    ORDER BY txn_id`;
}
