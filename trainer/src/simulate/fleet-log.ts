import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { HOUR_MS, zoneClock } from '@tidemark/shared/forecasting';
import { type Duck, openDuck } from '@tidemark/shared/warehouse/duckdb';
import { writeJson, writeText } from '../write-file.ts';
import { type FleetClient, type FleetSpan, fleetClients } from './fleet-clients.ts';
import { type FleetTrouble, fleetTroubles } from './fleet-troubles.ts';
import { oneOf } from './one-of.ts';
import { random } from './random.ts';

/** What a fleet is drawn from. */
export interface FleetOptions {
  readonly seed: number;
  readonly clients: number;
  readonly days: number;
  /** Multiplies what all clients sell. */
  readonly scale: number;
  /** IANA name of the merchants' zone. */
  readonly zone: string;
  /** Shape of what hours vary by beyond Poisson, ≥ 1: relative variance 1 ÷ noise. */
  readonly noise: number;
  /** Standard deviation of the logarithm of an amount. */
  readonly tail: number;
}

/** What `writeFleetLog` wrote. */
export interface FleetLog {
  readonly transactions: number;
  readonly clients: number;
  readonly troubles: number;
}

/** A fleet as it is unless asked for otherwise. */
export const DEFAULT_FLEET: FleetOptions = {
  seed: 1,
  clients: 40,
  days: 400,
  scale: 0.5,
  zone: 'America/Bogota',
  noise: 25,
  tail: 0.9,
};

/** Local date on which a fleet's log ends. */
const ENDS = Date.parse('2026-11-16T00:00:00Z');
const APPROVED = 0.92;
const LOG_AMOUNT = 3.4;
const REFUNDS = 0.03;
const CHANNELS = { pos: 0.6, web: 0.25, app: 0.15 };
const ISSUERS = { E1: 0.3, E2: 0.2, E3: 0.15, E4: 0.12, E5: 0.09, E6: 0.06, E7: 0.05, E8: 0.03 };
const MOST_MERCHANTS = 20;

/**
 * Writes a fleet with known troubles: `transactions.parquet` with status, channel and issuer, `merchants.parquet`,
 * `truth.csv` and a fitting `tidemark.config.json`. The same options write the same bytes.
 */
export async function writeFleetLog(folder: string, options: FleetOptions): Promise<FleetLog> {
  await mkdir(folder, { recursive: true });
  const clock = zoneClock(options.zone);
  const hours = 24 * options.days;
  const end = ENDS - clock.offsetMs(ENDS);
  const span: FleetSpan = { clock, from: end - hours * HOUR_MS, hours };
  const source = random(options.seed);
  const clients = fleetClients(options.clients, options.scale, span, source);
  const troubles = fleetTroubles(clients, span, source);
  const duck = await openDuck();
  try {
    const transactions = await writeTables(duck, folder, { options, span, clients, troubles });
    await writeText(join(folder, 'truth.csv'), truthOf(clients, troubles, span));
    await writeJson(join(folder, 'tidemark.config.json'), {
      timeZone: options.zone,
      groups: { eachClient: true, named: { total: 'all' } },
    });
    return { transactions, clients: clients.length, troubles: troubles.length };
  } finally {
    duck.close();
  }
}

interface Fleet {
  readonly options: FleetOptions;
  readonly span: FleetSpan;
  readonly clients: readonly FleetClient[];
  readonly troubles: readonly FleetTrouble[];
}

async function writeTables(duck: Duck, folder: string, fleet: Fleet): Promise<number> {
  await duck.run('CREATE TABLE merchants (id_merchant VARCHAR, client VARCHAR, place INTEGER)');
  for (const [place, { name }] of fleet.clients.entries()) {
    for (let shop = 0; shop < merchantsOf(name); shop++) {
      const id = `${String(place).padStart(3, '0')}${String(shop).padStart(2, '0')}`;
      await duck.run('INSERT INTO merchants VALUES (?, ?, ?)', [id, name, place]);
    }
  }
  await planHours(duck, fleet);
  await duck.writeParquet(transactionsOf(fleet.options), join(folder, 'transactions.parquet'));
  await duck.writeParquet(
    'SELECT id_merchant, client FROM merchants ORDER BY id_merchant',
    join(folder, 'merchants.parquet'),
  );
  const [counted] = await duck.rows<{ rows: number }>(
    `SELECT count(*)::DOUBLE AS rows FROM '${join(folder, 'transactions.parquet').replaceAll("'", "''")}'`,
  );
  return counted?.rows ?? 0;
}

