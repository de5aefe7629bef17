import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createRandom } from '@tidemark/shared/forecasting';
import { literal, openDuck } from '@tidemark/shared/warehouse/duckdb';

/** One row of the made-up log, as the table holds it; `cents` are hundredths of the stored amount. */
export interface Payment {
  /** Epoch ms, on a whole second. */
  readonly atMs: number;
  readonly merchant: number | null;
  readonly cents: bigint | null;
  readonly type: 'venta' | 'devolucion' | 'ajuste';
  readonly status: 'aprobada' | 'rechazada';
  /** Where it was made; absent where nobody knows. */
  readonly channel?: 'pos' | 'web' | undefined;
}

/** Merchant rows, in all the shapes that go wrong: twice, without client, with an empty name, with awkward letters. */
const MERCHANTS: readonly (readonly [id: number, client: string | null])[] = [
  [1, 'Norte'],
  [2, 'Norte'],
  [2, 'Norte'],
  [3, 'O\'Higgins, "Ñandú"\n& Cía'],
  [4, null],
  [5, ''],
  [6, 'Zulú'],
  [6, 'Alfa'],
];

const FIRST_MS = Date.parse('2023-12-30T00:00:00Z');
const LAST_MS = Date.parse('2024-03-02T13:07:11Z');

/** A log over two month ends and a leap day, with refunds of either sign and months' first and last seconds. */
export function makePayments(count = 9_000): Payment[] {
  const random = createRandom(42);
  const edges = ['2024-01-01', '2024-02-01', '2024-02-29', '2024-03-01'].flatMap((day) => {
    const ms = Date.parse(`${day}T00:00:00Z`);
    return [ms - 1000, ms];
  });
  const times = [FIRST_MS, LAST_MS, ...edges];
  while (times.length < count) times.push(FIRST_MS + 1000 * random.below((LAST_MS - FIRST_MS) / 1000));
  return times.map((atMs) => {
    const draw = random.uniform();
    const type = draw < 0.8 ? 'venta' : draw < 0.97 ? 'devolucion' : 'ajuste';
    const size = BigInt(1 + random.below(5_000_000));
    const negative = type === 'devolucion' && random.uniform() < 0.5;
    return {
      atMs,
      merchant: random.uniform() < 0.01 ? null : 1 + random.below(7),
      cents: random.uniform() < 0.005 ? null : negative ? -size : size,
      type,
      status: random.uniform() < 0.9 ? 'aprobada' : 'rechazada',
      channel: ([undefined, 'pos', 'web'] as const)[random.below(3)],
    };
  });
}

/** How the table is stored. */
export interface Storage {
  /** SQL type and value of the time column; `at_s` is epoch seconds. */
  readonly time?: string;
  readonly amountType?: string;
  readonly format?: 'parquet' | 'csv';
  /** Hive partitions by day under `transactions/dt=…/`. */
  readonly partitioned?: boolean;
}

/** Writes the log as the tables of a history folder. */
export async function writePayments(
  folder: string,
  payments: readonly Payment[],
  storage: Storage = {},
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const duck = await openDuck();
  try {
    const { time = 'make_timestamp(at_s * 1000000)', amountType = 'DECIMAL(18, 2)', format = 'parquet' } = storage;
    await duck.run(
      'CREATE TABLE raw (nth INTEGER, at_s BIGINT, merchant INTEGER, amount VARCHAR, type VARCHAR, status VARCHAR, channel VARCHAR)',
    );
    await duck.append('raw', (appender) => {
      payments.forEach((payment, nth) => {
        appender.appendInteger(nth);
        appender.appendBigInt(BigInt(payment.atMs / 1000));
        if (payment.merchant === null) appender.appendNull();
        else appender.appendInteger(payment.merchant);
        if (payment.cents === null) appender.appendNull();
        else appender.appendVarchar(decimalText(payment.cents));
        appender.appendVarchar(payment.type);
        appender.appendVarchar(payment.status);
        if (payment.channel === undefined) appender.appendNull();
        else appender.appendVarchar(payment.channel);
        appender.endRow();
      });
    });
    const transactions = `SELECT 'T' || nth AS txn_id, ${time} AS txn_date, merchant AS id_merchant, amount::${amountType} AS tpv,
      type AS txn_type, status AS estatus, channel AS canal${storage.partitioned ? ", strftime(make_timestamp(at_s * 1000000), '%Y-%m-%d') AS dt" : ''}
      FROM raw ORDER BY hash(nth)`;
    const rows = MERCHANTS.map(([id, client]) => `(${id}, ${client === null ? 'NULL' : literal(client)})`).join(', ');
    const merchants = `SELECT * FROM (VALUES ${rows}) AS m (id_merchant, client)`;
    const copy = (query: string, table: string, more = '') =>
      duck.run(`COPY (${query}) TO ${literal(join(folder, table))} (FORMAT ${format}${more})`);
    if (storage.partitioned) await copy(transactions, 'transactions', ', PARTITION_BY (dt)');
    else await copy(transactions, `transactions.${format}`);
    await copy(merchants, `merchants.${format}`);
  } finally {
    duck.close();
  }
}

