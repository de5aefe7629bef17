import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { literal, openDuck } from '@tidemark/shared/warehouse/duckdb';

/** Clients of the measured logs. */
const CLIENTS = 100;
/** Raw rows per day: about what 100 clients of a payment company make. */
const ROWS_PER_DAY = 640_000;
/** Times between which every written log lies. */
export const LOG_FROM_MS = Date.UTC(2024, 0, 1);
export const LOG_TO_MS = Date.UTC(2024, 6, 1);

/** Writes a log of `rows` transactions in time order, as one Parquet file, unless it is there already. */
export async function writeLog(folder: string, rows: number): Promise<void> {
  if (existsSync(join(folder, 'merchants.parquet'))) return;
  await mkdir(folder, { recursive: true });
  const duck = await openDuck({ memoryLimit: '2GB' });
  try {
    const draw = (salt: number) => `(hash(nth, ${salt}) / 18446744073709551616.0)`;
    await duck.writeParquet(
      `SELECT nth AS txn_id, make_timestamp(1704067200000000 + nth * ${Math.round(86_400_000_000 / ROWS_PER_DAY)}) AS txn_date,
         1 + floor(${draw(1)} ** 2 * ${CLIENTS * 5})::INTEGER AS id_merchant, round(5 + 900 * ${draw(2)} ** 3, 2) AS tpv,
         CASE WHEN ${draw(3)} < 0.03 THEN 'devolucion' ELSE 'venta' END AS txn_type,
         CASE WHEN ${draw(4)} < 0.94 THEN 'aprobada' ELSE 'rechazada' END AS estatus
       FROM range(${rows}) AS r (nth)`,
      join(folder, 'transactions.parquet'),
    );
    await duck.writeParquet(
      `SELECT id::INTEGER AS id_merchant, 'client ' || lpad(((id - 1) % ${CLIENTS} + 1)::VARCHAR, 3, '0') AS client
       FROM range(1, ${CLIENTS * 5 + 1}) AS r (id)`,
      join(folder, 'merchants.parquet'),
    );
  } finally {
    duck.close();
  }
}

/** Writes a log of `months` calendar months, a few thousand rows each. */
export async function writeMonths(folder: string, months: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const duck = await openDuck();
  try {
    await duck.writeParquet(
      `SELECT nth AS txn_id, TIMESTAMP '2021-01-01' + INTERVAL (nth * 10) MINUTE AS txn_date, 1 + nth % 10 AS id_merchant,
         (100 + nth % 977)::DECIMAL(12, 2) AS tpv, 'venta' AS txn_type, 'aprobada' AS estatus
       FROM range(144 * date_diff('day', DATE '2021-01-01', DATE '2021-01-01' + INTERVAL ${months} MONTH)) AS r (nth)`,
      join(folder, 'transactions.parquet'),
    );
    await duck.writeParquet(
      `SELECT id AS id_merchant, 'client ' || id AS client FROM range(1, 11) AS r (id)`,
      join(folder, 'merchants.parquet'),
    );
  } finally {
    duck.close();
  }
}

/** Writes a log of five rows a file in `many`, and all of its rows as one file in `one`. */
export async function writeSmallFiles(many: string, one: string, files: number): Promise<void> {
  const header = 'txn_id,txn_date,id_merchant,tpv,txn_type,estatus\n';
  const linesOf = (file: number) =>
    Array.from({ length: 5 }, (_, k) => {
      const nth = 5 * file + k;
      const time = new Date(LOG_FROM_MS + nth * 600_000).toISOString().slice(0, 19).replace('T', ' ');
      return `${nth},${time},${1 + (nth % 10)},${100 + (nth % 977)}.25,venta,aprobada\n`;
    }).join('');
  await mkdir(join(many, 'transactions'), { recursive: true });
  await mkdir(one, { recursive: true });
  const all = Array.from({ length: files }, (_, file) => linesOf(file));
  for (const [file, lines] of all.entries()) {
    await writeFile(join(many, 'transactions', `${String(file).padStart(5, '0')}.csv`), header + lines);
  }
  await writeFile(join(one, 'transactions.csv'), header + all.join(''));
  const merchants = Array.from({ length: 10 }, (_, k) => `${k + 1},client ${k + 1}\n`).join('');
  for (const folder of [many, one]) await writeFile(join(folder, 'merchants.csv'), `id_merchant,client\n${merchants}`);
}

/** The sums as one would write them for DuckDB itself, into a table in memory: what ours is measured against. */
export function plainGroupBy(folder: string): string {
  const table = (name: string) => `read_parquet(${literal(join(folder, `${name}.parquet`))})`;
  return `CREATE TABLE plain AS SELECT client, time_bucket(INTERVAL 2 HOURS, txn_date) AS bucket_start,
      sum(tpv::DECIMAL(18, 2)) FILTER (WHERE txn_type = 'venta') AS gross,
      sum(tpv::DECIMAL(18, 2)) FILTER (WHERE txn_type = 'devolucion') AS refunds, count(*) AS transactions
    FROM ${table('transactions')} LEFT JOIN ${table('merchants')} USING (id_merchant)
    WHERE estatus = 'aprobada' AND txn_type IN ('venta', 'devolucion') GROUP BY ALL`;
}