/** A client has a merchant for every ten transactions in two hours, one at least. */
function merchantsOf(client: string): number {
  return Math.max(1, Math.min(MOST_MERCHANTS, Math.round(Number(client.slice(client.lastIndexOf('-') + 1)) / 10)));
}

/** Attempts per client and hour, and what is wrong with them; DuckDB turns each into that many transactions. */
async function planHours(duck: Duck, { options, span, clients, troubles }: Fleet): Promise<void> {
  await duck.run(`CREATE TABLE plan (
    place INTEGER, merchants INTEGER, start_ms BIGINT, attempts BIGINT, approval DOUBLE, ticket DOUBLE,
    channel_down VARCHAR, issuer_down VARCHAR, issuer_approval DOUBLE)`);
  await duck.append('plan', (appender) => {
    for (const [place, { name, hourly }] of clients.entries()) {
      const source = random(1_000 * options.seed + place + 1);
      const own = troubles.filter(({ client }) => client === place);
      for (let hour = 0; hour < span.hours; hour++) {
        const now = own.filter(({ from, to }) => hour >= from && hour < to);
        const of = (cause: string) => now.find((trouble) => trouble.cause === cause);
        const factor = now.reduce((product, one) => (one.cause === 'attempts' ? product * one.factor : product), 1);
        const mean = (hourly[hour]! * factor) / APPROVED;
        const attempts = mean > 0 ? source.poisson(mean * source.gamma(options.noise)) : 0;
        if (attempts === 0) continue;
        appender.appendInteger(place);
        appender.appendInteger(merchantsOf(name));
        appender.appendBigInt(BigInt(span.from + hour * HOUR_MS));
        appender.appendBigInt(BigInt(attempts));
        appender.appendDouble(of('approval')?.factor ?? APPROVED);
        appender.appendDouble(of('ticket')?.factor ?? 1);
        appender.appendVarchar(of('channel')?.value ?? '');
        appender.appendVarchar(of('issuer')?.value ?? '');
        appender.appendDouble(of('issuer')?.factor ?? APPROVED);
        appender.endRow();
      }
    }
  });
}

/**
 * One row per transaction, client by client in the order of their hours. Every number comes from a hash of the seed and
 * the transaction's place, so that neither threads nor order can change it; amounts are log-normal (Box & Muller 1958).
 */
function transactionsOf({ seed, tail }: FleetOptions): string {
  const uniform = (salt: number) => `(hash(${seed}, place, start_ms, nth, ${salt}) / 18446744073709551616.0)`;
  const normal = `sqrt(-2 * ln(1 - ${uniform(1)})) * cos(2 * pi() * ${uniform(2)})`;
  return `
    WITH single AS (SELECT *, unnest(range(attempts)) AS nth FROM plan),
    drawn AS (
      SELECT *, ${oneOf(CHANNELS, uniform(3))} AS canal, ${oneOf(ISSUERS, uniform(4))} AS emisor FROM single
    ),
    told AS (
      SELECT *, ${uniform(5)} < CASE WHEN emisor = issuer_down THEN issuer_approval ELSE approval END AS passes
      FROM drawn WHERE canal <> channel_down
    )
    SELECT
      printf('F%03d-%d-%d', place, start_ms // ${HOUR_MS}, nth) AS txn_id,
      make_timestamp(1000 * (start_ms + 1000 * floor(3600 * ${uniform(6)})::BIGINT)) AS txn_date,
      printf('%03d%02d', place, floor(merchants * ${uniform(7)})::INTEGER) AS id_merchant,
      round(ticket * exp(${LOG_AMOUNT} + ${tail} * ${normal}), 2)::DECIMAL(14, 2) AS tpv,
      CASE WHEN passes AND ${uniform(8)} < ${REFUNDS} THEN 'devolucion' ELSE 'venta' END AS txn_type,
      CASE WHEN passes THEN 'aprobada' ELSE 'rechazada' END AS estatus,
      canal, emisor
    FROM told`;
}

/** `truth.csv`: what was wrong with whom, when, and how many transactions it was about. */
function truthOf(clients: readonly FleetClient[], troubles: readonly FleetTrouble[], { from }: FleetSpan): string {
  const time = (hour: number) => new Date(from + hour * HOUR_MS).toISOString();
  const rows = troubles.map(({ client, kind, side, from: start, to, expected, cause, value }) =>
    [clients[client]!.name, kind, side, time(start), time(to), expected.toFixed(2), cause, value].join(','),
  );
  return `client,kind,side,start,end,expected,cause,value\n${rows.join('\n')}\n`;
}
