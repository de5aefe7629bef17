import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Series } from '@tidemark/shared/forecasting';
import { literal, openDuck } from '@tidemark/shared/warehouse/duckdb';

/**
 * Writes the tables of a payment company whose clients' sales add up to the given series: per bucket two approved sales,
 * a refund and a declined sale; nothing at all where a value is not a number.
 */
export async function writeTables(folder: string, all: readonly Series[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const duck = await openDuck();
  try {
    await duck.run('CREATE TABLE bucket (merchant INTEGER, start_s BIGINT, cents BIGINT)');
    await duck.append('bucket', (appender) => {
      all.forEach(({ values, firstBucket, stepMs }, merchant) => {
        values.forEach((value, index) => {
          if (Number.isNaN(value)) return;
          appender.appendInteger(merchant);
          appender.appendBigInt(BigInt(((firstBucket + index) * stepMs) / 1000));
          appender.appendBigInt(BigInt(Math.round(value * 100)));
          appender.endRow();
        });
      });
    });
    const row = (seconds: number, cents: string, type: string, status: string) =>
      `SELECT merchant AS id_merchant, make_timestamp((start_s + ${seconds}) * 1000000) AS txn_date,
        CAST((${cents}) / 100.0 AS DECIMAL(18, 2)) AS tpv, '${type}' AS txn_type, '${status}' AS estatus FROM bucket`;
    const transactions = [
      row(0, 'cents // 3', 'venta', 'aprobada'),
      row(7_199, 'cents - cents // 3', 'venta', 'aprobada'),
      row(60, '-100', 'devolucion', 'aprobada'),
      row(61, '999999', 'venta', 'rechazada'),
    ].join(' UNION ALL ');
    const merchants = all.map(({ id }, merchant) => `(${merchant}, ${literal(id)})`).join(', ');
    await duck.run(`COPY (${transactions}) TO ${literal(join(folder, 'transactions.parquet'))}`);
    await duck.run(
      `COPY (SELECT * FROM (VALUES ${merchants}) AS m (id_merchant, client)) TO ${literal(join(folder, 'merchants.parquet'))}`,
    );
  } finally {
    duck.close();
  }
}

/** `TIDEMARK_ATHENA` for these tables. */
export function athenaSettingText(timeoutMinutes = 10): string {
  return JSON.stringify({
    workgroup: 'primary',
    database: 'default',
    timeoutMinutes,
    tables: {
      transactions: {
        table: 'transactions',
        time: { column: 'txn_date' },
        merchant: 'id_merchant',
        amount: 'tpv',
        status: { column: 'estatus', accepted: ['aprobada'] },
        type: { column: 'txn_type', sales: ['venta'], refunds: ['devolucion'] },
      },
      merchants: { table: 'merchants', key: 'id_merchant', client: 'client' },
    },
  });
}
