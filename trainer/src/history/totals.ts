import { existsSync } from 'node:fs';
import { literal, openDuck } from '@tidemark/shared/warehouse/duckdb';
import { addSetAside, type SetAside } from './account.ts';
import { bucketFile, type Entry, type Manifest } from './manifest.ts';
import { addDecimals } from './money.ts';

/** Exact sums over a whole history; money is decimal text. */
export interface HistoryTotals {
  readonly grossTotal: string;
  readonly refundTotal: string;
  readonly netTotal: string;
  readonly transactions: number;
  /** Transactions without a client; their volume is in the totals, not in any client's. */
  readonly unmatched: number;
  /** Transactions of merchants that the merchant table lists more than once. */
  readonly duplicated: number;
  /** Transactions that came after their bucket had been fetched as complete. */
  readonly late: number;
  /** Transactions in no bucket, by reason, with their money. */
  readonly setAside: SetAside;
  readonly rows: number;
  readonly scannedBytes: number;
}

/** Adds the windows of a manifest up. */
export function totalsOf(manifest: Manifest): HistoryTotals {
  const entries = Object.values(manifest.windows);
  const count = (of: (entry: Entry) => number) => entries.reduce((sum, entry) => sum + of(entry), 0);
  return {
    grossTotal: addDecimals(entries.map((entry) => entry.total.gross)),
    refundTotal: addDecimals(entries.map((entry) => entry.total.refunds)),
    netTotal: addDecimals(entries.map((entry) => entry.total.net)),
    transactions: count((entry) => entry.total.transactions),
    unmatched: count((entry) => entry.unmatched.transactions),
    duplicated: count((entry) => sumOf(entry.duplicated)),
    late: count((entry) => sumOf(entry.late)),
    setAside: addSetAside([...entries.map((entry) => entry.setAside as SetAside), manifest.setAside as SetAside]),
    rows: count((entry) => entry.rows),
    scannedBytes: count((entry) => entry.scannedBytes),
  };
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** One client's exact sums over the whole history. */
export interface ClientTotals {
  readonly client: string;
  readonly gross: string;
  readonly refunds: string;
  readonly net: string;
  readonly transactions: number;
}

/** Exact sums per client, largest net first; transactions without a client are left out. */
export async function clientTotals(workFolder: string, manifest: Manifest): Promise<ClientTotals[]> {
  const files = Object.keys(manifest.windows)
    .map((month) => bucketFile(workFolder, month))
    .filter((file) => existsSync(file));
  if (files.length === 0) return [];
  const duck = await openDuck();
  try {
    return await duck.rows<ClientTotals & object>(`
      SELECT client, sum(gross)::VARCHAR AS gross, sum(refunds)::VARCHAR AS refunds, sum(net)::VARCHAR AS net,
        sum(transactions)::DOUBLE AS transactions
      FROM read_parquet([${files.map(literal).join(', ')}]) WHERE client IS NOT NULL
      GROUP BY client ORDER BY sum(net) DESC, client`);
  } finally {
    duck.close();
  }
}
