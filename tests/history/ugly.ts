import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** One transaction as it happened. */
export interface Sale {
  readonly id: string;
  /** Epoch ms on a whole second; `null` where nobody knows. */
  readonly atMs: number | null;
  readonly merchant: string;
  /** `null` where nobody knows. */
  readonly cents: number | null;
  readonly type: string;
  readonly status: string;
}

/** How somebody exported it. */
export interface Export {
  readonly delimiter?: ',' | ';' | '\t' | '|';
  readonly time?: (atMs: number) => string;
  readonly amount?: (cents: number) => string;
  readonly header?: readonly string[];
  /** Bytes of the text; UTF-8 unless said otherwise. */
  readonly encode?: (text: string) => Buffer;
  readonly gzip?: boolean;
}

const HEADER = ['txn_id', 'txn_date', 'id_merchant', 'tpv', 'txn_type', 'estatus'];

/** `2026-01-31 13:45:00`. */
export const isoTime = (atMs: number) => new Date(atMs).toISOString().slice(0, 19).replace('T', ' ');

/** `1234.50`. */
export const plainAmount = (cents: number) => (cents / 100).toFixed(2);

/** `1.234,50` with the signs that are given. */
export const groupedAmount = (decimal: string, thousands: string) => (cents: number) => {
  const [whole = '', part = ''] = (Math.abs(cents) / 100).toFixed(2).split('.');
  return `${cents < 0 ? '-' : ''}${whole.replace(/\B(?=(\d{3})+$)/g, thousands)}${decimal}${part}`;
};

/** `31/01/2026 13:45:00`. */
export const dayFirst = (atMs: number) => {
  const [date = '', clock = ''] = isoTime(atMs).split(' ');
  return `${date.split('-').reverse().join('/')} ${clock}`;
};

/** A sale of each of two merchants every few hours: cents, seconds and ids all differ. */
export function sales(count: number, from = '2026-01-01T00:07:00Z'): Sale[] {
  return Array.from({ length: count }, (_, nth) => ({
    id: `T${nth + 1}`,
    atMs: Date.parse(from) + nth * 3_660_000,
    merchant: String(1 + (nth % 2)),
    cents: 10_000 + ((nth * 7919) % 250_000),
    type: 'venta',
    status: 'aprobada',
  }));
}

/** The text of a file of transactions. */
export function csvOf(all: readonly Sale[], how: Export = {}): string {
  const { delimiter = ',', time = isoTime, amount = plainAmount, header = HEADER } = how;
  const cell = (text: string) =>
    text.includes(delimiter) || text.includes('"') ? `"${text.replaceAll('"', '""')}"` : text;
  const lines = all.map(({ id, atMs, merchant, cents, type, status }) =>
    [id, atMs === null ? '' : time(atMs), merchant, cents === null ? '' : amount(cents), type, status]
      .map(cell)
      .join(delimiter),
  );
  return `${[header.join(delimiter), ...lines].join('\n')}\n`;
}

/** Writes files of a history folder, `.gz` packed; the merchant table is there unless given. */
export async function writeHistory(folder: string, files: Readonly<Record<string, string | Buffer>>): Promise<string> {
  const all = { 'merchants.csv': 'id_merchant,client\n1,Alpha\n2,Beta\n', ...files };
  for (const [name, content] of Object.entries(all)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, name.endsWith('.gz') ? gzipSync(content) : content);
  }
  return folder;
}

/** Cents as decimal text. */
export function decimal(cents: number): string {
  return plainAmount(cents);
}

/** Sum of the cents that are known. */
export function centsOf(all: readonly Sale[]): number {
  return all.reduce((sum, { cents }) => sum + (cents ?? 0), 0);
}
