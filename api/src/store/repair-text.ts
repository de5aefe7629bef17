import { elementAt } from '@tidemark/shared/forecasting';
import { sql } from 'drizzle-orm';
import type { Db } from './db.ts';

/** A stored text that no UTF-8 can hold, and what it was replaced by. */
export interface RepairedText {
  readonly table: string;
  readonly column: string;
  /** Value of the table's key. */
  readonly row: string;
  readonly text: string;
}

/** Texts that came from outside, with the key of their row. */
const TEXTS = [
  { table: 'series', key: 'key', columns: ['id', 'members'] },
  { table: 'maintenance', key: 'rowid', columns: ['id', 'series', 'reason'] },
  { table: 'incident', key: 'rowid', columns: ['acknowledged_by', 'labelled_by', 'note'] },
  { table: 'model', key: 'key', columns: ['version'] },
  { table: 'cycle', key: 'id', columns: ['error'] },
] as const;

/**
 * Replaces stored texts that hold half of a surrogate pair: reading one as text ends the process. Earlier versions took
 * such names in. Each half becomes U+FFFD; a name that exists already gets the number of its row.
 */
export async function repairTexts(db: Db): Promise<RepairedText[]> {
  const repaired: RepairedText[] = [];
  for (const { table, key, columns } of TEXTS) {
    for (const column of columns) {
      const name = sql.identifier(column);
      // As hexadecimal digits, which any text can be read as. A half is the bytes ED A0…BF and one more.
      const rows = await db.all<{ row: number; bytes: string }>(
        sql`SELECT ${sql.raw(key)} AS row, hex(${name}) AS bytes FROM ${sql.identifier(table)}
            WHERE hex(${name}) GLOB '*ED[AB][0-9A-F]*'`,
      );
      for (const { row, bytes } of rows) {
        const text = wellFormed(bytes);
        if (text === null) continue;
        const unique = sql`CASE WHEN EXISTS (SELECT 1 FROM ${sql.identifier(table)} WHERE ${name} = ${text})
          THEN ${`${text} (row ${row})`} ELSE ${text} END`;
        const identifies = column === 'id' || column === 'version';
        await db.run(
          sql`UPDATE ${sql.identifier(table)} SET ${name} = ${identifies ? unique : text} WHERE ${sql.raw(key)} = ${row}`,
        );
        repaired.push({ table, column, row: String(row), text });
      }
    }
  }
  return repaired;
}

/** The text of some bytes with U+FFFD for each half of a surrogate pair; `null` when there is none. */
function wellFormed(hex: string): string | null {
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  let found = false;
  const kept: number[] = [];
  for (let at = 0; at < bytes.length; at++) {
    const byte = elementAt(bytes, at);
    const isHalf = byte === 0xed && (bytes[at + 1] ?? 0) >= 0xa0 && (bytes[at + 1] ?? 0) <= 0xbf;
    if (isHalf) {
      found = true;
      kept.push(0xef, 0xbf, 0xbd);
      at += 2;
    } else kept.push(byte);
  }
  return found ? new TextDecoder().decode(Uint8Array.from(kept)) : null;
}