/** One bucket of the expected result, its money in cents. */
export interface ExpectedBucket {
  gross: bigint;
  refunds: bigint;
  transactions: number;
  attempts: number;
  approved: number;
  sales: number;
  /** Σ ln(amount) and Σ ln(amount)² of the approved sales of more than 0, in ten-thousandths. */
  logSum: bigint;
  logSquares: bigint;
  /** Attempts and approved by channel, `∅` for none. */
  channels: Record<string, [attempts: number, approved: number]>;
}

/** Whether a payment's money is in a bucket: accepted, a sale or a refund, and with an amount. */
export function isCounted({ status, type, cents }: Payment): boolean {
  return status === 'aprobada' && type !== 'ajuste' && cents !== null;
}

/**
 * The buckets a log should give, added up one payment at a time in whole cents: nothing of the product's SQL in it.
 * Keys are `client|bucket`, with `∅` for no client.
 */
export function expectedBuckets(
  payments: readonly Payment[],
  stepMs: number,
  instantMs = (payment: Payment) => payment.atMs,
) {
  const clientOf = new Map<number, string | null>();
  for (const [id, client] of MERCHANTS) {
    const known = clientOf.get(id);
    if (known == null || (client !== null && client < known)) clientOf.set(id, client);
  }
  const expected = new Map<string, ExpectedBucket>();
  for (const payment of payments) {
    const approved = payment.status === 'aprobada';
    const sale = payment.type === 'venta';
    if (payment.type === 'ajuste' || !(approved || sale)) continue;
    const client = (payment.merchant === null ? null : clientOf.get(payment.merchant)) ?? '∅';
    const key = `${client}|${Math.floor(instantMs(payment) / stepMs)}`;
    const bucket = expected.get(key) ?? emptyBucket();
    expected.set(key, bucket);
    const { cents } = payment;
    if (sale) {
      bucket.attempts++;
      bucket.channels[payment.channel ?? '∅'] ??= [0, 0];
      const counted = bucket.channels[payment.channel ?? '∅'] as [number, number];
      counted[0]++;
      if (approved) counted[1]++;
    }
    if (!approved) continue;
    if (sale) bucket.approved++;
    // Of an approval without an amount only the count is known.
    if (cents === null) continue;
    bucket.transactions++;
    if (sale) {
      bucket.gross += cents;
      if (cents > 0n) countLog(bucket, cents);
    } else bucket.refunds += cents < 0n ? -cents : cents;
  }
  return expected;
}

function emptyBucket(): ExpectedBucket {
  const counts = { transactions: 0, attempts: 0, approved: 0, sales: 0 };
  return { gross: 0n, refunds: 0n, ...counts, logSum: 0n, logSquares: 0n, channels: {} };
}

function countLog(bucket: ExpectedBucket, cents: bigint): void {
  const log = Math.log(Number(cents) / 100);
  const rounded = BigInt(Math.sign(log) * Math.round(Math.abs(log) * 1e4));
  bucket.sales++;
  bucket.logSum += rounded;
  bucket.logSquares += (rounded * rounded + 5_000n) / 10_000n;
}

/** Cents, or another whole number of a unit's last decimal, as decimal text: `-0.05`. */
export function decimalText(cents: bigint, decimals = 2): string {
  const digits = String(cents < 0n ? -cents : cents).padStart(decimals + 1, '0');
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
